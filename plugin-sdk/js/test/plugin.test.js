import assert from "node:assert/strict";
import { test } from "node:test";

import { checkIfMatch, denied, notFound, plugin, prompt, Reading, resource, template, tool, ToolResult } from "../src/index.js";
import { Harness } from "../src/testing/index.js";
import { toWit } from "../src/error.js";

const FORM = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
const one = (run, spec = {}) => new Harness(plugin({ tools: [tool({ name: "t", description: "Tries.", ...spec }, run)] }));

test("the contract says what a tool claims", () => {
  const { contract } = one(() => "", { title: "T", readOnly: true, openWorld: false, task: "optional", ui: "ui://t/page", meta: { a: 1 }, singleUse: true, requiredCapabilities: ["roots"] });
  assert.deepEqual(contract.tools, [
    {
      name: "t",
      title: "T",
      description: "Tries.",
      inputSchema: { type: "object", properties: {}, additionalProperties: false },
      annotations: { readOnlyHint: true, openWorldHint: false },
      _meta: { a: 1, ui: { resourceUri: "ui://t/page" } },
      execution: { taskSupport: "optional" },
      singleUse: true,
      requiredCapabilities: ["roots"],
    },
  ]);
});

test("a tool's value becomes its answer", async () => {
  const bytes = Uint8Array.of(1, 2);
  const table = [
    ["text", "text"],
    [7, "7"],
    [2n ** 60n, String(2n ** 60n)],
    [undefined, ""],
    [{ type: "text", text: "block" }, "block"],
    [["one", { type: "image", data: bytes, mimeType: "image/png" }, "two"], "one\ntwo"],
    [ToolResult.text("result"), "result"],
  ];
  for (const [value, text] of table) assert.equal((await one(() => value).tool("t")).text, text);
  const { content } = await one(() => [{ type: "audio", data: btoa("\x01\x02"), mimeType: "audio/wav" }]).tool("t");
  assert.deepEqual(content[0].content, { tag: "audio", val: { data: bytes, mimeType: "audio/wav" } });
  assert.equal((await one(() => ToolResult.error("bad")).tool("t")).isError, true);
  await assert.rejects(one(() => ({ a: 1 })).tool("t"), /has no output schema/);
  await assert.rejects(one(() => ({ type: "hologram" })).tool("t"), /found hologram/);
});

test("errors keep their kind", async () => {
  await assert.rejects(one(() => { throw denied("no"); }).tool("t"), { kind: "denied" });
  await assert.rejects(one(() => "").tool("other"), { kind: "not-found" });
  assert.deepEqual(toWit(new RangeError("far")), { tag: "failed", val: "far" });
  assert.deepEqual(toWit("thrown text"), { tag: "failed", val: "thrown text" });
});

test("two of a name are refused when the module begins", () => {
  const twin = tool({ name: "twin", description: "One of two." }, () => "");
  assert.throws(() => plugin({ tools: [twin, twin] }), /two tools "twin"/);
});

test("questions side by side go out in one round, and effects before them happen once", async () => {
  let effects = 0;
  const harness = one(async (_, ctx) => {
    const number = await ctx.once("number", () => ++effects);
    const [who, folders] = await Promise.all([ctx.elicit("who", "Who?", FORM), ctx.roots("where")]);
    const { text } = await ctx.sample("fish", "Name a fish.");
    return `${number} ${who.name} ${folders[0].uri} ${text}`;
  });
  harness.accept("who", { name: "Ada" }).answer("where", { roots: [{ uri: "file:///a" }] }).answer("fish", { content: { type: "text", text: "Carp" } });
  assert.equal((await harness.tool("t")).text, "1 Ada file:///a Carp");
  assert.deepEqual([harness.rounds, effects], [3, 1]);
});

test("who says no, cannot be asked, or answers something else", async () => {
  const ask = async (_, ctx) => (await ctx.elicit("who", "Who?", FORM)).name;
  await assert.rejects(one(ask).decline("who").tool("t"), { kind: "denied", message: "the user declined" });
  await assert.rejects(one(ask).client({ elicitationForm: false }).tool("t"), { kind: "missing-capability", detail: ["elicitation.form"] });
  await assert.rejects(one(ask).answer("who", { content: {} }).tool("t"), { kind: "protocol", message: /lacks action/ });
  await assert.rejects(one(ask).tool("t"), /no answer to "who"/);
});

test("a question is not asked twice, and a swallowed one still ends the round", async () => {
  const harness = one(async (_, ctx) => {
    try {
      return (await ctx.elicit("who", "Who?", FORM)).name;
    } catch {
      return "swallowed";
    }
  }).accept("who", { name: "Ada" });
  assert.equal((await harness.tool("t")).text, "Ada");
  assert.equal(harness.rounds, 2);
});

