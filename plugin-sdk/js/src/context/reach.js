// What the operator granted: configuration and kept values. Each is denied until it is asked for in plugin.toml and given.

import { parse, stringify } from "../json.js";

export class Config {
  #store;

  constructor(store) {
    this.#store = store;
  }

  get(key) {
    return this.#store.get(key) ?? undefined;
  }

  all() {
    return Object.fromEntries(this.#store.getAll());
  }
}

export class Kv {
  #bucket;

  constructor(bucket) {
    this.#bucket = bucket;
  }

  get(key) {
    return this.#bucket.get(key) ?? undefined;
  }

  getText(key) {
    const bytes = this.get(key);
    return bytes && new TextDecoder().decode(bytes);
  }

  getJson(key) {
    const text = this.getText(key);
    return text === undefined ? undefined : parse(text);
  }

  set(key, value) {
    this.#bucket.set(key, typeof value === "string" ? new TextEncoder().encode(value) : value);
  }

  setJson(key, value) {
    this.set(key, stringify(value));
  }

  delete(key) {
    this.#bucket.delete(key);
  }

  has(key) {
    return this.#bucket.exists(key);
  }

  increment(key, delta = 1) {
    return this.#bucket.increment(key, delta);
  }

  keys() {
    const keys = [];
    let cursor;
    do {
      const page = this.#bucket.listKeys(cursor);
      keys.push(...page.keys);
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
    return keys;
  }
}
