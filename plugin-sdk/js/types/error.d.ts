// Why a plugin did not answer.

import type { Capability } from "./items.js";

/** Thrown by a plugin's functions, it reaches the client in its own words. Any other error counts as `failed`. */
export class PluginError extends Error {
  private constructor();
  readonly kind: "invalid" | "not-found" | "conflict" | "denied" | "missing-capability" | "failed" | "protocol";
}

/** The arguments make no sense: what was expected. */
export function invalid(expected: string): PluginError;
/** There is no such thing here. */
export function notFound(what: string): PluginError;
/** The `ifMatch` of a write is not the current etag. */
export function conflict(why: string): PluginError;
/** The plugin itself refuses. */
export function denied(why: string): PluginError;
/** It was tried and failed. */
export function failed(why: string): PluginError;
/** The client lacks what this needs. */
export function missingCapability(...names: Capability[]): PluginError;
/** A JSON-RPC error. `code` lies outside -32768 to -32000, or is -32602 or -32603. */
export function protocolError(code: number, message: string, data?: unknown): PluginError;
