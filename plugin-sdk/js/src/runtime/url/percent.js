// Percent-encoding, with the sets of the URL standard.

import { TextDecoder, TextEncoder } from "../encoding.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const QUERY = ' "#<>';
const PATH = QUERY + "?^`{}";
const USERINFO = PATH + "/:;=@[\\]|";

/** The ASCII characters, besides controls, that each part of a URL encodes. */
export const sets = {
  control: "",
  fragment: ' "<>`',
  query: QUERY,
  specialQuery: QUERY + "'",
  path: PATH,
  userinfo: USERINFO,
  form: USERINFO + "$%&+,!'()~",
};

/** `text` with controls, what is not ASCII, and what is in `set` encoded. */
export function encode(text, set) {
  let encoded = "";
  for (const char of text) {
    const keep = char > "\x1f" && char < "\x7f" && !set.includes(char);
    encoded += keep ? char : [...encoder.encode(char)].map(hex).join("");
  }
  return encoded;
}

function hex(byte) {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** `text` with every `%XX` decoded, as UTF-8. */
export function decode(text) {
  if (!text.includes("%")) return text;
  const bytes = encoder.encode(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const pair = bytes[at] === 0x25 ? String.fromCharCode(bytes[at + 1], bytes[at + 2]) : "";
    const coded = /^[0-9a-fA-F]{2}$/.test(pair);
    bytes[length++] = coded ? parseInt(pair, 16) : bytes[at];
    if (coded) at += 2;
  }
  return decoder.decode(bytes.subarray(0, length));
}