test("what a call keeps is bounded", async () => {
  const harness = one(async (_, ctx) => {
    await ctx.once("big", () => "x".repeat(20_000));
    await ctx.elicit("who", "Who?", FORM);
  }).accept("who", { name: "Ada" });
  await assert.rejects(harness.tool("t"), /12288 is the most/);
});

test("it goes on as a task, where the client follows tasks", async () => {
  const spec = { task: "required" };
  assert.equal((await one((_, ctx) => String(ctx.asTask), spec).tool("t")).text, "true");
  await assert.rejects(one(() => "", spec).client({ tasks: false }).tool("t"), { kind: "missing-capability" });
  assert.equal((await one((_, ctx) => String(ctx.asTask), { task: "optional" }).client({ tasks: false }).tool("t")).text, "false");
});

test("log lines below the call's level go nowhere", async () => {
  const harness = one((_, ctx) => {
    for (const level of ["debug", "warning", "error"]) ctx.log(level, { level });
  }).call({ logLevel: "warning" });
  await harness.tool("t");
  assert.deepEqual(harness.recorded.log.map(({ level }) => level), ["warning", "error"]);
});

test("configuration and kept values", async () => {
  const harness = one((_, ctx) => {
    ctx.kv.setJson("a", { n: 2n ** 60n });
    ctx.kv.set("b", "text");
    ctx.kv.increment("c", 2);
    ctx.kv.delete("b");
    return `${ctx.config.get("units")} ${ctx.config.get("none")} ${ctx.kv.getJson("a").n} ${ctx.kv.has("b")} ${ctx.kv.keys()} ${ctx.kv.increment("c")}`;
  }).config("units", "metric");
  assert.equal((await harness.tool("t")).text, "metric undefined 1152921504606846976 false a,c 3");
  await assert.rejects(one((_, ctx) => String(ctx.kv.has("a"))).denyKv().tool("t"), { kind: "denied" });
});

test("resources are read, written, listed and completed", async () => {
  const notes = new Map([["one", "first"]]);
  const note = template(
    {
      uriTemplate: "note://{name}",
      name: "note",
      mimeType: "text/plain",
      complete: { name: (typed) => ({ values: [...notes.keys()].filter((name) => name.startsWith(typed)), total: 9 }) },
      write(contents, { variables, ifMatch }) {
        checkIfMatch(ifMatch, notes.has(variables.name) ? "v1" : undefined);
        notes.set(variables.name, contents);
        return "v2";
      },
    },
    ({ name }) => notes.get(name) ?? Promise.reject(notFound(name)),
  );
  const harness = new Harness(
    plugin({
      resources: [resource({ uri: "note://", name: "all" }, () => new Reading(Uint8Array.of(1), { etag: "e", cache: { ttlMs: 5 } }))],
      templates: [note],
      schemes: { Old: { read: (uri) => uri.toUpperCase() } },
      listResources: () => [{ uri: "note://one", name: "one" }],
    }),
  );
  assert.deepEqual(await harness.read("note://"), { contents: [{ uri: "note://", mimeType: undefined, body: { tag: "blob", val: Uint8Array.of(1) } }], etag: "e", cache: { ttlMs: 5, scope: "private" }, meta: undefined, text: undefined });
  const { text, etag } = await harness.read("note://one");
  assert.equal(text, "first");
  assert.match(etag, /^[0-9a-f]{32}$/);
  await assert.rejects(harness.read("note://two"), { kind: "not-found" });
  await assert.rejects(harness.read("note://a/b"), { kind: "not-found" });
  await assert.rejects(harness.read("note://%zz"), { kind: "not-found" });
  assert.equal((await harness.read("OLD:x")).text, "OLD:X");
  assert.equal(await harness.write("note://one", "second", "v1"), "v2");
  assert.notEqual((await harness.read("note://one")).etag, etag);
  await assert.rejects(harness.write("note://one", "third", "v0"), { kind: "conflict" });
  await assert.rejects(harness.write("note://", "x"), { kind: "denied" });
  assert.deepEqual(await harness.list(), { entries: [{ uri: "note://one", name: "one" }] });
  assert.deepEqual(await harness.complete("note://{name}", "name", "o"), { values: ["one"], total: 9, hasMore: true });
  assert.deepEqual((await harness.complete("note://{name}", "other", "o")).values, []);
});

test("a prompt gives text or messages", async () => {
  const texts = prompt({ name: "a" }, () => "hello");
  const messages = prompt({ name: "b" }, () => ({ description: "d", messages: [{ role: "assistant", content: "hi" }] }));
  const harness = new Harness(plugin({ prompts: [texts, messages] }));
  assert.deepEqual((await harness.prompt("a")).messages.map(({ role, text }) => [role, text]), [["user", "hello"]]);
  const { description, messages: [hi] } = await harness.prompt("b");
  assert.deepEqual([description, hi.role, hi.text], ["d", "assistant", "hi"]);
});
