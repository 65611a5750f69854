// Promises whose jobs we run ourselves. A component's export has to answer before it returns, and the engine runs its
// own jobs only after that: so bundling turns `async` into generators over the global `Promise`, and that is this one.

const jobs = [];

/** Queues a job, as `queueMicrotask` does. */
export function enqueue(job) {
  jobs.push(job);
}

/** Runs every job, and those that they queue. */
export function runJobs() {
  for (let at = 0; at < jobs.length; at++) {
    const job = jobs[at];
    jobs[at] = undefined;
    job();
  }
  jobs.length = 0;
}

const PENDING = "pending";
const FULFILLED = "fulfilled";
const REJECTED = "rejected";

export class SyncPromise {
  #status = PENDING;
  #value;
  #reactions = [];

  constructor(executor) {
    const { resolve, reject } = this.#resolvers();
    try {
      executor(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  /** Where a promise is: its status, and its value or reason. */
  static inspect(promise) {
    return { status: promise.#status, value: promise.#value };
  }

  then(onFulfilled, onRejected) {
    const { promise, resolve, reject } = SyncPromise.withResolvers();
    const react = () => {
      const handler = this.#status === FULFILLED ? onFulfilled : onRejected;
      if (typeof handler !== "function") return (this.#status === FULFILLED ? resolve : reject)(this.#value);
      try {
        resolve(handler(this.#value));
      } catch (error) {
        reject(error);
      }
    };
    if (this.#status === PENDING) this.#reactions.push(react);
    else enqueue(react);
    return promise;
  }

  catch(onRejected) {
    return this.then(undefined, onRejected);
  }

  finally(onSettled) {
    if (typeof onSettled !== "function") return this.then(onSettled, onSettled);
    return this.then(
      (value) => SyncPromise.resolve(onSettled()).then(() => value),
      (reason) => SyncPromise.resolve(onSettled()).then(() => SyncPromise.reject(reason)),
    );
  }

  get [Symbol.toStringTag]() {
    return "Promise";
  }

  static resolve(value) {
    return value instanceof SyncPromise ? value : new SyncPromise((resolve) => resolve(value));
  }

  static reject(reason) {
    return new SyncPromise((_, reject) => reject(reason));
  }

  static try(run, ...args) {
    return new SyncPromise((resolve) => resolve(run(...args)));
  }

  static withResolvers() {
    const parts = {};
    parts.promise = new SyncPromise((resolve, reject) => Object.assign(parts, { resolve, reject }));
    return parts;
  }

  static all(items) {
    return gather(items, (promise, keep, reject) => promise.then(keep, reject));
  }

  static allSettled(items) {
    return gather(items, (promise, keep) =>
      promise.then(
        (value) => keep({ status: FULFILLED, value }),
        (reason) => keep({ status: REJECTED, reason }),
      ),
    );
  }

  static any(items) {
    const flipped = gather(items, (promise, keep, reject) => promise.then(reject, keep));
    return flipped.then(
      (reasons) => {
        throw new AggregateError(reasons, "every promise was rejected");
      },
      (value) => value,
    );
  }

  static race(items) {
    return new SyncPromise((resolve, reject) => {
      for (const item of items) SyncPromise.resolve(item).then(resolve, reject);
    });
  }

  #resolvers() {
    let settled = false;
    const once = (settle) => (value) => {
      if (settled) return;
      settled = true;
      settle(value);
    };
    return { resolve: once((value) => this.#resolve(value)), reject: once((reason) => this.#settle(REJECTED, reason)) };
  }

  #resolve(value) {
    if (value === this) return this.#settle(REJECTED, new TypeError("a promise cannot wait for itself"));
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return this.#settle(FULFILLED, value);
    try {
      const { then } = value;
      if (typeof then !== "function") return this.#settle(FULFILLED, value);
      enqueue(() => this.#follow(value, then));
    } catch (error) {
      this.#settle(REJECTED, error);
    }
  }

  #follow(thenable, then) {
    const { resolve, reject } = this.#resolvers();
    try {
      then.call(thenable, resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  #settle(status, value) {
    this.#status = status;
    this.#value = value;
    for (const reaction of this.#reactions) enqueue(reaction);
    this.#reactions = undefined;
  }
}

function gather(items, wait) {
  return new SyncPromise((resolve, reject) => {
    const values = [];
    let open = 1;
    const close = () => {
      if (--open === 0) resolve(values);
    };
    let at = 0;
    for (const item of items) {
      const place = at++;
      open++;
      const keep = (value) => {
        values[place] = value;
        close();
      };
      wait(SyncPromise.resolve(item), keep, reject);
    }
    close();
  });
}
