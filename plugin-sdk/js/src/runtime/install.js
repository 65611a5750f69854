// What standard JavaScript code expects to find, and the engine has not. Imported before anything of the author's.

import { AbortController, AbortSignal } from "./abort.js";
import { console } from "./console.js";
import { TextDecoder, TextEncoder } from "./encoding.js";
import { fetchOver } from "./fetch.js";
import { Headers } from "./headers.js";
import { enqueue, SyncPromise } from "./promise.js";
import { random } from "./random.js";
import { clearTimeout, setInterval, setTimeout } from "./timers.js";
import { URL, URLSearchParams } from "./url/index.js";

const fetch = fetchOver(() => {
  throw new TypeError("this plugin reaches no network: it asks for no http in plugin.toml");
});

Object.assign(globalThis, {
  AbortController,
  AbortSignal,
  clearInterval: clearTimeout,
  clearTimeout,
  console,
  fetch,
  Headers,
  Promise: SyncPromise,
  queueMicrotask: enqueue,
  setInterval,
  setTimeout,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
});

Math.random = random;
