// Prompts: texts that a user picks to begin with.

import { failed } from "./error.js";
import { object, toBlock } from "./content.js";
import { completers } from "./completion.js";
import { fromText, jsonSchema, reader } from "./schema.js";

export function prompt(spec, fill) {
  const shape = spec.input ? jsonSchema(spec.input, "input") : {};
  const read = reader(spec.input);
  return {
    name: spec.name,
    contract: contract(spec, shape),
    async get(ctx, pairs) {
      return result(await fill(await read(fromText(shape, pairs)), ctx));
    },
    completers: completers(spec.complete),
  };
}

function contract({ name, title, description, icons, meta, requiredCapabilities }, { properties = {}, required = [] }) {
  const args = Object.entries(properties).map(([name, property]) => ({
    name,
    description: property.description,
    required: required.includes(name) && property.default === undefined,
  }));
  return { name, title, description, arguments: args, icons, _meta: meta, requiredCapabilities };
}

function result(value) {
  if (typeof value === "string") return { messages: [message({ role: "user", content: value })] };
  if (Array.isArray(value)) return { messages: value.map(message) };
  if (value?.messages) {
    return { description: value.description, messages: value.messages.map(message), meta: object(value._meta) };
  }
  throw failed("expected a prompt to return text, a list of messages, or an object with `messages`");
}

function message({ role, content }) {
  return { role, content: toBlock(content) };
}
