// The entry of a component of the world `plugin-with-http`. The bundler's alias says what `bulkhead-author` is.

import "../src/runtime/install-http.js";
import plugin from "bulkhead-author";
import { exportsOf } from "../src/runtime/exports.js";

export const { tools, resources, prompts, completions, contract } = exportsOf(plugin);
