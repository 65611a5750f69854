// Pages and rules that are kept between calls, if the operator granted a store. Without one, nothing is kept.

import { type Context, type Kv, PluginError, type ResourceEntry } from "bulkhead-sdk";

import { KEPT_CHARS, KEPT_PAGES } from "./limits.ts";
import type { Format, Page } from "./page.ts";

/** A page, with until when it is fresh and by what its server knows it again. */
export interface Kept extends Page {
  /** Milliseconds since 1970. */
  freshUntil: number;
  validators: { etag?: string; lastModified?: string };
}

interface Rules {
  rules: string;
  freshUntil: number;
}

/** One line of the list of what is kept, oldest first. */
interface Line {
  key: string;
  url: string;
  title: string;
}

const INDEX = "index";
const SCHEME = "cache";

export class Store {
  readonly #ctx: Context;
  readonly #kv: Kv | undefined;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#kv = opened(ctx);
  }

  /** The page of a URL in a format, fresh or not. */
  page(url: string, format: Format): Kept | undefined {
    const kept = this.#kv?.getJson<Kept>(keyOf(url, format));
    return kept?.asked === url ? kept : undefined;
  }

  /** Keeps a page and says where a client finds it. */
  keep(page: Kept, format: Format): string | undefined {
    if (!this.#kv || page.text.length > KEPT_CHARS) return undefined;
    const key = keyOf(page.asked, format);
    this.#kv.setJson(key, page);
    this.#list({ key, url: page.asked, title: page.title });
    this.#ctx.resourceUpdated(uriOf(key));
    return uriOf(key);
  }

  /** The page at a `cache://` URI. */
  at(uri: string): Kept | undefined {
    const key = keyAt(uri);
    return key === undefined ? undefined : this.#kv?.getJson<Kept>(key);
  }

  entries(): ResourceEntry[] {
    const lines = this.#kv?.getJson<Line[]>(INDEX) ?? [];
    return lines.map(({ key, url, title }) => ({ uri: uriOf(key), name: url, title: title || url, mimeType: "text/markdown" }));
  }

  rules(origin: string): string | undefined {
    const kept = this.#kv?.getJson<Rules>(`robots:${origin}`);
    return kept && kept.freshUntil > Date.now() ? kept.rules : undefined;
  }

  keepRules(origin: string, rules: string, freshUntil: number): void {
    if (rules.length <= KEPT_CHARS) this.#kv?.setJson(`robots:${origin}`, { rules, freshUntil });
  }

  /** Puts a page at the end of the list, and forgets what is no longer on it: old pages, and rules of other days. */
  #list(line: Line): void {
    if (!this.#kv) return;
    const before = this.#kv.getJson<Line[]>(INDEX) ?? [];
    const lines = [...before.filter(({ key }) => key !== line.key), line].slice(-KEPT_PAGES);
    this.#kv.setJson(INDEX, lines);
    if (before.some(({ key }) => key === line.key)) return;
    this.#ctx.resourcesChanged();
    const listed = new Set(lines.map(({ key }) => key));
    const pages = this.#kv.keys().filter((key) => key.startsWith("page:") && !listed.has(key));
    const rules = this.#kv.keys().filter((key) => key.startsWith("robots:")).slice(KEPT_PAGES);
    for (const key of [...pages, ...rules]) this.#kv.delete(key);
  }
}

function opened(ctx: Context): Kv | undefined {
  try {
    return ctx.kv;
  } catch (error) {
    if (error instanceof PluginError && error.kind === "denied") return undefined;
    throw error;
  }
}

/** Short enough for the store whatever the URL; the page says which URL it is of. */
function keyOf(url: string, format: Format): string {
  return `page:${format}:${digest(url)}`;
}

/** 64 bits that tell texts apart. They prove nothing. */
export function digest(text: string): string {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    one = Math.imul(one ^ text.charCodeAt(at), 0x9e3779b1);
    two = Math.imul(two ^ text.charCodeAt(at), 0x5f356495);
  }
  const hex = (half: number) => (half >>> 0).toString(16).padStart(8, "0");
  return hex(one ^ (two >>> 15)) + hex(two ^ (one >>> 13));
}

function uriOf(key: string): string {
  const [, format, id] = key.split(":");
  return `${SCHEME}://${format}/${id}`;
}

function keyAt(uri: string): string | undefined {
  const [, format, id] = /^cache:\/\/(markdown|raw)\/([0-9a-f]{16})$/.exec(uri) ?? [];
  return id === undefined ? undefined : `page:${format}:${id}`;
}
