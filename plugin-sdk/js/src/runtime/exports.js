// The contract's exports, made of a plugin. Each runs its operation to the end before it returns.

import { Context } from "../context/index.js";
import { failed, PluginError, toWit } from "../error.js";
import { operations, refusePause } from "../operations.js";
import { Plugin } from "../plugin.js";
import { speakFor } from "./console.js";
import { component } from "./host.js";
import { run } from "./loop.js";
import { seed } from "./random.js";

export function exportsOf(plugin) {
  if (!(plugin instanceof Plugin)) throw failed("expected `export default plugin({…})` in the plugin's main module");
  const { contract } = plugin;
  const answering = (operation, allowed) => (call, ...args) => answer(plugin, operation, allowed, call, args);
  return {
    tools: { call: answering(operations.callTool, { questions: true, tasks: true }) },
    resources: {
      list: answering(operations.listResources),
      read: answering(operations.readResource, { questions: true }),
      write: answering(operations.writeResource),
    },
    prompts: { get: answering(operations.getPrompt, { questions: true }) },
    completions: { complete: answering(operations.complete) },
    contract: { describe: () => contract },
  };
}

function answer(plugin, operation, allowed, call, args) {
  const ctx = new Context(call, component);
  speakFor(ctx);
  seed(call.callId);
  try {
    const { value, pause } = run(Promise.try(operation, plugin, ctx, ...args), () => Context.pause(ctx));
    if (pause) return paused(pause, allowed);
    return allowed ? { tag: "done", val: value } : value;
  } catch (error) {
    if (!(error instanceof PluginError)) ctx.log("debug", error?.stack ?? String(error), "error");
    throw toWit(error);
  }
}

function paused(pause, allowed = {}) {
  refusePause(pause, allowed);
  if (pause.task) return { tag: "become-task", val: pause.state };
  return { tag: "input-required", val: { requests: pause.requests, state: pause.state } };
}
