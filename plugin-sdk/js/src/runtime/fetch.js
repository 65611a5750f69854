// `fetch`, over whatever sends one request and waits for the head of its answer. Each hop of a redirect is a request of
// its own, which meets the operator's grants again.

import { AbortSignal } from "./abort.js";
import { BodyStream, Response } from "./body.js";
import { TextEncoder } from "./encoding.js";
import { Headers } from "./headers.js";
import { URL, URLSearchParams } from "./url/index.js";

/** As browsers have it. */
const MAX_REDIRECTS = 20;
/** How long an upstream may keep silent, unless a signal says. */
const DEFAULT_TIMEOUT_MS = 30_000;
const REDIRECTS = [301, 302, 303, 307, 308];
const NORMALIZED = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A `fetch` that sends with `transmit(request)`. */
export function fetchOver(transmit) {
  return async (input, init = {}) => {
    let request = toRequest(input, init);
    for (let hops = 0; ; hops++) {
      init.signal?.throwIfAborted();
      const { status, headers, source } = transmit({ ...request, timeoutMs: timeout(init.signal) });
      const answered = new Headers(headers);
      const location = REDIRECTS.includes(status) ? answered.get("location") : null;
      if (location === null || init.redirect === "manual") {
        const body = request.method === "HEAD" ? null : new BodyStream(source);
        return new Response(body, { status, headers: answered, url: request.url.href, redirected: hops > 0 });
      }
      source.close();
      if (init.redirect === "error") throw new TypeError(`${request.url.host} answered with a redirect`);
      if (hops >= MAX_REDIRECTS) throw new TypeError(`${request.url.host} answered with more than ${MAX_REDIRECTS} redirects`);
      request = redirected(request, status, location);
    }
  };
}

function toRequest(input, init) {
  const url = new URL(String(input));
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError(`${url.protocol} cannot be fetched; expected http: or https:`);
  if (url.username || url.password) throw new TypeError("a URL with a user name or a password cannot be fetched");
  const given = String(init.method ?? "GET");
  if (!METHOD.test(given)) throw new TypeError(`"${given}" is no method`);
  const method = NORMALIZED.includes(given.toUpperCase()) ? given.toUpperCase() : given;
  const { body, type } = toBytes(init.body);
  if (body.length > 0 && (method === "GET" || method === "HEAD")) throw new TypeError(`a ${method} has no body`);
  const headers = new Headers(init.headers);
  if (type && !headers.has("content-type")) headers.set("content-type", type);
  return { method, url, headers, body };
}

function toBytes(body) {
  if (body === undefined || body === null) return { body: new Uint8Array() };
  if (body instanceof ArrayBuffer) return { body: new Uint8Array(body) };
  if (ArrayBuffer.isView(body)) return { body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) };
  const type = body instanceof URLSearchParams ? "application/x-www-form-urlencoded;charset=UTF-8" : "text/plain;charset=UTF-8";
  return { body: new TextEncoder().encode(String(body)), type };
}

function timeout(signal) {
  if (!(signal instanceof AbortSignal) || signal.deadline === undefined || signal.deadline === Infinity) return DEFAULT_TIMEOUT_MS;
  return Math.max(1, signal.deadline - performance.now());
}

function redirected(request, status, location) {
  const url = new URL(location, request.url.href);
  if (url.hash === "") url.hash = request.url.hash;
  const next = toRequest(url.href, { method: request.method, headers: request.headers, body: request.body });
  if (url.origin !== request.url.origin) ["authorization", "cookie", "proxy-authorization"].forEach((name) => next.headers.delete(name));
  const asGet = status === 303 ? request.method !== "HEAD" : status < 303 && request.method === "POST";
  if (!asGet) return next;
  ["content-type", "content-length", "content-encoding", "content-language", "content-location"].forEach((name) => next.headers.delete(name));
  return { ...next, method: "GET", body: new Uint8Array() };
}
