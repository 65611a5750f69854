// A page's HTML as Markdown: its article, if it has one, and otherwise all of it.

import domino, { type Element } from "@mixmark-io/domino";
import { Readability } from "@mozilla/readability";
import TurndownService from "turndown";

import { ARTICLE_CHARS } from "./limits.ts";
import { prune } from "./prune.ts";

export interface Readable {
  title: string;
  /** Markdown. */
  text: string;
}

const turndown = new TurndownService({ headingStyle: "atx", codeBlockStyle: "fenced", bulletListMarker: "-" });
// A picture is what it shows, in words: whoever shows Markdown would fetch its address.
turndown.addRule("picture", { filter: ["img"], replacement: (_, node) => (node as unknown as Element).getAttribute("alt") ?? "" });

// domino's older lists are not iterable, and Readability expects that they are.
Object.defineProperty(Object.getPrototypeOf(domino.createDocument("").getElementsByTagName("p")), Symbol.iterator, { value: Array.prototype[Symbol.iterator] });

/** The readable part of a page at `url`. */
export function readable(html: string, url: URL): Readable {
  const pruned = prune(html);
  const title = titleOf(html);
  if (pruned.html.length > ARTICLE_CHARS) return { title, text: pruned.text };
  try {
    return { title, text: markdown(pruned.html, url) || pruned.text };
  } catch {
    // Whatever a page does to the libraries, its text is still there.
    return { title, text: pruned.text };
  }
}

function markdown(html: string, url: URL): string {
  const document = domino.createDocument(html);
  const copy = Object.defineProperties(document.cloneNode(true), { baseURI: { value: url.href }, documentURI: { value: url.href } });
  const article = new Readability(copy, { serializer: (node) => node as unknown as Element, charThreshold: 200 }).parse();
  const root = article?.content ?? document.body;
  absolute(root, url);
  return turndown.turndown(root as never).trim();
}

/** Links as they are from anywhere; those that lead to anything but a web page lose their target. */
function absolute(root: Element, base: URL): void {
  for (const link of root.querySelectorAll("a[href]")) {
    const target = URL.parse(link.getAttribute("href") ?? "", base.href);
    if (target && /^https?:$/.test(target.protocol)) link.setAttribute("href", target.href);
    else link.removeAttribute("href");
  }
}

function titleOf(html: string): string {
  const title = /<title[^>]{0,200}>([^<]{1,500})/i.exec(html)?.[1] ?? "";
  return prune(title).text.replace(/\s+/g, " ");
}
