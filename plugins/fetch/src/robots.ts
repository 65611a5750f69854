// What a site's robots.txt allows (RFC 9309), asked before every hop.

import { type Context, denied, PluginError } from "bulkhead-sdk";
import robotsParser from "robots-parser";

import { download } from "./download.ts";
import { ROBOTS_BYTES, ROBOTS_FRESH_MS } from "./limits.ts";
import type { Store } from "./store.ts";

const DISALLOW_ALL = "User-agent: *\nDisallow: /";

export class Robots {
  readonly #store: Store;
  readonly #userAgent: string;
  readonly #ignored: boolean;
  /** Of this call. */
  readonly #known = new Map<string, string>();

  constructor(ctx: Context, store: Store, userAgent: string) {
    this.#store = store;
    this.#userAgent = userAgent;
    this.#ignored = ctx.config.get("robots") === "ignore";
  }

  /** Throws `denied` where the site's rules do. */
  async allow(url: URL): Promise<void> {
    if (this.#ignored) return;
    const rules = robotsParser(`${url.origin}/robots.txt`, await this.#rules(url.origin));
    if (rules.isAllowed(url.href, this.#userAgent) !== false) return;
    throw denied(`${url.host} does not want ${url.pathname} to be fetched by programs (robots.txt)`);
  }

  async #rules(origin: string): Promise<string> {
    const known = this.#known.get(origin) ?? this.#store.rules(origin);
    if (known !== undefined) return known;
    const rules = await this.#fetched(origin);
    this.#known.set(origin, rules);
    this.#store.keepRules(origin, rules, Date.now() + ROBOTS_FRESH_MS);
    return rules;
  }

  async #fetched(origin: string): Promise<string> {
    const wanted = { url: new URL("/robots.txt", origin), headers: { "user-agent": this.#userAgent }, maxBytes: ROBOTS_BYTES };
    const { status, bytes } = await download(wanted).catch((error: unknown) => {
      const why = error instanceof PluginError ? error.message : String(error);
      throw denied(`whether ${origin} may be fetched is not known, since its robots.txt is not: ${why}`);
    });
    if (status >= 500) return DISALLOW_ALL;
    return status >= 400 ? "" : new TextDecoder().decode(bytes);
  }
}
