// A URL's text into its parts and back, as the URL standard has it; of `file:`, without its Windows drive letters.

import { parseHost } from "./host.js";
import { encode, sets } from "./percent.js";

/** The special schemes, with their default ports. */
const PORTS = { http: "80", https: "443", ws: "80", wss: "443", ftp: "21", file: null };

export function isSpecial({ scheme }) {
  return Object.hasOwn(PORTS, scheme);
}

/** The parts of `text`, or nothing if it is no URL. */
export function parse(text, base) {
  // What the standard strips.
  const trimmed = text.replace(/^[\0- ]+|[\0- ]+$/g, "").replace(/[\t\n\r]/g, "");
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(trimmed);
  if (!scheme) return base && relative(trimmed, base);
  const url = { ...EMPTY, scheme: scheme[1].toLowerCase() };
  const rest = trimmed.slice(scheme[0].length);
  if (!isSpecial(url)) return rest.startsWith("//") ? withAuthority(url, rest.slice(2)) : withoutAuthority(url, rest);
  if (base?.scheme === url.scheme && !(url.scheme === "file" ? /^[/\\]/ : /^\/\//).test(rest)) return relative(rest, base);
  if (url.scheme === "file") return fromFile(url, rest);
  return withAuthority(url, rest.replace(/^[/\\]*/, ""));
}

// eslint-disable-next-line security/detect-unsafe-regex -- the first part takes no colon, the second begins with one
const PLACE = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s;
// eslint-disable-next-line security/detect-unsafe-regex -- each part ends where the next one's sign is
const PARTS = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

const EMPTY = { scheme: "", username: "", password: "", host: null, port: "", path: "", query: null, fragment: null };

function fromFile(url, rest) {
  const slashes = rest.replace(/\\/g, "/");
  return slashes.startsWith("//") ? withAuthority(url, rest.slice(2)) : finish({ ...url, host: "" }, rest, []);
}

function relative(rest, base) {
  if (isOpaque(base)) return rest.startsWith("#") ? { ...base, fragment: encode(rest.slice(1), sets.fragment) } : undefined;
  const special = isSpecial(base);
  const slash = special ? /^[/\\]/ : /^\//;
  if (slash.test(rest) && slash.test(rest.slice(1))) {
    const authority = special && base.scheme !== "file" ? rest.replace(/^[/\\]*/, "") : rest.slice(2);
    return withAuthority({ ...EMPTY, scheme: base.scheme }, authority);
  }
  const url = { ...base, query: null, fragment: null };
  if (slash.test(rest)) return finish(url, rest, []);
  const segments = base.path.split("/").slice(1);
  if (rest === "" || rest.startsWith("#")) return finish({ ...url, query: base.query }, rest, segments, true);
  if (rest.startsWith("?")) return finish(url, rest, segments, true);
  return finish(url, rest, segments.slice(0, -1));
}

function withAuthority(url, rest) {
  const end = rest.search(isSpecial(url) ? /[/\\?#]/ : /[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const at = authority.lastIndexOf("@");
  const [username, ...password] = at < 0 ? [""] : authority.slice(0, at).split(":");
  const place = hostAndPort(url, authority.slice(at + 1));
  if (place === undefined || (place.host === "" && at >= 0)) return undefined;
  const credentials = { username: encode(username, sets.userinfo), password: encode(password.join(":"), sets.userinfo) };
  return finish({ ...url, ...credentials, ...place }, end < 0 ? "" : rest.slice(end), []);
}

export function hostAndPort(url, text) {
  const [, name, port = ""] = PLACE.exec(text) ?? [];
  if (name === undefined || !/^\d*$/.test(port) || Number(port) > 65535) return undefined;
  if (url.scheme === "file") return fileHost(name, text);
  if (name === "") return isSpecial(url) || port !== "" || text !== "" ? undefined : { host: "", port: "" };
  const host = parseHost(name, isSpecial(url));
  const number = port === "" ? "" : String(Number(port));
  return host === undefined ? undefined : { host, port: number === PORTS[url.scheme] ? "" : number };
}

function fileHost(name, text) {
  if (name !== text) return undefined;
  const host = name === "" ? "" : parseHost(name, true);
  return host === undefined ? undefined : { host: host === "localhost" ? "" : host, port: "" };
}

function withoutAuthority(url, rest) {
  if (rest.startsWith("/")) return finish(url, rest, []);
  const { path, query, fragment } = split(rest);
  return { ...url, path: encode(path, sets.control), opaque: true, ...tail(url, query, fragment) };
}

export function isOpaque(url) {
  return url.opaque === true;
}

function split(rest) {
  const [, path, query, fragment] = PARTS.exec(rest);
  return { path, query, fragment };
}

function tail(url, query, fragment) {
  return {
    query: query === undefined ? url.query : encodeQuery(url, query),
    fragment: fragment === undefined ? url.fragment : encode(fragment, sets.fragment),
  };
}

export function encodeQuery(url, query) {
  return encode(query, isSpecial(url) ? sets.specialQuery : sets.query);
}

/** The URL with its path, which goes on from `before`, its query and its fragment. */
function finish(url, rest, before, samePath = false) {
  const { path, query, fragment } = split(rest);
  const whole = samePath ? url.path : encodePath(url, path, before);
  return { ...url, path: whole, ...tail(url, query, fragment) };
}

const DOT = /^(?:\.|%2e)$/i;
const DOTS = /^(?:\.|%2e){2}$/i;

export function encodePath(url, text, before = []) {
  const special = isSpecial(url);
  if (text === "" && before.length === 0) return special ? "/" : "";
  const parts = (special ? text.replace(/\\/g, "/") : text).replace(/^\//, "").split("/");
  const segments = [...before];
  for (const [at, part] of parts.entries()) {
    const last = at === parts.length - 1;
    if (DOTS.test(part)) segments.pop();
    if (DOTS.test(part) || DOT.test(part)) {
      if (last) segments.push("");
    } else segments.push(encode(part, sets.path));
  }
  return `/${segments.join("/")}`;
}

/** The text of a URL. */
export function serialize(url, withFragment = true) {
  const authority = url.host === null ? (url.path.startsWith("//") ? "/." : "") : `//${credentials(url)}${hostOf(url)}`;
  const query = url.query === null ? "" : `?${url.query}`;
  const fragment = url.fragment === null || !withFragment ? "" : `#${url.fragment}`;
  return `${url.scheme}:${authority}${url.path}${query}${fragment}`;
}

function credentials({ username, password }) {
  if (username === "" && password === "") return "";
  return `${username}${password === "" ? "" : `:${password}`}@`;
}

export function hostOf({ host, port }) {
  return `${host ?? ""}${port === "" ? "" : `:${port}`}`;
}
