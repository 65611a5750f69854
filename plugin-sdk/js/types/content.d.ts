// Content, in the protocol's own shape.

/** Hints on one piece of content. */
export interface ContentAnnotations {
  /** Whom it is meant for. */
  audience?: ("user" | "assistant")[];
  /** 0 (least) to 1 (most important). */
  priority?: number;
  /** RFC 3339 date and time. */
  lastModified?: string;
}

interface Block {
  annotations?: ContentAnnotations;
  _meta?: Record<string, unknown>;
}

export interface TextContent extends Block {
  type: "text";
  text: string;
}

/** A picture. Bytes, or base64 as the protocol writes them. */
export interface ImageContent extends Block {
  type: "image";
  data: Uint8Array | string;
  mimeType: string;
}

/** A sound. Bytes, or base64 as the protocol writes them. */
export interface AudioContent extends Block {
  type: "audio";
  data: Uint8Array | string;
  mimeType: string;
}

/** One line of a listing of resources. */
export interface ResourceEntry {
  uri: string;
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  /** In bytes. */
  size?: number;
}

/** A pointer to a resource that the client may read later. */
export interface ResourceLink extends Block, ResourceEntry {
  type: "resource_link";
}

/** One resource with what it holds: text, or bytes. */
export interface ResourceContents {
  uri: string;
  mimeType?: string;
  text?: string;
  blob?: Uint8Array | string;
  _meta?: Record<string, unknown>;
}

export interface EmbeddedResource extends Block {
  type: "resource";
  resource: ResourceContents;
}

/** One block. Text alone stands for a block of text. */
export type Content = string | TextContent | ImageContent | AudioContent | ResourceLink | EmbeddedResource;

/** A picture of an item: an `https:` or `data:` URL. */
export interface Icon {
  src: string;
}
