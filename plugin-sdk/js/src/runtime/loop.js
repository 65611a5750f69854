// The loop that a call runs in: jobs first, then the timer that is due next.

import { failed } from "../error.js";
import { runJobs, SyncPromise } from "./promise.js";
import { nextTimer } from "./timers.js";

/**
 * Runs until `promise` is settled, and gives its value or throws its reason. Before it waits for a timer it looks at
 * `paused()`: what that gives ends the loop.
 */
export function run(promise, paused) {
  for (;;) {
    runJobs();
    const { status, value } = SyncPromise.inspect(promise);
    if (status === "fulfilled") return { value };
    if (status === "rejected") throw value;
    const pause = paused();
    if (pause) return { pause };
    if (!nextTimer()) throw failed("the plugin waits for something that never happens");
  }
}
