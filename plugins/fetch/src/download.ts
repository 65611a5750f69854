// One document over HTTP: bounded in hops, bytes and silence.

import { failed } from "bulkhead-sdk";

import { REDIRECTS, SILENCE_MS } from "./limits.ts";

/** A document, and where it came from in the end. */
export interface Document {
  url: URL;
  status: number;
  headers: Headers;
  bytes: Uint8Array;
  /** There is more than was read. */
  cut: boolean;
}

export interface Wanted {
  url: URL;
  headers: Record<string, string>;
  maxBytes: number;
  /** Called before each hop, which it may refuse. */
  allow?: (url: URL) => Promise<void>;
}

const REDIRECT = [301, 302, 303, 307, 308];

/** A URL that may be fetched: http or https, and nobody's password in it. */
export function webUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw failed(`"${shortened(text)}" is no URL; expected one that begins with https:// or http://`);
  const url = new URL(text, base?.href);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw failed(`${url.protocol} is not fetched; expected https: or http:`);
  if (url.username || url.password) throw failed("a URL with a user name or a password is not fetched; leave them out");
  url.hash = "";
  return url;
}

/** The document at a URL, after at most `REDIRECTS` redirects. Each hop meets the operator's grants. */
export async function download({ url, headers, maxBytes, allow }: Wanted): Promise<Document> {
  for (let hops = 0; hops <= REDIRECTS; hops++) {
    await allow?.(url);
    const answer = await request(url, headers);
    const location = REDIRECT.includes(answer.status) ? answer.headers.get("location") : null;
    if (location === null) return { url, status: answer.status, headers: answer.headers, ...(await read(url, answer, maxBytes)) };
    await answer.body?.cancel();
    url = webUrl(location, url);
  }
  throw failed(`${url.host} redirects more than ${REDIRECTS} times`);
}

async function request(url: URL, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(SILENCE_MS) });
  } catch (error) {
    throw unreachable(url, error);
  }
}

async function read(url: URL, answer: Response, maxBytes: number): Promise<{ bytes: Uint8Array; cut: boolean }> {
  const bytes = new Uint8Array(maxBytes);
  let length = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      const room = chunk.subarray(0, maxBytes - length);
      bytes.set(room, length);
      length += room.length;
      if (room.length < chunk.length) return { bytes, cut: true };
    }
  } catch (error) {
    throw unreachable(url, error);
  }
  return { bytes: bytes.subarray(0, length), cut: false };
}

function unreachable(url: URL, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return failed(`${url.host} could not be reached: ${reason}`);
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
