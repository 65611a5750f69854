// Questions to the user, to a model, and for the user's folders. One that has no answer yet stays open: the call ends,
// and is made again from its start with the answer.

import { denied, INVALID_PARAMS, missingCapability, protocolError } from "../error.js";
import { jsonSchema, reader } from "../schema.js";

/** How much a model may write unless the plugin says. */
const DEFAULT_MAX_TOKENS = 1024;
/** Parameters that a root may set for its sampling. */
const ROOT_PARAMETERS = ["temperature", "stopSequences", "systemPrompt", "modelPreferences", "maxTokens"];

/** The flag of each capability that a question needs. */
const FLAGS = {
  "elicitation.form": "elicitationForm",
  "elicitation.url": "elicitationUrl",
  sampling: "sampling",
  roots: "roots",
  tasks: "tasks",
};

export class Questions {
  #call;
  open = [];
  #task = false;
  hear = () => {};

  constructor(call) {
    this.#call = call;
  }

  get task() {
    return this.#task;
  }

  set task(task) {
    this.#task = task;
    this.hear();
  }

  need(capability) {
    if (!this.#call.client[FLAGS[capability]]) throw missingCapability(capability);
  }

  async elicit(key, message, schema) {
    const { action, content } = await this.elicitForm(key, message, schema);
    if (action === "accept") return content;
    throw denied(action === "decline" ? "the user declined" : "the user cancelled");
  }

  async elicitForm(key, message, schema) {
    this.need("elicitation.form");
    const requestedSchema = form(jsonSchema(schema, "input"));
    const { action, content } = await this.#ask(key, "elicitation", { mode: "form", message, requestedSchema }, ["action"]);
    if (action !== "accept") return { action };
    return { action, content: await fitting(key, () => reader(schema)(content ?? {})) };
  }

  async elicitUrl(key, message, url) {
    this.need("elicitation.url");
    return (await this.#ask(key, "elicitation", { mode: "url", message, url }, ["action"])).action;
  }

  async sample(key, request) {
    this.need("sampling");
    const { model, stopReason, content } = await this.#ask(key, "sampling", this.#sampling(request), ["content"]);
    const blocks = Array.isArray(content) ? content : [content];
    return { model, stopReason, content, text: blocks.map((block) => block.text ?? "").join("") };
  }

  async roots(key) {
    this.need("roots");
    return (await this.#ask(key, "roots", {}, ["roots"])).roots;
  }

  #sampling(request) {
    const { messages, ...params } = typeof request === "string" ? { messages: [{ role: "user", content: request }] } : request;
    const root = Object.entries(JSON.parse(this.#call.sampling ?? "{}")).filter(([name]) => ROOT_PARAMETERS.includes(name));
    return { maxTokens: DEFAULT_MAX_TOKENS, ...Object.fromEntries(root), ...params, messages: messages.map(spoken) };
  }

  #ask(key, kind, params, expected) {
    const answer = this.#call.answers.findLast((answer) => answer.key === key);
    if (answer) return fitting(key, () => having(expected, JSON.parse(answer.response)));
    if (!this.open.some((request) => request.key === key)) this.open.push({ key, kind, params: JSON.stringify(params) });
    this.hear();
    return new Promise(() => {});
  }
}

/** The host takes forms of the protocol's own few kinds of fields: what a schema library adds to them is left out. */
function form({ type, properties, required }) {
  return { type, properties, required };
}

function spoken({ role, content }) {
  return { role, content: typeof content === "string" ? { type: "text", text: content } : content };
}

function having(members, value) {
  const missing = members.find((member) => value?.[member] === undefined);
  if (missing) throw new Error(`it lacks ${missing}`);
  return value;
}

async function fitting(key, read) {
  try {
    return await read();
  } catch (error) {
    throw protocolError(INVALID_PARAMS, `the answer to "${key}" does not fit: ${error.message}`);
  }
}
