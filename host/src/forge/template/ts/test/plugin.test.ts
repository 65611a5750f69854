import assert from "node:assert/strict";
import { test } from "node:test";

import { Harness } from "bulkhead-sdk/testing";

import greeter from "../src/plugin.ts";

test("it greets by name", async () => {
  const { text } = await new Harness(greeter).tool("greet", { name: "Ada" });
  assert.equal(text, "Hello, Ada!");
});
