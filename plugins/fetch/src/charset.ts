// Bytes into text, by what the server, the bytes themselves, or the page say about their encoding.

import { getBOMEncoding, legacyHookDecode, normalizeEncoding } from "@exodus/bytes/encoding.js";

/** How far into a page its own word about its encoding is looked for, as HTML has it. */
const PRESCAN_BYTES = 1024;

/** The text of a document. What is no text in its encoding becomes U+FFFD. */
export function decode(bytes: Uint8Array, contentType: string): string {
  return legacyHookDecode(bytes, getBOMEncoding(bytes) ?? declared(contentType) ?? prescan(bytes) ?? "utf-8");
}

function declared(contentType: string): string | null {
  return normalizeEncoding(/charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? "");
}

function prescan(bytes: Uint8Array): string | null {
  const head = String.fromCharCode(...bytes.subarray(0, PRESCAN_BYTES));
  return normalizeEncoding(/<meta[^>]{1,200}charset\s*=\s*["']?\s*([\w-]{1,40})/i.exec(head)?.[1] ?? "");
}
