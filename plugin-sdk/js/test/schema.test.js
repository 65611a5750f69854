import assert from "node:assert/strict";
import { test } from "node:test";

import * as z from "zod";

import { plugin, prompt, tool } from "../src/index.js";
import { parse, stringify } from "../src/json.js";
import { Harness } from "../src/testing/index.js";

const echo = (input) => new Harness(plugin({ tools: [tool({ name: "echo", description: "Echoes.", input }, (args) => JSON.stringify(args, (_, value) => (typeof value === "bigint" ? `${value}n` : value)))] }));
const echoed = async (input, args) => JSON.parse((await echo(input).tool("echo", args)).text);

test("JSON keeps every digit of its integers", () => {
  const texts = ['{"a":9223372036854775807,"b":[-9223372036854775808,1,1.5,"12345678901234567890"],"c":{"d":null,"e":true}}', '[]', '[[1234567890123456789],{}]', '"1234567890123456789"', "12345678901234567890"];
  for (const text of texts) assert.equal(stringify(parse(text)), text);
  assert.deepEqual(parse('{"__proto__":{"x":1234567890123456789}}').x, undefined);
  assert.throws(() => parse('[1234567890123456789,,]'), SyntaxError);
});

test("a JSON Schema goes into the contract as it is, and its defaults into the arguments", async () => {
  const input = { type: "object", properties: { a: { type: "string" }, b: { type: "boolean", default: false } }, required: ["a"] };
  assert.deepEqual(echo(input).contract.tools[0].inputSchema, input);
  assert.deepEqual(await echoed(input, { a: "x" }), { a: "x", b: false });
  assert.deepEqual(await echoed(input, { a: "x", b: true }), { a: "x", b: true });
});

test("64-bit integers are bigints where the schema says so, and refused elsewhere", async () => {
  const int64 = { type: "integer", format: "int64" };
  const input = { type: "object", properties: { n: int64, list: { type: "array", items: int64 }, plain: { type: "integer" } } };
  assert.deepEqual(await echoed(input, { n: 2n ** 60n, list: [1, 2n ** 62n], plain: 3 }), { n: `${2n ** 60n}n`, list: ["1n", `${2n ** 62n}n`], plain: 3 });
  await assert.rejects(echo({ type: "object" }).tool("echo", { n: 2n ** 60n }), { kind: "invalid", message: /^n is 1152921504606846976/ });
});

test("a Standard JSON Schema validates and transforms", async () => {
  const input = z.object({ name: z.string().min(1), loud: z.boolean().default(false), n: z.int64().optional() });
  const [{ inputSchema }] = echo(input).contract.tools;
  assert.deepEqual(inputSchema.properties, { name: { type: "string", minLength: 1 }, loud: { type: "boolean", default: false }, n: { type: "integer", format: "int64" } });
  assert.deepEqual(inputSchema.required, ["name"]);
  assert.deepEqual(await echoed(input, { name: "x", n: 5 }), { name: "x", loud: false, n: "5n" });
  await assert.rejects(echo(input).tool("echo", { name: "" }), { kind: "invalid", message: /^name: / });
});

test("a library without JSON Schema is told so", () => {
  assert.throws(() => echo({ "~standard": { vendor: "other", validate() {} } }), /other has no JSON Schema/);
});

test("text arguments of a prompt become what the schema says", async () => {
  const input = { type: "object", properties: { n: { type: "integer" }, yes: { type: "boolean" }, text: { type: "string" } }, required: ["n"] };
  const show = prompt({ name: "show", input }, (args) => JSON.stringify(args));
  const harness = new Harness(plugin({ prompts: [show] }));
  assert.equal((await harness.prompt("show", { n: "7", yes: "true", text: "7" })).messages[0].text, '{"n":7,"yes":true,"text":"7"}');
  await assert.rejects(harness.prompt("show", { n: "many" }), /expected a number, found "many"/);
  await assert.rejects(harness.prompt("show", { n: "1", yes: "maybe" }), /expected true or false/);
  await assert.rejects(harness.prompt("show", { text: "7" }), { kind: "invalid", message: "n is missing" });
});
