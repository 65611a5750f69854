// `URL`.

import { encode, sets } from "./percent.js";
import { encodePath, encodeQuery, hostAndPort, hostOf, isOpaque, isSpecial, parse, serialize } from "./parse.js";
import { URLSearchParams } from "./search.js";

export { URLSearchParams };

export class URL {
  #url;
  #params;

  constructor(text, base) {
    const under = base === undefined ? undefined : parsed(String(base));
    this.#url = parsed(String(text), under);
  }

  static parse(text, base) {
    return URL.canParse(text, base) ? new URL(text, base) : null;
  }

  static canParse(text, base) {
    const under = base === undefined ? undefined : parse(String(base));
    return !(base !== undefined && under === undefined) && parse(String(text), under) !== undefined;
  }

  get href() {
    return serialize(this.#url);
  }

  set href(text) {
    this.#url = parsed(String(text));
    this.#params = undefined;
  }

  get origin() {
    const { scheme } = this.#url;
    return isSpecial(this.#url) && scheme !== "file" ? `${scheme}://${hostOf(this.#url)}` : "null";
  }

  get protocol() {
    return `${this.#url.scheme}:`;
  }

  set protocol(text) {
    const scheme = String(text).replace(/:[^]*$/, "").toLowerCase();
    if (/^[a-z][a-z0-9+.-]*$/.test(scheme) && isSpecial({ scheme }) === isSpecial(this.#url)) this.#change({ scheme });
  }

  get username() {
    return this.#url.username;
  }

  set username(text) {
    if (this.#url.host) this.#change({ username: encode(String(text), sets.userinfo) });
  }

  get password() {
    return this.#url.password;
  }

  set password(text) {
    if (this.#url.host) this.#change({ password: encode(String(text), sets.userinfo) });
  }

  get host() {
    return hostOf(this.#url);
  }

  set host(text) {
    this.#place(text, (place) => place);
  }

  get hostname() {
    return this.#url.host ?? "";
  }

  set hostname(text) {
    this.#place(text, ({ host }) => ({ host }));
  }

  get port() {
    return this.#url.port;
  }

  set port(text) {
    if (text === "") this.#change({ port: "" });
    else this.#place(`x:${text}`, ({ port }) => ({ port }));
  }

  get pathname() {
    return this.#url.path;
  }

  set pathname(text) {
    if (!isOpaque(this.#url)) this.#change({ path: encodePath(this.#url, String(text).replace(/[?#]/g, encodeURIComponent)) || "/" });
  }

  get search() {
    return this.#url.query ? `?${this.#url.query}` : "";
  }

  set search(text) {
    const query = String(text).replace(/^\?/, "");
    this.#change({ query: query === "" ? null : encodeQuery(this.#url, query) });
    this.#params = undefined;
  }

  get searchParams() {
    this.#params ??= URLSearchParams.of(this.#url.query ?? "", (query) => this.#change({ query: query === "" ? null : query }));
    return this.#params;
  }

  get hash() {
    return this.#url.fragment ? `#${this.#url.fragment}` : "";
  }

  set hash(text) {
    const fragment = String(text).replace(/^#/, "");
    this.#change({ fragment: fragment === "" ? null : encode(fragment, sets.fragment) });
  }

  toString() {
    return this.href;
  }

  toJSON() {
    return this.href;
  }

  #change(parts) {
    this.#url = { ...this.#url, ...parts };
  }

  #place(text, choose) {
    if (isOpaque(this.#url)) return;
    const place = hostAndPort(this.#url, String(text));
    if (place) this.#change(choose(place));
  }
}

function parsed(text, base) {
  const url = parse(text, base);
  if (url === undefined) throw new TypeError(`"${text}" is no URL`);
  return url;
}
