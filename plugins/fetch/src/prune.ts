// A page without what nobody reads, and no deeper or wider than we walk: the first thing that touches a stranger's HTML,
// and it keeps no tree. What is nested too deep loses its tags and keeps its text; what goes on for ever is cut.

import { Parser } from "htmlparser2";

import { DEPTH, DEPTH_MOST, ELEMENTS, SIBLINGS } from "./limits.ts";

const names = (list: string) => new Set(list.split(" "));

/** Elements that are left out with all that is in them. */
const UNREAD = names("script style noscript template iframe object embed applet svg math canvas audio video form dialog");
const VOID = names("area base br col hr img input link meta param source track wbr");
/** Elements that end a line. */
const BLOCKS = names("address article aside blockquote br dd div dl dt figcaption footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th title tr ul");
/** Attributes that later steps look at. */
const ATTRIBUTES = names("href src alt title class id lang dir role name property content itemprop rel colspan rowspan");
/** Characters of one attribute. */
const ATTRIBUTE_CHARS = 2048;

type Fate = "kept" | "tagless" | "unread";

/** A page that goes too far ends where it does. */
class TooMuch extends Error {}

/** The HTML of a page, pruned, and all of its text. */
export function prune(html: string): { html: string; text: string } {
  const pruned: string[] = [];
  const text: string[] = [];
  const open: Fate[] = [];
  /** How many children each open element has. */
  const children = [0];
  let depth = 0;
  let elements = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (open.length > DEPTH_MOST || ++elements > ELEMENTS) throw new TooMuch();
      const fate = fateOf(name, attributes, open.at(-1), depth < DEPTH && children[depth]! < SIBLINGS);
      open.push(fate);
      if (fate !== "kept") return;
      children[depth]!++;
      children[depth + 1] = 0;
      depth++;
      pruned.push(startTag(name, attributes));
    },
    onclosetag(name) {
      if (BLOCKS.has(name)) text.push("\n");
      if (open.pop() !== "kept") return;
      depth--;
      if (!VOID.has(name)) pruned.push(`</${name}>`);
    },
    ontext(words) {
      if (open.at(-1) === "unread") return;
      pruned.push(escape(words));
      text.push(words);
    },
  });
  try {
    parser.end(html);
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
  }
  return { html: pruned.join(""), text: tidy(text.join("")) };
}

function fateOf(name: string, attributes: Record<string, string>, outer: Fate | undefined, room: boolean): Fate {
  if (outer === "unread" || UNREAD.has(name) || isHidden(attributes)) return "unread";
  return room ? "kept" : "tagless";
}

/** What a reader of the page would not see is no part of it: it is where instructions for models are hidden. */
function isHidden(attributes: Record<string, string>): boolean {
  const style = attributes.style ?? "";
  return "hidden" in attributes || attributes["aria-hidden"] === "true" || /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style);
}

function startTag(name: string, attributes: Record<string, string>): string {
  const kept = Object.entries(attributes).filter(([key, value]) => ATTRIBUTES.has(key) && value.length <= ATTRIBUTE_CHARS);
  return `<${name}${kept.map(([key, value]) => ` ${key}="${escape(value)}"`).join("")}>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Text without the white space that HTML does not show. */
function tidy(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  return lines.filter((line, at) => line !== "" || lines[at - 1] !== "").join("\n").trim();
}
