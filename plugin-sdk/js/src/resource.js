// Resources: what a client reads, and may write.

import { conflict, denied } from "./error.js";
import { object, toBody, toContents } from "./content.js";
import { etag } from "./etag.js";
import { completers } from "./completion.js";
import { matcher } from "./uri-template.js";

/** What was read, where text or bytes do not say it all. */
export class Reading {
  constructor(body, { mimeType, etag, cache, meta, more = [] } = {}) {
    Object.assign(this, { body, mimeType, etag, cache, meta, more });
  }
}

export function resource(spec, read) {
  return {
    uri: spec.uri,
    contract: { uri: spec.uri, ...described(spec), size: spec.size },
    async read(ctx) {
      return reading(await read(ctx), spec.uri, spec.mimeType);
    },
    write: writer(spec.write),
  };
}

export function template(spec, read) {
  const variables = matcher(spec.uriTemplate);
  return {
    uriTemplate: spec.uriTemplate,
    contract: { uriTemplate: spec.uriTemplate, ...described(spec) },
    variables,
    async read(found, ctx, uri) {
      return reading(await read(found, ctx, uri), uri, spec.mimeType);
    },
    write: writer(spec.write),
    completers: completers(spec.complete),
  };
}

/** The functions of a scheme: every URI of it that is no contracted resource or template comes here. */
export function scheme(spec) {
  return {
    async read(uri, ctx) {
      return reading(await spec.read(uri, ctx), uri);
    },
    write: writer(spec.write),
  };
}

function described({ name, title, description, mimeType, icons, meta, cache }) {
  return { name, title, description, mimeType, icons, _meta: meta, cache };
}

function reading(value, uri, mimeType) {
  const read = value instanceof Reading ? value : new Reading(value);
  const first = { uri, mimeType: read.mimeType ?? mimeType, body: toBody(read.body) };
  const contents = [first, ...read.more.map(toContents)];
  return {
    contents,
    etag: read.etag ?? etag(contents.map(({ body }) => body.val)),
    cache: read.cache && { ttlMs: read.cache.ttlMs, scope: read.cache.scope ?? "private" },
    meta: object(read.meta),
  };
}

function writer(write) {
  return async (uri, contents, ifMatch, ctx, found) => {
    if (write === undefined) throw denied(`${uri} cannot be written`);
    return write(contents, { ctx, uri, ifMatch, variables: found });
  };
}

/** Fails unless `current`, the etag of what exists, satisfies the `ifMatch` of a write. `*` is satisfied by what exists. */
export function checkIfMatch(ifMatch, current) {
  if (ifMatch === undefined || ifMatch === current) return;
  if (current === undefined) throw conflict("it does not exist");
  if (ifMatch !== "*") throw conflict(`it has changed: its etag is ${current} now`);
}
