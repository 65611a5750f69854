// Punycode (RFC 3492) of one label.

const BASE = 36;
const DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";

export function toPunycode(label) {
  const points = [...label].map((char) => char.codePointAt(0));
  const basic = points.filter((point) => point < 0x80);
  let output = String.fromCodePoint(...basic) + (basic.length > 0 ? "-" : "");
  let [n, delta, bias, handled] = [0x80, 0, 72, basic.length];
  while (handled < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      output += variableLength(delta, bias);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}

function variableLength(delta, bias) {
  let digits = "";
  let q = delta;
  for (let k = BASE; ; k += BASE) {
    const threshold = Math.min(26, Math.max(1, k - bias));
    if (q < threshold) return digits + DIGITS[q];
    digits += DIGITS[threshold + ((q - threshold) % (BASE - threshold))];
    q = Math.floor((q - threshold) / (BASE - threshold));
  }
}

function adapt(delta, count, first) {
  let rest = Math.floor(delta / (first ? 700 : 2));
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > 455; k += BASE) rest = Math.floor(rest / 35);
  return k + Math.floor((36 * rest) / (rest + 38));
}
