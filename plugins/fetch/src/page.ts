// A page: out of the store while it is fresh, asked for again with its validators when it is not.

import { type Context, failed, notFound } from "bulkhead-sdk";

import { decode } from "./charset.ts";
import { type Document, download } from "./download.ts";
import { freshUntil } from "./freshness.ts";
import { PAGE_BYTES } from "./limits.ts";
import { readable } from "./readable.ts";
import { Robots } from "./robots.ts";
import { type Kept, Store } from "./store.ts";

export type Format = "markdown" | "raw";

export interface Page {
  /** The URL that was asked for. */
  asked: string;
  /** Where it was in the end. */
  url: string;
  title: string;
  text: string;
  contentType: string;
  /** The page is longer than what was read of it. */
  cut: boolean;
}

/** Where a page came from: the network, the store, or the store after its server said that it has not changed. */
export type Source = "network" | "cache" | "revalidated";

const USER_AGENT = "Bulkhead-fetch/0.1";
const HTML = /^(?:text\/html|application\/xhtml\+xml)$/;
const TEXT = /^(?:text\/.+|application\/(?:json|xml|javascript|yaml|toml)|.+\+(?:json|xml))$/;

export async function pageAt(asked: URL, format: Format, ctx: Context): Promise<{ page: Page; source: Source; uri?: string }> {
  const store = new Store(ctx);
  const kept = store.page(asked.href, format);
  if (kept && kept.freshUntil > Date.now()) return { page: kept, source: "cache", uri: store.keep(kept, format) };
  const userAgent = ctx.config.get("userAgent") ?? USER_AGENT;
  const robots = new Robots(ctx, store, userAgent);
  const headers = { "user-agent": userAgent, accept: "text/html, text/*;q=0.9, application/json;q=0.8", ...conditions(kept) };
  const document = await download({ url: asked, headers, maxBytes: PAGE_BYTES, allow: (url) => robots.allow(url) });
  if (document.status === 304 && kept) {
    const page = { ...kept, freshUntil: freshUntil(document.headers) ?? Date.now() };
    return { page, source: "revalidated", uri: store.keep(page, format) };
  }
  const page = toPage(asked, document, format);
  return { page, source: "network", uri: keep(store, page, document, format) };
}

function conditions(kept: Kept | undefined): Record<string, string> {
  const { etag, lastModified } = kept?.validators ?? {};
  return { ...(etag && { "if-none-match": etag }), ...(lastModified && { "if-modified-since": lastModified }) };
}

function keep(store: Store, page: Page, { headers }: Document, format: Format): string | undefined {
  const until = freshUntil(headers);
  if (until === undefined) return undefined;
  const validators = { etag: headers.get("etag") ?? undefined, lastModified: headers.get("last-modified") ?? undefined };
  return store.keep({ ...page, freshUntil: until, validators }, format);
}

function toPage(asked: URL, document: Document, format: Format): Page {
  const { url, status, headers, bytes, cut } = document;
  if (status === 404 || status === 410) throw notFound(`${url.host} answered ${status}: there is no such page`);
  if (status < 200 || status >= 300) throw failed(`${url.host} answered ${status}`);
  const contentType = headers.get("content-type") ?? "";
  const text = decode(bytes, contentType);
  const type = mediaType(contentType, text);
  if (!HTML.test(type) && !TEXT.test(type)) throw failed(`${url.host} answered with ${type}; expected a page or another text`);
  const body = HTML.test(type) && format === "markdown" ? readable(text, url) : { title: "", text };
  return { asked: asked.href, url: url.href, contentType: type, cut, ...body };
}

/** What a document is; where its server is silent, what it looks like. */
function mediaType(contentType: string, text: string): string {
  const said = contentType.split(";")[0]?.trim().toLowerCase();
  if (said) return said;
  if (text.includes("\0")) return "application/octet-stream";
  return /^\s*<(?:!doctype html|html)/i.test(text) ? "text/html" : "text/plain";
}
