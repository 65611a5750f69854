// Tests of a plugin that run natively, without a host.

import type { ClientCapabilities, LogLevel } from "./context.js";
import type { Plugin } from "./items.js";

/** What a tool answered: its blocks as the contract spells them, and what a test mostly looks at. */
export interface ToolOutcome {
  content: { content: { tag: string; val: any }; annotations?: unknown; meta?: string }[];
  /** The text of all its text blocks, one a line. */
  text: string;
  /** The structured answer. */
  structured: any;
  isError: boolean;
  meta: any;
}

/** What was read. `text` is of the first resource, if it is text. */
export interface ReadOutcome {
  contents: { uri: string; mimeType?: string; body: { tag: "text" | "blob"; val: any } }[];
  text: string | undefined;
  etag: string;
  cache?: { ttlMs: number; scope: string };
}

/** What a plugin told its host. */
export interface Recorded {
  progress: { progress: number; total?: number; message?: string }[];
  log: { level: LogLevel; logger?: string; data: any }[];
  updated: string[];
  resourcesChanged: number;
  visible: { kind: string; name: string; visible: boolean }[];
  taskStatus: string[];
  closedStreams: (number | undefined)[];
}

/**
 * A caller, an operator and a host, as a test wants them: a client that can do everything, at log level debug. Operations
 * run round after round, until every question in them has its answer, and reject with the plugin's error.
 */
export class Harness {
  constructor(plugin: Plugin);
  /** What the client answers to the question named `key`: the protocol's result. */
  answer(key: string, response: unknown): this;
  /** The user fills in the form named `key`. */
  accept(key: string, content: unknown): this;
  /** The user says no to the form named `key`. */
  decline(key: string): this;
  /** Changes what the client can do. */
  client(capabilities: Partial<ClientCapabilities>): this;
  /** Changes anything about the call, by its name in the contract. */
  call(parts: Record<string, unknown>): this;
  /** The operator configures `key`. */
  config(key: string, value: string): this;
  /** The operator grants no kept values. */
  denyKv(): this;
  /** The caller gives up before the call looks. */
  cancelled(): this;

  tool(name: string, args?: Record<string, unknown>): Promise<ToolOutcome>;
  read(uri: string): Promise<ReadOutcome>;
  /** Writes and gives the new etag. */
  write(uri: string, contents: string | Uint8Array, ifMatch?: string): Promise<string>;
  list(cursor?: string): Promise<{ entries: { uri: string; name: string }[]; next?: string }>;
  prompt(name: string, args?: Record<string, string>): Promise<{ description?: string; messages: { role: string; content: any; text: string }[] }>;
  /** Completes an argument of a prompt or, where the name has a `{`, of a template. */
  complete(of: string, argument: string, typed: string, filled?: Record<string, string>): Promise<{ values: string[]; total?: number; hasMore: boolean }>;

  /** What the plugin told its host so far. */
  readonly recorded: Recorded;
  /** How many rounds the last call took. */
  readonly rounds: number;
  /** Kept values, which outlive calls here as well. */
  readonly kv: Map<string, Uint8Array>;
  /** What the plugin offers. */
  readonly contract: any;
}
