import assert from "node:assert/strict";
import { test } from "node:test";

import { transform } from "esbuild";

import { run } from "../../src/runtime/loop.js";
import { enqueue, runJobs, SyncPromise } from "../../src/runtime/promise.js";

/** What a script says, run with a promise and a queue. */
async function told(script, Class, queue, finish) {
  const lines = [];
  const { code } = await transform(`const main = async () => {${script}};`, { supported: { "async-await": false, "async-generator": false, "for-await": false } });
  const body = new Function("Promise", "queueMicrotask", "say", `${code}; return main()`);
  const whole = body(Class, queue, (line) => lines.push(line));
  await finish(whole);
  return lines;
}

const SCRIPTS = [
  `say(1); await null; say(2); queueMicrotask(() => say(3)); await 0; say(4);`,
  `try { await Promise.reject(new Error("no")) } catch (e) { say(e.message) } finally { say("finally") }`,
  `let resolve; const later = new Promise((f) => (resolve = f)); later.then(say); resolve("first"); resolve("second"); await later;`,
  `say(JSON.stringify(await Promise.all([1, Promise.resolve(2), { then: (f) => f(3) }])));`,
  `say(JSON.stringify(await Promise.allSettled([1, Promise.reject(2)])));`,
  `say(await Promise.any([Promise.reject(1), Promise.resolve(2)]));`,
  `try { await Promise.any([Promise.reject(1)]) } catch (e) { say(e.errors[0]) }`,
  `say(await Promise.race([new Promise(() => {}), Promise.resolve("won")]));`,
  `async function* count() { yield 1; yield 2; } for await (const n of count()) say(n);`,
  `const p = Promise.resolve(1).finally(() => say("f")); say(await p);`,
  `Promise.resolve().then(() => say("a")).then(() => say("b")); Promise.resolve().then(() => say("c")).then(() => say("d")); await 0; await 0; await 0;`,
  `const self = new Promise((f) => queueMicrotask(() => f(self))); try { await self } catch (e) { say(e instanceof TypeError) }`,
  `try { await new Promise(() => { throw 7 }) } catch (e) { say(e) }`,
  `say(await Promise.all([]).then((x) => x.length)); say(Promise.resolve(1) instanceof Promise);`,
];

test("promises behave as the engine's own do, in the same order", async () => {
  for (const script of SCRIPTS) {
    const native = await told(script, Promise, queueMicrotask, (whole) => whole);
    const own = await told(script, SyncPromise, enqueue, async () => runJobs());
    assert.deepEqual(own, native, script);
  }
});

test("a promise is run to its end, at once", () => {
  const slow = new SyncPromise((resolve) => enqueue(() => enqueue(() => resolve("done"))));
  assert.deepEqual(run(slow, () => undefined), { value: "done" });
  assert.throws(() => run(SyncPromise.reject(new Error("no")), () => undefined), /no/);
});

test("what waits for ever is an error, unless it asks", () => {
  const never = new SyncPromise(() => {});
  assert.throws(() => run(never, () => undefined), /never happens/);
  assert.deepEqual(run(never, () => ({ requests: [] })), { pause: { requests: [] } });
});
