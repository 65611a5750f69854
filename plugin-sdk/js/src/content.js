// Content in the protocol's own shape, as the contract spells it.

import { failed } from "./error.js";

/** One block. Text stands for a block of text. */
export function toBlock(content) {
  if (typeof content === "string") return { content: { tag: "text", val: content } };
  return { content: variant(content), annotations: annotations(content.annotations), meta: object(content._meta) };
}

function variant(content) {
  switch (content.type) {
    case "text":
      return { tag: "text", val: content.text };
    case "image":
    case "audio":
      return { tag: content.type, val: { data: bytes(content.data), mimeType: content.mimeType } };
    case "resource_link":
      return { tag: "link", val: link(content) };
    case "resource":
      return { tag: "embedded", val: toContents(content.resource) };
    default:
      throw failed(`expected a content block with a type of text, image, audio, resource_link or resource, found ${content.type}`);
  }
}

function link({ uri, name, title, description, mimeType, size }) {
  return { uri, name, title, description, mimeType, size };
}

/** One resource, with what it holds under `text` or `blob`. */
export function toContents({ uri, mimeType, text, blob, _meta }) {
  return { uri, mimeType, body: toBody(blob === undefined ? text : bytes(blob)), meta: object(_meta) };
}

/** Text or bytes. */
export function toBody(body) {
  if (typeof body === "string") return { tag: "text", val: body };
  if (body instanceof Uint8Array) return { tag: "blob", val: body };
  throw failed("expected text or a Uint8Array as the body of a resource");
}

/** Bytes as they are, or out of base64, as the protocol writes them. */
function bytes(data) {
  return typeof data === "string" ? Uint8Array.from(atob(data), (char) => char.charCodeAt(0)) : data;
}

function annotations(hints) {
  if (hints === undefined) return undefined;
  return { audience: hints.audience ?? [], priority: hints.priority, lastModified: hints.lastModified };
}

/** A JSON object as text, if there is one. */
export function object(value) {
  return value === undefined ? undefined : JSON.stringify(value);
}
