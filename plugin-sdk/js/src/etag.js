// An etag from contents. It tells versions apart; it proves nothing.

const SEEDS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f];

/** 128 bits of all bodies and of where one ends and the next begins. */
export function etag(bodies) {
  const lanes = Uint32Array.from(SEEDS);
  for (const body of bodies) {
    if (typeof body === "string") absorb(lanes, body.length, (at) => body.charCodeAt(at));
    else absorb(lanes, body.length, (at) => body[at]);
    mix(lanes, body.length);
  }
  return Array.from(lanes, (lane, at) => finish(lane ^ Math.imul(lanes[(at + 1) & 3], SEEDS[at]))).join("");
}

function absorb(lanes, length, unit) {
  for (let at = 0; at < length; at++) mix(lanes, unit(at));
}

function mix(lanes, word) {
  for (let at = 0; at < 4; at++) {
    const turned = Math.imul(lanes[at] ^ Math.imul(word + 1, SEEDS[(at + 1) & 3]), SEEDS[at]);
    lanes[at] = (turned << 13) | (turned >>> 19);
  }
}

function finish(lane) {
  lane = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  lane = Math.imul(lane ^ (lane >>> 13), 0xc2b2ae35);
  return ((lane ^ (lane >>> 16)) >>> 0).toString(16).padStart(8, "0");
}
