// `Headers`: names without regard to case, values joined with a comma.

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export class Headers {
  #values = new Map();

  constructor(init = []) {
    const pairs = typeof init[Symbol.iterator] === "function" ? init : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }

  append(name, value) {
    const key = checkedName(name);
    this.#values.set(key, [...(this.#values.get(key) ?? []), checkedValue(name, value)]);
  }

  set(name, value) {
    this.#values.set(checkedName(name), [checkedValue(name, value)]);
  }

  get(name) {
    return this.#values.get(checkedName(name))?.join(", ") ?? null;
  }

  getSetCookie() {
    return [...(this.#values.get("set-cookie") ?? [])];
  }

  has(name) {
    return this.#values.has(checkedName(name));
  }

  delete(name) {
    this.#values.delete(checkedName(name));
  }

  forEach(visit, self) {
    for (const [name, value] of this) visit.call(self, value, name, this);
  }

  *entries() {
    for (const name of [...this.#values.keys()].sort()) {
      const values = this.#values.get(name);
      if (name === "set-cookie") for (const value of values) yield [name, value];
      else yield [name, values.join(", ")];
    }
  }

  *keys() {
    for (const [name] of this) yield name;
  }

  *values() {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator]() {
    return this.entries();
  }
}

function checkedName(name) {
  if (!NAME.test(name)) throw new TypeError(`"${name}" is no name of a header`);
  return String(name).toLowerCase();
}

function checkedValue(name, value) {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  // These are the characters that would end a header.
  if (/[\0\n\r]|[^\0-\xff]/.test(text)) throw new TypeError(`the value of the header "${name}" has a character that no header may have`);
  return text;
}
