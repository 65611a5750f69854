// Compiled, never run: what is inferred, and what is refused.

import { plugin, prompt, template, tool } from "bulkhead-sdk";
import * as z from "zod";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<T extends true>(): T | void {}

const input = {
  type: "object",
  properties: {
    name: { type: "string" },
    loud: { type: "boolean", default: false },
    count: { type: "integer" },
    big: { type: "integer", format: "int64" },
    tags: { type: "array", items: { enum: ["a", "b"] } },
    either: { anyOf: [{ type: "string" }, { type: "null" }] },
  },
  required: ["name", "big"],
} as const;

const output = { type: "object", properties: { sum: { type: "integer" }, note: { type: ["string", "null"] } }, required: ["sum"] } as const;

const typed = tool({ name: "typed", description: "", input, output }, (args) => {
  is<Same<typeof args.name, string>>();
  is<Same<typeof args.loud, boolean>>();
  is<Same<typeof args.count, number | undefined>>();
  is<Same<typeof args.big, bigint>>();
  is<Same<typeof args.tags, ("a" | "b")[] | undefined>>();
  is<Same<typeof args.either, string | null | undefined>>();
  return { sum: 1, note: null };
});

const inPlace = tool(
  { name: "in-place", description: "", input: { type: "object", properties: { a: { type: "number" } }, required: ["a"] } },
  ({ a }) => a.toFixed(),
);

const withZod = tool(
  { name: "zod", description: "", input: z.object({ a: z.string(), b: z.number().default(1) }) },
  ({ a, b }) => a + b.toFixed(),
);

// @ts-expect-error -- the output schema wants a sum
tool({ name: "wrong", description: "", output }, () => ({ note: "no sum" }));
// @ts-expect-error -- an object needs an output schema
tool({ name: "bare", description: "" }, () => ({ sum: 1 }));
// @ts-expect-error -- there is no process in a plugin
process.exit();

template({ uriTemplate: "x://{id}/{+path}", name: "x" }, ({ id, path }) => id + path);
// @ts-expect-error -- no such variable
template({ uriTemplate: "x://{id}", name: "x" }, ({ other }) => other);
prompt({ name: "p", input }, async ({ name }, ctx) => `${name} ${(await ctx.elicit("k", "m", output)).sum.toFixed()}`);

export default plugin({ tools: [typed, inPlace, withZod] });
