// The package's own declarations declare no module. This is as much of its tree as is looked at.

export interface Element {
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelectorAll(selector: string): Iterable<Element>;
}

export interface Document {
  readonly body: Element;
  cloneNode(deep: boolean): Document;
  getElementsByTagName(name: string): object;
}

declare const domino: { createDocument(html: string): Document };
export default domino;
