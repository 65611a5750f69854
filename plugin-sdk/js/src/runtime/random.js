// `Math.random` of its own for every call: the engine's generator is part of the image that all calls start from.
// It is for dice, not for secrets.

let state = [1, 2, 3, 4];

/** Begins anew from a text that no other call has, and the time. */
export function seed(text) {
  state = [0x9e3779b9, 0x243f6a88, 0xb7e15162, Math.floor(performance.now() * 1000) | 0];
  for (let at = 0; at < text.length; at++) {
    state[at & 3] = Math.imul(state[at & 3] ^ text.charCodeAt(at), 0x01000193);
    next();
  }
  for (let round = 0; round < 8; round++) next();
}

/** xoshiro128**. */
function next() {
  const [a, b, c, d] = state;
  const product = Math.imul(b, 5);
  const result = Math.imul((product << 7) | (product >>> 25), 9);
  const shifted = d ^ b;
  state = [a ^ shifted, b ^ c ^ a, c ^ a ^ (b << 9), (shifted << 11) | (shifted >>> 21)];
  return result >>> 0;
}

/** 53 random bits as a number from 0 to below 1. */
export function random() {
  return ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000;
}
