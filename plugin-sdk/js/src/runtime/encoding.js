// `TextEncoder`, and `TextDecoder` for UTF-8, UTF-16 and windows-1252 (which is what latin1 and ASCII mean on the web).

const UTF_8 = ["utf-8", "utf8", "unicode-1-1-utf-8"];
const UTF_16LE = ["utf-16le", "utf-16", "ucs-2", "unicode"];
const UTF_16BE = ["utf-16be", "unicodefffe"];
const WINDOWS_1252 = ["windows-1252", "cp1252", "x-cp1252", "iso-8859-1", "iso8859-1", "latin1", "l1", "ascii", "us-ascii"];
const LABELS = new Map(
  Object.entries({ "utf-8": UTF_8, "utf-16le": UTF_16LE, "utf-16be": UTF_16BE, "windows-1252": WINDOWS_1252 }).flatMap(
    ([encoding, labels]) => labels.map((label) => [label, encoding]),
  ),
);

/** What windows-1252 has at 0x80 to 0x9F. */
const C1 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";
const REPLACEMENT = "\ufffd";
/** How many code units `String.fromCharCode` is given at once. */
const CHUNK = 8192;

export class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(text = "") {
    const bytes = new Uint8Array(text.length * 3);
    return bytes.slice(0, this.encodeInto(text, bytes).written);
  }

  encodeInto(text, bytes) {
    let read = 0;
    let written = 0;
    for (const char of text) {
      const point = scalar(char.codePointAt(0));
      const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (written + size > bytes.length) break;
      written = put(bytes, written, point, size);
      read += char.length;
    }
    return { read, written };
  }
}

const LEAD = [0, 0, 0xc0, 0xe0, 0xf0];

function scalar(point) {
  return point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
}

function put(bytes, at, point, size) {
  bytes[at] = LEAD[size] | (point >> (6 * (size - 1)));
  for (let rest = size - 2; rest >= 0; rest--) bytes[++at] = 0x80 | ((point >> (6 * rest)) & 0x3f);
  return at + 1;
}

export class TextDecoder {
  #pending = new Uint8Array();
  #begun = false;

  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    const encoding = LABELS.get(String(label).trim().toLowerCase());
    if (encoding === undefined) throw new RangeError(`the encoding "${label}" is not known; expected ${[...new Set(LABELS.values())].join(", ")}`);
    this.encoding = encoding;
    this.fatal = fatal;
    this.ignoreBOM = ignoreBOM;
  }

  decode(input = new Uint8Array(), { stream = false } = {}) {
    const bytes = this.#take(input);
    const end = stream ? wholeLength(this.encoding, bytes) : bytes.length;
    this.#pending = bytes.slice(end);
    let text = decode(this.encoding, bytes.subarray(0, end), this.fatal);
    if (!this.#begun && !this.ignoreBOM && this.encoding !== "windows-1252" && text.startsWith("\ufeff")) text = text.slice(1);
    this.#begun = stream && (this.#begun || end > 0);
    return text;
  }

  #take(input) {
    const bytes = ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);
    if (this.#pending.length === 0) return bytes;
    const joined = new Uint8Array(this.#pending.length + bytes.length);
    joined.set(this.#pending);
    joined.set(bytes, this.#pending.length);
    return joined;
  }
}

/** How many bytes there are before a character that is not whole yet. */
function wholeLength(encoding, bytes) {
  const { length } = bytes;
  if (encoding.startsWith("utf-16")) return wholeUnits(encoding, bytes);
  if (encoding !== "utf-8") return length;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back];
    if (byte >= 0xc0) return need(byte) > back ? length - back : length;
    if (byte < 0x80) return length;
  }
  return length;
}

function wholeUnits(encoding, bytes) {
  const even = bytes.length & ~1;
  const high = bytes[even - (encoding === "utf-16le" ? 1 : 2)];
  return even >= 2 && high >= 0xd8 && high <= 0xdb ? even - 2 : even;
}

function need(lead) {
  return lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

function decode(encoding, bytes, fatal) {
  const units = [];
  let text = "";
  const push = (unit) => {
    if (units.push(unit) >= CHUNK) text += String.fromCharCode(...units.splice(0));
  };
  const broken = () => {
    if (fatal) throw new TypeError(`the bytes are not ${encoding}`);
    push(REPLACEMENT.charCodeAt(0));
  };
  if (encoding === "utf-8") utf8(bytes, push, broken);
  else if (encoding === "windows-1252") bytes.forEach((byte) => push(byte >= 0x80 && byte < 0xa0 ? C1.charCodeAt(byte - 0x80) : byte));
  else utf16(bytes, encoding === "utf-16le" ? 0 : 1, push, broken);
  return text + String.fromCharCode(...units);
}

/** The range of a second byte that is narrower after some leads: no overlong forms, no surrogates, nothing past U+10FFFF. */
const SECOND = { 0xe0: [0xa0, 0xbf], 0xed: [0x80, 0x9f], 0xf0: [0x90, 0xbf], 0xf4: [0x80, 0x8f] };
const ANY = [0x80, 0xbf];

function utf8(bytes, push, broken) {
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at++];
    if (lead < 0x80) {
      push(lead);
      continue;
    }
    const size = need(lead);
    let point = lead & (0xff >> (size + 1));
    let [low, high] = SECOND[lead] ?? ANY;
    let left = size - 1;
    for (; left > 0 && bytes[at] >= low && bytes[at] <= high; left--) {
      point = (point << 6) | (bytes[at++] & 0x3f);
      [low, high] = ANY;
    }
    if (size === 0 || left > 0) broken();
    else if (point < 0x10000) push(point);
    else {
      push(0xd800 + ((point - 0x10000) >> 10));
      push(0xdc00 + (point & 0x3ff));
    }
  }
}

function utf16(bytes, big, push, broken) {
  const unit = (at) => (at + 1 < bytes.length ? bytes[at + (1 - big)] * 256 + bytes[at + big] : undefined);
  for (let at = 0; at < bytes.length; at += 2) {
    const one = unit(at);
    const two = unit(at + 2);
    if (one < 0xd800 || one >= 0xe000) push(one);
    else if (one === undefined || one >= 0xdc00) broken();
    else if (two >= 0xdc00 && two < 0xe000) {
      push(one);
      push(two);
      at += 2;
    } else {
      broken();
      if (two === undefined) return;
    }
  }
}
