// The contract's exports, as operations that end some time: what a component and the test harness have in common.

import { denied, failed } from "./error.js";

/** Each gets the plugin, the call's context and the export's arguments, and may be waited for. */
export const operations = {
  callTool: (plugin, ctx, name, text) => plugin.callTool(ctx, name, text),
  getPrompt: (plugin, ctx, name, pairs) => plugin.getPrompt(ctx, name, pairs),
  listResources: (plugin, ctx, cursor) => plugin.listPage(ctx, cursor ?? undefined),
  readResource: (plugin, ctx, uri) => plugin.readResource(ctx, uri),
  writeResource: (plugin, ctx, uri, body, ifMatch) => plugin.writeResource(ctx, uri, body.val, ifMatch ?? undefined),
  complete: (plugin, ctx, reference, argument, typed, filled) =>
    plugin.complete(ctx, reference, argument, typed, Object.fromEntries(filled)),
};

/** What of a pause each operation may answer with. */
export function refusePause(pause, { tasks = false, questions = false }) {
  if (pause.task && !tasks) throw failed("only a tool can become a task");
  if (pause.requests && !questions) throw denied("this operation can ask nothing");
}
