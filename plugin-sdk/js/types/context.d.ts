// What a running call knows and can do.

import type { Content } from "./content.js";
import type { Schema, Taken } from "./schema.js";

export type LogLevel = "debug" | "info" | "notice" | "warning" | "error" | "critical" | "alert" | "emergency";

/** What the client said that it can do. */
export interface ClientCapabilities {
  elicitationForm: boolean;
  elicitationUrl: boolean;
  sampling: boolean;
  samplingTools: boolean;
  roots: boolean;
  tasks: boolean;
}

/** What the user did with a form. */
export type Elicited<T> = { action: "accept"; content: T } | { action: "decline" | "cancel"; content?: undefined };

/** A request to the client's model: one message of the user's, or the parameters of `sampling/createMessage`. */
export type Sampling =
  | string
  | {
      messages: { role: "user" | "assistant"; content: Exclude<Content, string> | string }[];
      systemPrompt?: string;
      /** How much the model may write: 1024 tokens unless it is said. */
      maxTokens?: number;
      temperature?: number;
      stopSequences?: string[];
      [parameter: string]: unknown;
    };

/** A model's answer. */
export interface Sampled {
  model?: string;
  stopReason?: string;
  /** One content block or a list of them, in the protocol's shape. */
  content: unknown;
  /** The text of all its text blocks. */
  text: string;
}

/** One of the user's folders. */
export interface Folder {
  /** A `file:` URI. */
  uri: string;
  name?: string;
}

/** The plugin's configuration, as the operator wrote it. */
export interface Config {
  get(key: string): string | undefined;
  all(): Record<string, string>;
}

/** Values that outlive the call: the caller's own, unless the operator shares them. Every method throws `denied` without a grant. */
export interface Kv {
  get(key: string): Uint8Array | undefined;
  getText(key: string): string | undefined;
  getJson<T = unknown>(key: string): T | undefined;
  /** A value has at most 1 MiB. */
  set(key: string, value: Uint8Array | string): void;
  setJson(key: string, value: unknown): void;
  delete(key: string): void;
  has(key: string): boolean;
  /** Adds `delta` (1 by default) to the number at `key`, 0 at first, in one step. */
  increment(key: string, delta?: number): number;
  keys(): string[];
}

/**
 * The call that runs now. A call that asks something (`elicit`, `sample`, `roots`) ends there, and is made again from its
 * start with the answer: what comes before a question must be repeatable, or stand in `once`. Questions that are asked
 * side by side (`Promise.all`) go out in one round.
 */
export interface Context {
  /** The host's id of this call, in every log line and record about it. */
  readonly callId: string;
  /** Which dialect the client speaks. A plugin seldom needs to look. */
  readonly era: "legacy" | "modern" | "guide";
  /** The revision spoken, such as `2026-07-28`. */
  readonly protocolVersion: string;
  readonly client: ClientCapabilities;
  /** Lines below this level go nowhere; none at all when absent. */
  readonly logLevel: LogLevel | undefined;
  /** Whether somebody listens for progress. */
  readonly wantsProgress: boolean;
  /** Whether the call runs as a task, so that it may take long. */
  readonly asTask: boolean;
  /** The trace that the request belongs to. */
  readonly trace: { traceparent: string; tracestate?: string | null; baggage?: string | null } | undefined;
  /** The context tree that the call belongs to. */
  readonly root: { id: string; workspace?: string | null } | undefined;
  /** Sampling parameters of the caller's root. */
  readonly sampling: Record<string, unknown> | undefined;
  /** The request's `_meta`, without the protocol's own keys. */
  readonly meta: Record<string, unknown> | undefined;

  readonly config: Config;
  readonly kv: Kv;

  /** Says how far the call is. Values must rise; the host passes on at most a few a second. */
  progress(progress: number, total?: number, message?: string): void;
  /** A line for the caller: text or any JSON, from the part of the plugin named `logger`. */
  log(level: LogLevel, data: unknown, logger?: string): void;
  /** Whether the caller has given up. The host stops the plugin shortly after in any case. */
  cancelled(): boolean;
  /** The resource at `uri`, one of this plugin's, has changed. */
  resourceUpdated(uri: string): void;
  /** The dynamic resources that this plugin lists have changed. */
  resourcesChanged(): void;
  /** Hides a contracted item from listings and calls, or shows it again. */
  setVisible(kind: "tool" | "prompt" | "resource", name: string, visible: boolean): void;
  /** One line for whoever watches the task. */
  taskStatus(message: string): void;
  /** Closes the connection that carries this call's events; the client comes back after `retryMs`. */
  closeStream(retryMs?: number): void;

  /** Asks the user to fill in a form, and gives what was filled in. A user who says no ends the call with `denied`. */
  elicit<const S extends Schema>(key: string, message: string, schema: S): Promise<Taken<S>>;
  /** Asks the user to fill in a form, and gives what the user did. */
  elicitForm<const S extends Schema>(key: string, message: string, schema: S): Promise<Elicited<Taken<S>>>;
  /** Asks the user to open `url`: for what must not pass through the client, such as a password. */
  elicitUrl(key: string, message: string, url: string): Promise<"accept" | "decline" | "cancel">;
  /** Asks the client's model. */
  sample(key: string, request: Sampling): Promise<Sampled>;
  /** Asks for the folders that the user works in. */
  roots(key: string): Promise<Folder[]>;

  /** Runs `effect` in the first round of the call only; later rounds get what it gave then, as JSON. Keep it small. */
  once<T>(key: string, effect: () => T | Promise<T>): Promise<T>;
  /** What an earlier round of this call kept here, as JSON: at most 12 KiB together with what `once` keeps. */
  state: unknown;
  /** Goes on as a task: at once in a call that runs as one, and otherwise the call is made again as one. */
  becomeTask(): Promise<void>;
}
