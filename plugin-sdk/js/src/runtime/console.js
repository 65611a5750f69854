// `console`: lines for the caller, at the level of their method. There is none to hear them before a call begins.

const LEVELS = { debug: "debug", trace: "debug", log: "info", info: "info", warn: "warning", error: "error" };

let current;

/** From now on, lines belong to the call of `ctx`. */
export function speakFor(ctx) {
  current = ctx;
}

function write(level, values) {
  current?.log(level, values.map(shown).join(" "), "console");
}

function shown(value) {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.stack ? `${value}\n${value.stack}` : String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

export const console = Object.fromEntries(
  Object.entries(LEVELS).map(([method, level]) => [method, (...values) => write(level, values)]),
);

console.assert = (condition, ...values) => {
  if (!condition) console.error("assertion failed:", ...values);
};
