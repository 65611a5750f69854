// Tests of a plugin that run natively, without a host.

import { Context } from "../context/index.js";
import { failed } from "../error.js";
import { toBody } from "../content.js";
import { parse, stringify } from "../json.js";
import { operations, refusePause } from "../operations.js";
import { Stage } from "./stage.js";

/** More rounds than that are a plugin that asks for ever. */
const MAX_ROUNDS = 32;

const CAPABLE = { elicitationForm: true, elicitationUrl: true, sampling: true, samplingTools: true, roots: true, tasks: true };
const CALL = {
  callId: "test",
  era: "modern",
  protocolVersion: "2026-07-28",
  client: CAPABLE,
  logLevel: "debug",
  progress: true,
  asTask: false,
};

export class Harness {
  #plugin;
  #call = { ...CALL };
  #script = new Map();
  #stage = new Stage();
  rounds = 0;

  constructor(plugin) {
    this.#plugin = plugin;
  }

  get recorded() {
    return this.#stage.recorded;
  }

  get kv() {
    return this.#stage.kv;
  }

  get contract() {
    return JSON.parse(this.#plugin.contract);
  }

  answer(key, response) {
    this.#script.set(key, response);
    return this;
  }

  accept(key, content) {
    return this.answer(key, { action: "accept", content });
  }

  decline(key) {
    return this.answer(key, { action: "decline" });
  }

  client(capabilities) {
    return this.call({ client: { ...this.#call.client, ...capabilities } });
  }

  call(parts) {
    Object.assign(this.#call, parts);
    return this;
  }

  config(key, value) {
    this.#stage.settings.set(key, value);
    return this;
  }

  denyKv() {
    this.#stage.grantsKv = false;
    return this;
  }

  cancelled() {
    this.#stage.isCancelled = true;
    return this;
  }

  async tool(name, args = {}) {
    const result = await this.#run(operations.callTool, { questions: true, tasks: true }, name, stringify(args));
    const texts = result.content.filter(({ content }) => content.tag === "text");
    return {
      ...result,
      text: texts.map(({ content }) => content.val).join("\n"),
      structured: result.structured === undefined ? undefined : parse(result.structured),
      meta: result.meta && JSON.parse(result.meta),
    };
  }

  async read(uri) {
    const reading = await this.#run(operations.readResource, { questions: true }, uri);
    const [{ body }] = reading.contents;
    return { ...reading, text: body.tag === "text" ? body.val : undefined };
  }

  write(uri, contents, ifMatch) {
    return this.#run(operations.writeResource, {}, uri, toBody(contents), ifMatch);
  }

  list(cursor) {
    return this.#run(operations.listResources, {}, cursor);
  }

  async prompt(name, args = {}) {
    const result = await this.#run(operations.getPrompt, { questions: true }, name, Object.entries(args));
    const messages = result.messages.map(({ role, content: { content } }) => ({ role, content, text: content.tag === "text" ? content.val : "" }));
    return { ...result, messages };
  }

  complete(of, argument, typed, filled = {}) {
    const reference = { tag: of.includes("{") ? "resource" : "prompt", val: of };
    return this.#run(operations.complete, {}, reference, argument, typed, Object.entries(filled));
  }

  async #run(operation, allowed, ...args) {
    const call = { ...this.#call, answers: [], state: undefined };
    for (this.rounds = 1; this.rounds <= MAX_ROUNDS; this.rounds++) {
      const { value, pause } = await round(this.#plugin, operation, new Context({ ...call }, this.#stage), args);
      if (!pause) return value;
      refusePause(pause, allowed);
      call.answers = [...call.answers, ...this.#answers(pause.requests ?? [])];
      call.asTask ||= pause.task === true;
      call.state = pause.state;
    }
    throw failed(`it still asks after ${MAX_ROUNDS} rounds`);
  }

  #answers(requests) {
    return requests.map(({ key, params }) => {
      if (!this.#script.has(key)) throw failed(`the test has no answer to "${key}": ${params}`);
      return { key, response: JSON.stringify(this.#script.get(key)) };
    });
  }
}

/** One round: to its end, or until it has asked and nothing else of it happens at once. */
async function round(plugin, operation, ctx, args) {
  const asked = new Promise((resolve) => Context.onPause(ctx, () => setTimeout(resolve, 0)));
  const ended = (async () => ({ value: await operation(plugin, ctx, ...args) }))();
  return Promise.race([ended, asked.then(() => ({ pause: Context.pause(ctx) }))]);
}
