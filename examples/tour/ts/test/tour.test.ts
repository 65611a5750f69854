import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { Harness } from "bulkhead-sdk/testing";

import { firstTitle } from "../src/page.ts";
import tour from "../src/plugin.ts";

const harness = () => new Harness(tour);

test("it greets", async () => {
  assert.equal((await harness().tool("greet", { name: "Ada" })).text, "Hello, Ada.");
  assert.equal((await harness().tool("greet", { name: "Ada", excited: true })).text, "Hello, Ada!");
});

test("it adds 64-bit numbers exactly", async () => {
  assert.deepEqual((await harness().tool("add", { a: 2, b: 3 })).structured, { sum: 5 });
  const { structured } = await harness().tool("add", { a: 2n ** 62n, b: 2n ** 62n - 1n });
  assert.deepEqual(structured, { sum: 9223372036854775807n });
  await assert.rejects(harness().tool("add", { a: 2n ** 63n - 1n, b: 1 }), /does not fit into 64 bits/);
});

test("it counts and says so", async () => {
  const caller = harness();
  assert.equal((await caller.tool("count", { to: 3 })).text, "3");
  assert.deepEqual(caller.recorded.progress.at(-1), { progress: 3, total: 3, message: "3" });
  assert.deepEqual(caller.recorded.log, [{ level: "info", logger: undefined, data: "counted to 3" }]);
  await assert.rejects(harness().cancelled().tool("count", { to: 3 }), /gave up/);
});

test("it asks", async () => {
  const caller = harness().accept("who", { name: "Ada" });
  assert.equal((await caller.tool("ask")).text, "Hello, Ada.");
  assert.equal(caller.rounds, 2);
  assert.equal((await harness().decline("who").tool("ask")).text, "Nobody.");
});

test("it fails as a tool does", async () => {
  const { isError, text } = await harness().tool("fail");
  assert.deepEqual([isError, text], [true, "this tool always fails"]);
});

test("it fetches a title", async () => {
  const server = createServer((_, answer) => answer.end("<html><TITLE> Fünf Halte </Title>"));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  assert.deepEqual((await harness().tool("title", { url })).structured, { status: 200, title: "Fünf Halte" });
  server.close();
  await assert.rejects(harness().tool("title", { url }), /could not be reached/);
  for (const none of ["", "<p>no title</p>", "<title>never ends", "</title><p>"]) assert.equal(firstTitle(none), null);
});

test("its resources are read", async () => {
  assert.equal((await harness().read("tour://facts")).text, "The tour has five stops.");
  assert.equal((await harness().read("tour://stops/5")).text, "Stop 5 of 5.");
  await assert.rejects(harness().read("tour://stops/6"), { kind: "not-found" });
});

test("its prompt is filled and completed", async () => {
  const { messages } = await harness().prompt("introduce", { name: "Ada" });
  assert.equal(messages[0]?.text, "Introduce Ada in a friendly way.");
  assert.deepEqual((await harness().complete("introduce", "tone", "f")).values, ["formal", "friendly", "funny"]);
  assert.deepEqual((await harness().complete("introduce", "tone", "fu")).values, ["funny"]);
});
