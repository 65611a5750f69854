// Structured answers, progress, log lines, cancellation.

import { failed, invalid, tool } from "bulkhead-sdk";

const INTEGER = { type: "integer", format: "int64" } as const;
const MAX = 2n ** 63n - 1n;

export const add = tool(
  {
    name: "add",
    description: "Adds two numbers.",
    input: { type: "object", properties: { a: INTEGER, b: INTEGER }, required: ["a", "b"] },
    output: { type: "object", properties: { sum: INTEGER }, required: ["sum"] },
  },
  ({ a, b }) => {
    const sum = a + b;
    if (sum > MAX || sum < -MAX - 1n) throw invalid("the sum does not fit into 64 bits");
    return { sum };
  },
);

export const count = tool(
  {
    name: "count",
    description: "Counts, and reports each number on the way.",
    input: {
      type: "object",
      properties: { to: { type: "integer", minimum: 1, maximum: 100, description: "How far." } },
      required: ["to"],
    },
  },
  ({ to }, ctx) => {
    for (let k = 1; k <= to; k++) {
      if (ctx.cancelled()) throw failed(`stopped before ${k}: the caller gave up`);
      ctx.progress(k, to, String(k));
    }
    ctx.log("info", `counted to ${to}`);
    return String(to);
  },
);
