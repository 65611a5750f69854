// How long an answer may be used (RFC 9111), within bounds of our own.

import { FRESH_MOST_MS, FRESH_MS } from "./limits.ts";

/** Until when, in milliseconds since 1970; nothing if it may not be kept. */
export function freshUntil(headers: Headers): number | undefined {
  const said = headers.get("cache-control")?.toLowerCase() ?? "";
  if (/\bno-store\b/.test(said)) return undefined;
  if (/\bno-cache\b/.test(said)) return Date.now();
  const maxAge = /\bmax-age="?(\d{1,9})/.exec(said)?.[1];
  const lifetime = maxAge === undefined ? expires(headers) : Number(maxAge) * 1000 - age(headers);
  return Date.now() + Math.min(FRESH_MOST_MS, Math.max(0, lifetime));
}

function expires(headers: Headers): number {
  const at = headers.get("expires");
  if (at === null) return FRESH_MS;
  const until = Date.parse(at);
  return Number.isNaN(until) ? 0 : until - Date.now();
}

function age(headers: Headers): number {
  return (Number(headers.get("age")) || 0) * 1000;
}
