// Which URIs a template covers: `{name}` stands for one path segment's worth of text, `{+name}` for the rest of a path
// with its slashes. Made into one regular expression when the module begins; the longest value wins.

const VARIABLE = /\{(\+?)([^{}]+)\}/g;
const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

/** A function from a URI to its variables, percent-decoded, or to nothing if it does not fit. */
export function matcher(template) {
  const names = [];
  let pattern = "";
  let at = 0;
  for (const { 0: whole, 1: slashes, 2: name, index } of template.matchAll(VARIABLE)) {
    pattern += literal(template.slice(at, index)) + (slashes ? "([^]+)" : "([^/?#]+)");
    names.push(name);
    at = index + whole.length;
  }
  // eslint-disable-next-line security/detect-non-literal-regexp -- of the author's own template, its literals escaped
  const expression = new RegExp(`^${pattern}${literal(template.slice(at))}$`);
  return (uri) => variables(names, expression.exec(uri));
}

function literal(text) {
  return text.replace(SPECIAL, "\\$&");
}

function variables(names, match) {
  if (match === null) return undefined;
  try {
    return Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(match[at + 1])]));
  } catch {
    return undefined;
  }
}
