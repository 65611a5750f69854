// What there is besides the language in a plugin: `"types": ["bulkhead-sdk/globals"]` in tsconfig.json.

declare global {
  type HeadersInit = Record<string, string> | Iterable<readonly [string, string]>;

  class Headers implements Iterable<[string, string]> {
    constructor(init?: HeadersInit);
    append(name: string, value: string): void;
    set(name: string, value: string): void;
    get(name: string): string | null;
    getSetCookie(): string[];
    has(name: string): boolean;
    delete(name: string): void;
    forEach(visit: (value: string, name: string, headers: Headers) => void): void;
    entries(): IterableIterator<[string, string]>;
    keys(): IterableIterator<string>;
    values(): IterableIterator<string>;
    [Symbol.iterator](): IterableIterator<[string, string]>;
  }

  interface RequestInit {
    /** `GET` unless it is said. */
    method?: string;
    headers?: HeadersInit;
    body?: string | ArrayBuffer | ArrayBufferView | URLSearchParams | null;
    /** `follow` unless it is said: up to 20, each of which meets the operator's grants. */
    redirect?: "follow" | "error" | "manual";
    /** `AbortSignal.timeout(ms)` bounds how long an upstream may keep silent, 30 seconds unless it is said. */
    signal?: AbortSignal | null;
  }

  /** The part of a `ReadableStream` that reads. */
  interface BodyStream extends AsyncIterable<Uint8Array> {
    readonly locked: boolean;
    getReader(): {
      read(): Promise<{ done: false; value: Uint8Array } | { done: true; value?: undefined }>;
      cancel(): Promise<void>;
      releaseLock(): void;
    };
    cancel(): Promise<void>;
  }

  interface Response {
    readonly status: number;
    readonly statusText: string;
    readonly ok: boolean;
    readonly url: string;
    readonly redirected: boolean;
    readonly headers: Headers;
    readonly body: BodyStream | null;
    readonly bodyUsed: boolean;
    /** Whole bodies have at most 8 MiB. */
    bytes(): Promise<Uint8Array>;
    arrayBuffer(): Promise<ArrayBuffer>;
    text(): Promise<string>;
    json(): Promise<any>;
  }

  /** Rejects with a `TypeError` where the operator grants no such request, or the upstream cannot be reached. */
  function fetch(url: string | URL, init?: RequestInit): Promise<Response>;

  class URL {
    constructor(url: string | URL, base?: string | URL);
    static canParse(url: string | URL, base?: string | URL): boolean;
    static parse(url: string | URL, base?: string | URL): URL | null;
    href: string;
    readonly origin: string;
    protocol: string;
    username: string;
    password: string;
    host: string;
    hostname: string;
    port: string;
    pathname: string;
    search: string;
    readonly searchParams: URLSearchParams;
    hash: string;
    toString(): string;
    toJSON(): string;
  }

  class URLSearchParams implements Iterable<[string, string]> {
    constructor(init?: string | Record<string, string> | Iterable<readonly [string, string]>);
    readonly size: number;
    append(name: string, value: string): void;
    delete(name: string, value?: string): void;
    get(name: string): string | null;
    getAll(name: string): string[];
    has(name: string, value?: string): boolean;
    set(name: string, value: string): void;
    sort(): void;
    forEach(visit: (value: string, name: string, params: URLSearchParams) => void): void;
    entries(): IterableIterator<[string, string]>;
    keys(): IterableIterator<string>;
    values(): IterableIterator<string>;
    [Symbol.iterator](): IterableIterator<[string, string]>;
    toString(): string;
  }

  class TextEncoder {
    readonly encoding: string;
    encode(text?: string): Uint8Array<ArrayBuffer>;
    encodeInto(text: string, bytes: Uint8Array): { read: number; written: number };
  }

  /** UTF-8, UTF-16 and windows-1252. */
  class TextDecoder {
    constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
    readonly encoding: string;
    decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
  }

  class AbortSignal {
    private constructor();
    static abort(reason?: unknown): AbortSignal;
    static timeout(ms: number): AbortSignal;
    static any(signals: AbortSignal[]): AbortSignal;
    readonly aborted: boolean;
    readonly reason: unknown;
    throwIfAborted(): void;
    addEventListener(type: "abort", listener: () => void): void;
    removeEventListener(type: "abort", listener: () => void): void;
  }

  class AbortController {
    readonly signal: AbortSignal;
    abort(reason?: unknown): void;
  }

  class DOMException extends Error {
    constructor(message?: string, name?: string);
  }

  /** Lines for the caller, at the level of their method: `ctx.log` with the logger `console`. */
  const console: Record<"debug" | "trace" | "log" | "info" | "warn" | "error", (...values: unknown[]) => void> & {
    assert(condition: unknown, ...values: unknown[]): void;
  };

  /** Times are in milliseconds; waiting takes a plugin that asks for http. */
  function setTimeout<A extends unknown[]>(run: (...args: A) => void, ms?: number, ...args: A): number;
  function setInterval<A extends unknown[]>(run: (...args: A) => void, ms?: number, ...args: A): number;
  function clearTimeout(id: number | undefined): void;
  function clearInterval(id: number | undefined): void;
  function queueMicrotask(job: () => void): void;

  function atob(base64: string): string;
  function btoa(latin1: string): string;
  const performance: { now(): number };
}

export {};
