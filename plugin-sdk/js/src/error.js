// Why a plugin did not answer, under the contract's own names.

/** The flags of a client's capabilities, by the protocol's names for them. */
const CAPABILITIES = {
  "elicitation.form": "elicitationForm",
  "elicitation.url": "elicitationUrl",
  sampling: "sampling",
  "sampling.tools": "samplingTools",
  roots: "roots",
  tasks: "tasks",
};

/** JSON-RPC's "invalid params". */
export const INVALID_PARAMS = -32602;

export class PluginError extends Error {
  name = "PluginError";

  constructor(kind, message, detail) {
    super(message);
    this.kind = kind;
    this.detail = detail;
  }
}

export const invalid = (expected) => new PluginError("invalid", expected);
export const notFound = (what) => new PluginError("not-found", what);
export const conflict = (why) => new PluginError("conflict", why);
export const denied = (why) => new PluginError("denied", why);
export const failed = (why) => new PluginError("failed", why);

export function missingCapability(...names) {
  return new PluginError("missing-capability", `the client cannot do this: it lacks ${names.join(", ")}`, names);
}

export function protocolError(code, message, data) {
  return new PluginError("protocol", message, { code, data });
}

/** The error as the contract spells it. What is not a `PluginError` failed, with its own text. */
export function toWit(error) {
  if (!(error instanceof PluginError)) return { tag: "failed", val: message(error) };
  switch (error.kind) {
    case "missing-capability":
      return { tag: error.kind, val: needed(error.detail) };
    case "protocol":
      return { tag: error.kind, val: { code: error.detail.code, message: error.message, data: json(error.detail.data) } };
    default:
      return { tag: error.kind, val: error.message };
  }
}

function message(error) {
  return error instanceof Error ? error.message || error.name : String(error);
}

function needed(names) {
  return Object.fromEntries(Object.entries(CAPABILITIES).map(([name, flag]) => [flag, names.includes(name)]));
}

function json(value) {
  return value === undefined ? undefined : JSON.stringify(value);
}
