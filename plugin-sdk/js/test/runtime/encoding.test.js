import assert from "node:assert/strict";
import { test } from "node:test";

import { TextDecoder as OwnDecoder, TextEncoder as OwnEncoder } from "../../src/runtime/encoding.js";

let seed = 3;
const random = (below) => (seed = (seed * 48271) % 0x7fffffff) % below;

test("text is encoded as Node.js does", () => {
  const texts = ["", "plain", "é ü ß", "漢字", "😀", "\ud800", "a\udc00b", "\0\x7f\u0080\u07ff\u0800\uffff"];
  for (const text of texts) {
    assert.deepEqual([...new OwnEncoder().encode(text)], [...new TextEncoder().encode(text)], JSON.stringify(text));
    const [own, theirs] = [new Uint8Array(5), new Uint8Array(5)];
    assert.deepEqual(new OwnEncoder().encodeInto(text, own), new TextEncoder().encodeInto(text, theirs));
    assert.deepEqual(own, theirs);
  }
});

test("any bytes are decoded as Node.js does, whole and in pieces", () => {
  const likely = [0x00, 0x41, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0xd8, 0xdc, 0xfe];
  for (let round = 0; round < 5000; round++) {
    const bytes = Uint8Array.from({ length: random(12) }, () => likely[random(likely.length)]);
    for (const label of ["utf-8", "utf-16le", "utf-16be"]) {
      const expected = new TextDecoder(label).decode(bytes);
      assert.equal(new OwnDecoder(label).decode(bytes), expected, `${label} ${bytes}`);
      const decoder = new OwnDecoder(label);
      const cut = random(bytes.length + 1);
      const pieces = decoder.decode(bytes.subarray(0, cut), { stream: true }) + decoder.decode(bytes.subarray(cut));
      assert.equal(pieces, expected, `${label} ${bytes} cut at ${cut}`);
    }
  }
  // Node.js 20 has 0x80 to 0x9F wrong: it takes windows-1252 for ISO 8859-1.
  assert.equal(new OwnDecoder("latin1").decode(Uint8Array.of(0x41, 0x7f, 0x80, 0x81, 0x99, 0x9f, 0xa0, 0xff)), "A\x7f€\x81™Ÿ\xa0ÿ");
});

test("what is no text is refused where that is asked", () => {
  assert.throws(() => new OwnDecoder("utf-8", { fatal: true }).decode(Uint8Array.of(0xff)), TypeError);
  assert.throws(() => new OwnDecoder("klingon"), RangeError);
  assert.equal(new OwnDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "a");
  assert.equal(new OwnDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
});
