// What a plugin offers.

import type { Content, Icon, ResourceContents, ResourceEntry } from "./content.js";
import type { Context } from "./context.js";
import type { Given, Schema, Taken } from "./schema.js";

type Awaitable<T> = T | Promise<T>;

/** Names of what a client must be able to do. */
export type Capability = "elicitation.form" | "elicitation.url" | "sampling" | "sampling.tools" | "roots" | "tasks";

/** What a tool answered, where a plain value does not say it all. */
export class ToolResult {
  constructor(parts?: { content?: Content[]; structured?: unknown; isError?: boolean; meta?: Record<string, unknown> });
  readonly content: Content[];
  readonly structured: unknown;
  readonly isError: boolean;
  readonly meta: Record<string, unknown> | undefined;
  /** One block of text. */
  static text(text: string): ToolResult;
  /** The tool ran and failed; the text says how, for the model to read. */
  static error(text: string): ToolResult;
}

export interface ToolSpec<Input, Output> {
  /** Its name, without the plugin's prefix. */
  name: string;
  /** A name for people. */
  title?: string;
  /** What it does, for the model. */
  description: string;
  /** What it takes; nothing when absent. The host refuses arguments that do not fit. */
  input?: Input;
  /** What it gives, if that is structured. */
  output?: Output;
  /** It changes nothing. */
  readOnly?: boolean;
  /** It may destroy something. */
  destructive?: boolean;
  /** Twice is the same as once. */
  idempotent?: boolean;
  /** It reaches beyond the server. */
  openWorld?: boolean;
  icons?: Icon[];
  meta?: Record<string, unknown>;
  /** The `ui:` resource that shows its answer. */
  ui?: string;
  /** It runs as a task, where the client follows tasks or always. */
  task?: "optional" | "required";
  /** An answer to its questions is taken once and never replayed. */
  singleUse?: boolean;
  requiredCapabilities?: Capability[];
}

type ToolAnswer<Output> = [Output] extends [undefined]
  ? string | number | bigint | boolean | void | Content | Content[] | ToolResult
  : Given<Output> | ToolResult;

export interface Tool {
  readonly name: string;
}

/** A tool: a function of its arguments and the call. */
export function tool<const Input extends Schema | undefined = undefined, const Output extends Schema | undefined = undefined>(
  spec: ToolSpec<Input, Output>,
  run: (args: Input extends undefined ? Record<never, never> : Taken<Input>, ctx: Context) => Awaitable<ToolAnswer<Output>>,
): Tool;

/** How long a client may keep what it read, and for whom (`private` by default). */
export interface Cache {
  ttlMs: number;
  scope?: "public" | "private";
}

/** What was read, where text or bytes do not say it all. The etag is made from the contents unless it is given. */
export class Reading {
  constructor(
    body: string | Uint8Array,
    parts?: { mimeType?: string; etag?: string; cache?: Cache; meta?: Record<string, unknown>; more?: ResourceContents[] },
  );
  readonly body: string | Uint8Array;
  readonly mimeType: string | undefined;
  readonly etag: string | undefined;
  readonly cache: Cache | undefined;
  readonly meta: Record<string, unknown> | undefined;
  readonly more: ResourceContents[];
}

type ReadAnswer = string | Uint8Array | Reading;

/** Writes a resource and gives its new etag. `ifMatch` is for `checkIfMatch`. */
type Write<Variables> = (
  contents: string | Uint8Array,
  about: { ctx: Context; uri: string; ifMatch: string | undefined; variables: Variables },
) => Awaitable<string>;

interface Described<Variables> {
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  icons?: Icon[];
  meta?: Record<string, unknown>;
  cache?: Cache;
  write?: Write<Variables>;
}

export interface Resource {
  readonly uri: string;
}

/** A resource that always exists. */
export function resource(
  spec: Described<undefined> & { uri: string; size?: number },
  read: (ctx: Context) => Awaitable<ReadAnswer>,
): Resource;

/** The variables of a URI template. */
export type Variables<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? { [Key in Name extends `+${infer Plain}` ? Plain : Name]: string } & Variables<Rest>
  : unknown;

/** Suggestions for an argument: those of a list that begin as typed, or what a function finds. */
export type Complete =
  | readonly string[]
  | ((
      typed: string,
      filled: Record<string, string>,
      ctx: Context,
    ) => Awaitable<string[] | { values: string[]; total?: number; hasMore?: boolean }>);

export interface Template {
  readonly uriTemplate: string;
}

/** A family of resources. `{name}` stands for one segment of a path, `{+name}` for the rest of one. */
export function template<const Uri extends string>(
  spec: Described<Variables<Uri>> & { uriTemplate: Uri; complete?: Record<string, Complete> },
  read: (variables: Variables<Uri>, ctx: Context, uri: string) => Awaitable<ReadAnswer>,
): Template;

/** Throws `conflict` unless `current`, the etag of what exists, satisfies the `ifMatch` of a write. */
export function checkIfMatch(ifMatch: string | undefined, current: string | undefined): void;

export interface Message {
  role: "user" | "assistant";
  content: Content;
}

export interface PromptSpec<Input> {
  name: string;
  title?: string;
  description?: string;
  /** What a user fills in: an object of texts, numbers and booleans. */
  input?: Input;
  complete?: Record<string, Complete>;
  icons?: Icon[];
  meta?: Record<string, unknown>;
  requiredCapabilities?: Capability[];
}

export interface Prompt {
  readonly name: string;
}

/** A text that a user picks to begin with. Text alone stands for one message of the user's. */
export function prompt<const Input extends Schema | undefined = undefined>(
  spec: PromptSpec<Input>,
  fill: (
    args: Input extends undefined ? Record<never, never> : Taken<Input>,
    ctx: Context,
  ) => Awaitable<string | Message[] | { description?: string; messages: Message[]; _meta?: Record<string, unknown> }>,
): Prompt;

/** What answers for the URIs of a scheme. */
export interface Scheme {
  read(uri: string, ctx: Context): Awaitable<ReadAnswer>;
  write?: Write<undefined>;
}

/** One page of a listing, and where the next begins. */
export type Page = ResourceEntry[] | { entries: ResourceEntry[]; next?: string };

export interface PluginDefinition {
  tools?: Tool[];
  resources?: Resource[];
  templates?: Template[];
  prompts?: Prompt[];
  /** URI schemes that the plugin answers for, by their names without the colon. */
  schemes?: Record<string, Scheme>;
  /** Lists what exists besides `resources`. */
  listResources?: (cursor: string | undefined, ctx: Context) => Awaitable<Page>;
}

/** What a plugin's main module exports as its default. */
export class Plugin {
  private constructor();
  /** Everything it offers, as JSON. */
  readonly contract: string;
}

export function plugin(definition: PluginDefinition): Plugin;
