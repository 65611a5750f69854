// The tour: one of everything that a plugin may offer, the same in every language.

import { plugin } from "bulkhead-sdk";

import { add, count } from "./numbers.ts";
import { title } from "./page.ts";
import { ask, fail, greet, introduce } from "./people.ts";
import { facts, stop } from "./stops.ts";

export default plugin({
  tools: [greet, add, count, ask, title, fail],
  resources: [facts],
  templates: [stop],
  prompts: [introduce],
});
