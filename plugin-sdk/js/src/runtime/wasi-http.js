// One request over `wasi:http`, which the operator's grants meet in the host.

import handler from "wasi:http/outgoing-handler@0.9.12";
import http from "wasi:http/types@0.9.12";

import { TextDecoder } from "./encoding.js";
import { payload } from "./payload.js";

/** What `wasi:io` takes in one write. */
const CHUNK_BYTES = 4096;
/** What is asked for in one read. */
const READ_BYTES = 64 * 1024;
const METHODS = ["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"];

const latin1 = new TextDecoder("windows-1252");

/** Sends a request and waits for the head of its answer. */
export function transmit({ method, url, headers, body, timeoutMs }) {
  const { host } = url;
  const request = outgoing(method, url, headers);
  const out = attempt(host, () => request.body());
  const answer = attempt(host, () => handler.handle(request, options(timeoutMs)));
  upload(host, out, body);
  const incoming = head(host, answer);
  return { status: incoming.status(), headers: received(incoming), source: source(host, incoming) };
}

function outgoing(method, url, headers) {
  const bytes = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  const fields = attempt(url.host, () => http.Fields.fromList([...headers].map(([name, value]) => [name, bytes(value)])));
  const request = new http.OutgoingRequest(fields);
  const known = METHODS.includes(method.toLowerCase()) && method === method.toUpperCase();
  attempt(url.host, () => {
    request.setMethod(known ? { tag: method.toLowerCase() } : { tag: "other", val: method });
    request.setScheme({ tag: url.protocol === "https:" ? "HTTPS" : "HTTP" });
    request.setAuthority(url.host);
    request.setPathWithQuery(url.pathname + url.search);
  });
  return request;
}

/** A host that does not know one of them refuses it, and keeps its own limit. */
function options(timeoutMs) {
  const options = new http.RequestOptions();
  const nanoseconds = Math.round(timeoutMs * 1e6);
  for (const set of ["setConnectTimeout", "setFirstByteTimeout", "setBetweenBytesTimeout"]) {
    try {
      options[set](nanoseconds);
    } catch {
      continue;
    }
  }
  return options;
}

function upload(host, out, body) {
  if (body.length > 0) {
    const stream = attempt(host, () => out.write());
    try {
      for (let at = 0; at < body.length; at += CHUNK_BYTES) stream.blockingWriteAndFlush(body.subarray(at, at + CHUNK_BYTES));
    } catch (error) {
      // An upstream that has heard enough says why in its answer.
      if (payload(error)?.tag !== "closed") throw broken(host, payload(error));
    } finally {
      stream[Symbol.dispose]();
    }
  }
  attempt(host, () => http.OutgoingBody.finish(out, undefined));
}

function head(host, answer) {
  const ready = answer.subscribe();
  ready.block();
  ready[Symbol.dispose]();
  const outer = answer.get();
  const inner = outer?.tag === "ok" ? outer.val : outer;
  if (inner?.tag === "ok") return inner.val;
  throw explain(host, inner?.val);
}

function received(incoming) {
  return incoming.headers().entries().map(([name, value]) => [name, latin1.decode(Uint8Array.from(value))]);
}

/** The bytes of an answer, as they come. */
function source(host, incoming) {
  const body = attempt(host, () => incoming.consume());
  let stream = attempt(host, () => body.stream());
  const close = () => {
    stream?.[Symbol.dispose]();
    stream = undefined;
  };
  const read = () => {
    try {
      return stream && Uint8Array.from(stream.blockingRead(READ_BYTES));
    } catch (error) {
      close();
      if (payload(error)?.tag === "closed") return undefined;
      throw broken(host, payload(error));
    }
  };
  return { read, close };
}

function attempt(host, act) {
  try {
    return act();
  } catch (error) {
    throw explain(host, payload(error));
  }
}

function broken(host, error) {
  const code = error?.tag === "last-operation-failed" ? http.httpErrorCode(error.val) : undefined;
  return code ? explain(host, code) : new TypeError(`the connection to ${host} broke`);
}

const REASONS = [
  [/^http-request-denied$/, (host) => `this request to ${host} is not granted to this plugin`],
  [/^destination-ip-prohibited$/, (host) => `the address of ${host} is not granted to this plugin`],
  [/^(?:dns-|destination-not-found)/, (host) => `${host} cannot be found`],
  [/^connection-refused$/, (host) => `${host} refused the connection`],
  [/^destination-/, (host) => `${host} cannot be reached`],
  [/timeout$/, (host) => `${host} did not answer in time`],
  [/^tls-/, (host) => `${host} could not prove who it is (TLS)`],
  [/^(?:connection-terminated|http-response-incomplete)$/, (host) => `${host} closed the connection`],
  [/^http-response-body-size$/, (host) => `${host} answered with too many bytes`],
  [/^connection-limit-reached$/, () => "this plugin has too many requests open"],
];

/** What `fetch` fails with, of a code's name and never of the host's own words in it. */
function explain(host, code) {
  const name = String(code?.tag ?? code).toLowerCase();
  const [, reason] = REASONS.find(([names]) => names.test(name)) ?? [];
  const error = new TypeError(reason ? reason(host) : `${host} could not be asked: ${name}`);
  error.code = name;
  return error;
}

