// JSON whose integers keep all their digits: those that a number cannot hold exactly are bigints.

import { invalid } from "./error.js";

const LONG = /\d{16}/;
// eslint-disable-next-line security/detect-unsafe-regex -- no two of its parts can begin with the same character
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[[\]{},:]|true|false|null/g;

/** The value of a JSON text that the host has already found to be well-formed. */
export function parse(text) {
  return LONG.test(text) ? parseExact(text) : JSON.parse(text);
}

/** The JSON text of a value that may hold bigints. */
export function stringify(value) {
  return hasBigInt(value) ? stringifyExact(value) : JSON.stringify(value);
}

function parseExact(text) {
  JSON.parse(text);
  const tokens = text.match(TOKEN);
  let at = 0;
  const next = () => tokens[at++];
  const value = (piece) => {
    if (piece === "[") return list();
    if (piece === "{") return object();
    return /^-?\d+$/.test(piece) ? integer(piece) : JSON.parse(piece);
  };
  const list = () => {
    const items = [];
    for (let piece = next(); piece !== "]"; piece = next()) {
      items.push(value(piece === "," ? next() : piece));
    }
    return items;
  };
  const object = () => {
    const members = [];
    for (let piece = next(); piece !== "}"; piece = next()) {
      const name = JSON.parse(piece === "," ? next() : piece);
      next();
      members.push([name, value(next())]);
    }
    return Object.fromEntries(members);
  };
  return value(next());
}

function integer(digits) {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

function hasBigInt(value) {
  if (typeof value === "bigint") return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(hasBigInt);
}

function stringifyExact(value) {
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object" || typeof value.toJSON === "function") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => stringifyExact(item) ?? "null").join(",")}]`;
  const members = Object.entries(value).map(([name, item]) => [JSON.stringify(name), stringifyExact(item)]);
  return `{${members.filter(([, text]) => text !== undefined).map((member) => member.join(":")).join(",")}}`;
}

/** Refuses integers that a number cannot hold, where the schema does not say `format: "int64"`. */
export function refuseBigInts(value, path = "") {
  if (typeof value === "bigint") {
    throw invalid(`${path || "it"} is ${value}; expected an integer from -(2^53 - 1) to 2^53 - 1`);
  }
  if (value !== null && typeof value === "object") {
    for (const [name, item] of Object.entries(value)) refuseBigInts(item, path ? `${path}.${name}` : name);
  }
}
