// What a call remembers between its rounds: it rides in the state that the host seals and hands back.

import { failed } from "../error.js";

/** The host refuses a larger state, which a client would have to carry. */
const MAX_STATE_BYTES = 12 * 1024;

export class Memory {
  #text;
  #kept;

  constructor(text) {
    this.#text = text ?? undefined;
  }

  get state() {
    return this.#open().state;
  }

  set state(value) {
    this.#open().state = value;
  }

  async once(key, effect) {
    const { once } = this.#open();
    if (!Object.hasOwn(once, key)) once[key] = (await effect()) ?? null;
    return once[key];
  }

  /** The state for the next round: what was kept, or what came, unread. */
  seal() {
    if (this.#kept === undefined) return this.#text;
    const { once, state } = this.#kept;
    if (state === undefined && Object.keys(once).length === 0) return undefined;
    const text = JSON.stringify({ once, state });
    const bytes = new TextEncoder().encode(text).length;
    if (bytes <= MAX_STATE_BYTES) return text;
    throw failed(`this call keeps ${bytes} bytes between its rounds, and ${MAX_STATE_BYTES} is the most`);
  }

  #open() {
    this.#kept ??= { once: Object.create(null), ...read(this.#text) };
    return this.#kept;
  }
}

function read(text) {
  if (text === undefined) return {};
  try {
    const { once, state } = JSON.parse(text);
    return { once: Object.assign(Object.create(null), once), state };
  } catch {
    throw failed("the state of this call was not made by this plugin");
  }
}
