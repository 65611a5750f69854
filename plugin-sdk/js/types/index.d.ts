export type * from "./content.js";
export type * from "./context.js";
export type { Given, JsonSchema, Schema, StandardSchema, Taken } from "./schema.js";
export * from "./error.js";
export * from "./items.js";
