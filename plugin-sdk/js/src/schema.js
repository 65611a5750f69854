// What a tool takes: a JSON Schema as it is, or a schema of a library that speaks Standard JSON Schema (zod 4.2 and
// later, ArkType, and others), which then also validates and transforms.

import { failed, invalid } from "./error.js";
import { refuseBigInts } from "./json.js";

const TARGET = "draft-2020-12";

/** zod has no JSON Schema for a bigint unless it is told one. */
const LIBRARY_OPTIONS = {
  unrepresentable: "any",
  override({ zodSchema, jsonSchema }) {
    if (zodSchema._zod.def.type === "bigint") Object.assign(jsonSchema, { type: "integer", format: "int64" });
  },
};

/** The JSON Schema of `schema`, for what comes in (`input`) or goes out (`output`). */
export function jsonSchema(schema, side) {
  const standard = schema["~standard"];
  if (standard === undefined) return schema;
  if (standard.jsonSchema === undefined) {
    throw failed(`a schema of ${standard.vendor} has no JSON Schema; expected a library that speaks Standard JSON Schema, or a JSON Schema itself`);
  }
  const { $schema, ...rest } = standard.jsonSchema[side]({ target: TARGET, libraryOptions: LIBRARY_OPTIONS });
  return rest;
}

/** A function that turns JSON into what the author's function takes; made once, when the module begins. */
export function reader(schema) {
  if (schema === undefined) return () => ({});
  const shape = jsonSchema(schema, "input");
  const integers = holdsInt64(shape);
  const finish = schema["~standard"] ? validator(schema["~standard"]) : defaults(shape);
  return (value) => {
    if (integers) value = widen(shape, value);
    else refuseBigInts(value);
    return finish(value);
  };
}

function validator(standard) {
  return (value) => {
    const result = standard.validate(value);
    if (typeof result.then === "function") return result.then(accepted);
    return accepted(result);
  };
}

function accepted(result) {
  if (result.issues === undefined) return result.value;
  throw invalid(result.issues.map(({ path, message }) => (path?.length ? `${path.map(step).join(".")}: ${message}` : message)).join("; "));
}

const step = (segment) => (typeof segment === "object" ? segment.key : segment);

function defaults(shape) {
  const given = Object.entries(shape.properties ?? {}).filter(([, property]) => property.default !== undefined);
  if (given.length === 0) return (value) => value;
  return (value) => ({ ...Object.fromEntries(given.map(([name, property]) => [name, property.default])), ...value });
}

function isInt64(shape) {
  return shape.format === "int64" || shape.format === "uint64";
}

function holdsInt64(shape) {
  if (shape === null || typeof shape !== "object") return false;
  return isInt64(shape) || Object.values(shape).some(holdsInt64);
}

/** The value with a bigint wherever its schema says `format: "int64"`. */
function widen(shape, value) {
  if (typeof value === "number" && isInt64(shape)) return BigInt(value);
  if (Array.isArray(value)) return shape.items ? value.map((item) => widen(shape.items, item)) : value;
  if (value === null || typeof value !== "object" || !shape.properties) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, widen(shape.properties[name] ?? {}, item)]));
}

/** Text arguments as JSON, by the types that the schema gives them. */
export function fromText(shape, pairs) {
  const given = Object.fromEntries(pairs.map(([name, text]) => [name, typed(shape.properties?.[name]?.type, name, text)]));
  const missing = shape.required?.find((name) => given[name] === undefined && shape.properties[name]?.default === undefined);
  if (missing !== undefined) throw invalid(`${missing} is missing`);
  return given;
}

function typed(type, name, text) {
  switch (type) {
    case "integer":
    case "number":
      if (text.trim() === "" || Number.isNaN(Number(text))) throw invalid(`${name}: expected a number, found "${text}"`);
      return Number(text);
    case "boolean":
      if (text !== "true" && text !== "false") throw invalid(`${name}: expected true or false, found "${text}"`);
      return text === "true";
    default:
      return text;
  }
}
