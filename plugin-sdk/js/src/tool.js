// Tools: what a model may do.

import { failed } from "./error.js";
import { object, toBlock } from "./content.js";
import { parse, stringify } from "./json.js";
import { jsonSchema, reader } from "./schema.js";

const NO_ARGUMENTS = { type: "object", properties: {}, additionalProperties: false };

/** What a tool answered, where a plain value does not say it all. */
export class ToolResult {
  constructor({ content = [], structured, isError = false, meta } = {}) {
    this.content = content;
    this.structured = structured;
    this.isError = isError;
    this.meta = meta;
  }

  static text(text) {
    return new ToolResult({ content: [text] });
  }

  static error(text) {
    return new ToolResult({ content: [text], isError: true });
  }
}

export function tool(spec, run) {
  const read = reader(spec.input);
  return {
    name: spec.name,
    contract: contract(spec),
    async call(ctx, text) {
      const args = await read(parse(text));
      if (spec.task && (spec.task === "required" || ctx.client.tasks)) await ctx.becomeTask();
      return toWit(spec, await run(args, ctx));
    },
  };
}

function contract(spec) {
  const { name, title, description, icons, singleUse, requiredCapabilities } = spec;
  return {
    name,
    title,
    description,
    inputSchema: spec.input === undefined ? NO_ARGUMENTS : jsonSchema(spec.input, "input"),
    outputSchema: spec.output && jsonSchema(spec.output, "output"),
    annotations: hints(spec),
    icons,
    _meta: meta(spec),
    execution: spec.task && { taskSupport: spec.task },
    singleUse,
    requiredCapabilities,
  };
}

function hints({ readOnly, destructive, idempotent, openWorld }) {
  const all = { readOnlyHint: readOnly, destructiveHint: destructive, idempotentHint: idempotent, openWorldHint: openWorld };
  return Object.values(all).some((hint) => hint !== undefined) ? all : undefined;
}

function meta(spec) {
  return spec.ui ? { ...spec.meta, ui: { resourceUri: spec.ui } } : spec.meta;
}

function toWit(spec, value) {
  if (value instanceof ToolResult) return result(value);
  if (spec.output) return result(new ToolResult({ structured: value }));
  return result(new ToolResult({ content: blocks(spec.name, value) }));
}

function blocks(name, value) {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  if (typeof value !== "object") return [String(value)];
  if (value !== null && typeof value.type === "string") return [value];
  throw failed(`the tool ${name} returned an object and has no output schema; give it \`output\`, or return text or content`);
}

function result({ content, structured, isError, meta }) {
  return {
    content: content.map(toBlock),
    structured: structured === undefined ? undefined : stringify(structured),
    isError,
    meta: object(meta),
  };
}
