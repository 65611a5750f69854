// The body of an answer, which is read once: whole, or as it comes.

import { TextDecoder } from "./encoding.js";

/** What an upstream may send before it fills the plugin's memory, where a body is read whole. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The part of `ReadableStream` that reads: `for await`, and a reader. */
export class BodyStream {
  #source;
  locked = false;

  /** `source` has `read()`, which gives bytes or, at the end, nothing, and `close()`. */
  constructor(source) {
    this.#source = source;
  }

  getReader() {
    if (this.locked) throw new TypeError("the body is being read already");
    this.locked = true;
    return {
      read: async () => this.#next(),
      cancel: async () => this.#source.close(),
      releaseLock: () => {
        this.locked = false;
      },
    };
  }

  async cancel() {
    this.#source.close();
  }

  async *[Symbol.asyncIterator]() {
    const reader = this.getReader();
    try {
      for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
    } finally {
      await reader.cancel();
    }
  }

  #next() {
    const value = this.#source.read();
    return { value, done: value === undefined };
  }
}

export class Response {
  constructor(body, { status = 200, headers = [], url = "", redirected = false } = {}) {
    this.body = body;
    this.status = status;
    this.statusText = "";
    this.headers = headers;
    this.url = url;
    this.redirected = redirected;
    this.type = "default";
    this.bodyUsed = false;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  async bytes() {
    if (this.bodyUsed || this.body?.locked) throw new TypeError("the body was read already");
    this.bodyUsed = true;
    return join(this.body ?? []);
  }

  async arrayBuffer() {
    return (await this.bytes()).buffer;
  }

  async text() {
    return new TextDecoder().decode(await this.bytes());
  }

  async json() {
    return JSON.parse(await this.text());
  }
}

async function join(body) {
  const chunks = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new TypeError(`the body has more than ${MAX_BYTES} bytes; read it as a stream`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
