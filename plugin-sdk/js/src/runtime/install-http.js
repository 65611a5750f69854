// What a plugin that asks for HTTP has besides: `fetch`, and timers that wait.

import clock from "wasi:clocks/monotonic-clock@0.9.12";

import "./install.js";
import { fetchOver } from "./fetch.js";
import { sleepWith } from "./timers.js";
import { transmit } from "./wasi-http.js";

globalThis.fetch = fetchOver(transmit);

sleepWith((ms) => {
  const due = clock.subscribeDuration(Math.ceil(ms * 1e6));
  due.block();
  due[Symbol.dispose]();
});
