export { plugin } from "./plugin.js";
export { tool, ToolResult } from "./tool.js";
export { checkIfMatch, Reading, resource, template } from "./resource.js";
export { prompt } from "./prompt.js";
export { conflict, denied, failed, invalid, missingCapability, notFound, PluginError, protocolError } from "./error.js";
