// The plugin. What a tool takes stands in its schema; what it does is one plain function of it.

import { plugin, tool } from "bulkhead-sdk";

const greet = tool(
  {
    name: "greet",
    description: "Greets somebody by name.",
    readOnly: true,
    input: {
      type: "object",
      properties: { name: { type: "string", minLength: 1, description: "Who is greeted." } },
      required: ["name"],
    },
  },
  (args) => `Hello, ${args.name}!`,
);

export default plugin({ tools: [greet] });
