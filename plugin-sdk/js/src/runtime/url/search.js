// `URLSearchParams`.

import { decode, encode, sets } from "./percent.js";

export class URLSearchParams {
  #pairs;
  #changed = () => {};

  constructor(init = "") {
    if (typeof init === "string") this.#pairs = read(init.replace(/^\?/, ""));
    else if (typeof init[Symbol.iterator] === "function") this.#pairs = [...init].map(pair);
    else this.#pairs = Object.entries(init).map(pair);
  }

  /** Those of a URL, which hears of every change. */
  static of(query, changed) {
    const params = new URLSearchParams(query);
    params.#changed = () => changed(params.toString());
    return params;
  }

  get size() {
    return this.#pairs.length;
  }

  append(name, value) {
    this.#pairs.push(pair([name, value]));
    this.#changed();
  }

  delete(name, value) {
    this.#pairs = this.#pairs.filter((own) => !matches(own, name, value));
    this.#changed();
  }

  get(name) {
    return this.#pairs.find(([own]) => own === String(name))?.[1] ?? null;
  }

  getAll(name) {
    return this.#pairs.filter(([own]) => own === String(name)).map(([, value]) => value);
  }

  has(name, value) {
    return this.#pairs.some((own) => matches(own, name, value));
  }

  set(name, value) {
    const at = this.#pairs.findIndex(([own]) => own === String(name));
    if (at < 0) return this.append(name, value);
    this.#pairs = this.#pairs.filter((own, place) => place <= at || own[0] !== String(name));
    this.#pairs[at] = pair([name, value]);
    this.#changed();
  }

  sort() {
    this.#pairs.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
    this.#changed();
  }

  forEach(visit, self) {
    for (const [name, value] of this.#pairs) visit.call(self, value, name, this);
  }

  *entries() {
    for (const [name, value] of this.#pairs) yield [name, value];
  }

  *keys() {
    for (const [name] of this.#pairs) yield name;
  }

  *values() {
    for (const [, value] of this.#pairs) yield value;
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  toString() {
    return this.#pairs.map((own) => own.map((text) => encode(text, sets.form).replaceAll("%20", "+")).join("=")).join("&");
  }
}

function pair([name, value]) {
  return [String(name).toWellFormed(), String(value).toWellFormed()];
}

function matches([name, value], wanted, wantedValue) {
  return name === String(wanted) && (wantedValue === undefined || value === String(wantedValue));
}

function read(text) {
  const parts = text.split("&").filter((part) => part !== "");
  return parts.map((part) => {
    const at = part.indexOf("=");
    const both = at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
    return both.map((coded) => decode(coded.replaceAll("+", " ")).toWellFormed());
  });
}
