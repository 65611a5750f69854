// `setTimeout` and its kin. Waiting needs a clock that can be waited on, which a plugin has with HTTP; without, only
// what is due at once can run.

import { failed } from "../error.js";

const timers = new Map();
let last = 0;
let sleep = (ms) => {
  if (ms > 0) throw failed(`a timer of ${ms} ms was set; expected none in a plugin that asks for no http in plugin.toml`);
};

/** Sets what waits for a number of milliseconds. */
export function sleepWith(wait) {
  sleep = wait;
}

export function setTimeout(run, ms = 0, ...args) {
  timers.set(++last, { due: performance.now() + Math.max(0, Number(ms) || 0), run: () => run(...args) });
  return last;
}

export function clearTimeout(id) {
  timers.delete(id);
}

export function setInterval(run, ms = 0, ...args) {
  const id = ++last;
  const again = () => {
    timers.set(id, { due: performance.now() + Math.max(1, Number(ms) || 0), run: tick });
  };
  const tick = () => {
    again();
    run(...args);
  };
  again();
  return id;
}

/** Waits for the timer that is due next and runs it. Says whether there was one. */
export function nextTimer() {
  let first;
  for (const entry of timers) if (first === undefined || entry[1].due < first[1].due) first = entry;
  if (first === undefined) return false;
  const [id, { due, run }] = first;
  sleep(Math.max(0, due - performance.now()));
  timers.delete(id);
  run();
  return true;
}
