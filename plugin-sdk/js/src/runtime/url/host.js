// Hosts: names, IPv4 and IPv6 addresses, as the URL standard reads them.

import { decode, encode, sets } from "./percent.js";
import { toPunycode } from "./punycode.js";

// The standard's forbidden host code points.
const FORBIDDEN = /[\0\t\n\r #/:<>?@[\\\]^|]/;
// And its forbidden domain code points.
const FORBIDDEN_IN_DOMAIN = /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/;
/** The IPv4 address that may end an IPv6 address. */
// eslint-disable-next-line security/detect-unsafe-regex -- every digit stands before a dot or the end
const DOTTED = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/;
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0[xX][0-9a-fA-F]*)\.?$/;

/** The host as a URL spells it, or nothing if it is none. */
export function parseHost(text, special) {
  if (text.startsWith("[")) {
    const address = text.endsWith("]") ? parseIPv6(text.slice(1, -1)) : undefined;
    return address && `[${address}]`;
  }
  if (!special) return FORBIDDEN.test(text) ? undefined : encode(text, sets.control);
  const name = decode(text);
  if (name.includes("\ufffd")) return undefined;
  const domain = toAscii(name);
  if (domain === "" || FORBIDDEN_IN_DOMAIN.test(domain)) return undefined;
  return ENDS_IN_NUMBER.test(domain) ? parseIPv4(domain) : domain;
}

/** Lower case, in compatible form, and in Punycode where it is not ASCII: what UTS 46 comes to for names in use. */
function toAscii(domain) {
  const plain = domain.replace(/[\u00ad\u200b\u2060\ufeff]/g, "").normalize("NFKC").toLowerCase().normalize("NFC");
  const labels = plain.replace(/[\u3002\uff0e\uff61]/g, ".").split(".");
  // ASCII begins there.
  const ascii = labels.map((label) => (/^[\0-\x7f]*$/.test(label) ? label : `xn--${toPunycode(label)}`));
  return ascii.join(".");
}

function parseIPv4(text) {
  const parts = text.split(".");
  if (parts.at(-1) === "") parts.pop();
  if (parts.length > 4) return undefined;
  const numbers = parts.map(parseNumber);
  const last = numbers.pop();
  if (numbers.some((number) => !(number <= 255)) || !(last < 256 ** (4 - numbers.length))) return undefined;
  const address = numbers.reduce((sum, number, at) => sum + number * 256 ** (3 - at), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

function parseNumber(text) {
  if (/^0[xX][0-9a-fA-F]*$/.test(text)) return text.length === 2 ? 0 : parseInt(text, 16);
  if (/^0[0-7]+$/.test(text)) return parseInt(text, 8);
  return /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : NaN;
}

function parseIPv6(text) {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = [pieces(halves[0]), pieces(halves[1] ?? "")];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  // An IPv4 address ends the whole; there is none before `::`.
  if (halves.length === 2 && halves[0].includes(".")) return undefined;
  return compress([...head, ...Array(missing).fill(0), ...tail]);
}

/** The 16-bit pieces of one side of `::`. */
function pieces(text) {
  if (text === "") return [];
  const found = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) found.push(parseInt(part, 16));
    else if (at === parts.length - 1 && DOTTED.test(part)) {
      const bytes = part.split(".").map(Number);
      if (bytes.some((byte) => byte > 255)) return undefined;
      found.push(bytes[0] * 256 + bytes[1], bytes[2] * 256 + bytes[3]);
    } else return undefined;
  }
  return found;
}

/** The address with its longest run of two or more zeros left out. */
function compress(address) {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (address[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = (part) => part.map((piece) => piece.toString(16)).join(":");
  if (best.at < 0) return hex(address);
  return `${hex(address.slice(0, best.at))}::${hex(address.slice(best.at + best.length))}`;
}
