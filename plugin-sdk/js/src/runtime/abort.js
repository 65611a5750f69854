// `AbortController` and `AbortSignal`, without events but `abort`.

import { setTimeout } from "./timers.js";

export class AbortSignal {
  aborted = false;
  reason = undefined;
  onabort = null;
  #listeners = new Set();

  addEventListener(type, listener) {
    if (type === "abort") this.#listeners.add(listener);
  }

  removeEventListener(_type, listener) {
    this.#listeners.delete(listener);
  }

  throwIfAborted() {
    if (this.aborted) throw this.reason;
  }

  static abort(reason) {
    const signal = new AbortSignal();
    AbortSignal.trigger(signal, reason);
    return signal;
  }

  /** `fetch` gives such a signal's time to the host, which keeps it while an upstream is silent. */
  static timeout(ms) {
    const signal = new AbortSignal();
    signal.deadline = performance.now() + ms;
    setTimeout(() => AbortSignal.trigger(signal, new DOMException("the time is over", "TimeoutError")), ms);
    return signal;
  }

  static any(signals) {
    const joint = new AbortSignal();
    for (const signal of signals) {
      if (signal.aborted) AbortSignal.trigger(joint, signal.reason);
      signal.addEventListener("abort", () => AbortSignal.trigger(joint, signal.reason));
      joint.deadline = Math.min(joint.deadline ?? Infinity, signal.deadline ?? Infinity);
    }
    return joint;
  }

  static trigger(signal, reason = new DOMException("the operation was aborted", "AbortError")) {
    if (signal.aborted) return;
    Object.assign(signal, { aborted: true, reason });
    signal.onabort?.();
    for (const listener of signal.#listeners) listener();
  }
}

export class AbortController {
  signal = new AbortSignal();

  abort(reason) {
    AbortSignal.trigger(this.signal, reason);
  }
}
