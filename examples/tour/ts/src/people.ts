// Greetings, questions, a prompt, and a failure.

import { prompt, tool, ToolResult } from "bulkhead-sdk";

export const greet = tool(
  {
    name: "greet",
    description: "Greets somebody by name.",
    readOnly: true,
    input: {
      type: "object",
      properties: {
        name: { type: "string", minLength: 1, description: "Who is greeted." },
        excited: { type: "boolean", default: false, description: "Whether to shout." },
      },
      required: ["name"],
    },
  },
  ({ name, excited }) => `Hello, ${name}${excited ? "!" : "."}`,
);

const WHO = { type: "object", properties: { name: { type: "string", description: "Your name." } }, required: ["name"] } as const;

export const ask = tool({ name: "ask", description: "Asks who you are, and greets you." }, async (_, ctx) => {
  const { action, content } = await ctx.elicitForm("who", "Who are you?", WHO);
  return action === "accept" ? `Hello, ${content.name}.` : "Nobody.";
});

export const fail = tool({ name: "fail", description: "Fails, always." }, () => ToolResult.error("this tool always fails"));

export const introduce = prompt(
  {
    name: "introduce",
    description: "Has somebody introduced.",
    input: {
      type: "object",
      properties: {
        name: { type: "string", description: "Who is introduced." },
        tone: { type: "string", default: "friendly", description: "In which tone." },
      },
      required: ["name"],
    },
    complete: { tone: ["formal", "friendly", "funny"] },
  },
  ({ name, tone }) => `Introduce ${name} in a ${tone} way.`,
);
