// A whole plugin: what it offers, and which function answers what. Everything here that can be done once is done when
// the module begins, and is part of the image that every call starts from.

import { failed, notFound } from "./error.js";
import { toCompletion } from "./completion.js";
import { scheme } from "./resource.js";

export function plugin(definition) {
  const { tools = [], resources = [], templates = [], prompts = [], listResources } = definition;
  const schemes = Object.entries(definition.schemes ?? {}).map(([name, spec]) => [name.toLowerCase(), scheme(spec)]);
  return new Plugin({
    tools: byName("tool", tools, "name"),
    resources: byName("resource", resources, "uri"),
    templates: [...byName("template", templates, "uriTemplate").values()],
    prompts: byName("prompt", prompts, "name"),
    schemes: new Map(schemes),
    listResources,
  });
}

function byName(kind, items, key) {
  const named = new Map(items.map((item) => [item[key], item]));
  if (named.size < items.length) {
    const seen = new Set();
    const twice = items.find((item) => seen.size === seen.add(item[key]).size);
    throw failed(`there are two ${kind}s "${twice[key]}"; expected every ${kind} to have its own ${key}`);
  }
  return named;
}

export class Plugin {
  constructor(parts) {
    Object.assign(this, parts);
    this.contract = JSON.stringify(contract(parts));
  }

  callTool(ctx, name, text) {
    const tool = this.tools.get(name);
    if (tool === undefined) throw notFound(`there is no tool "${name}"`);
    return tool.call(ctx, text);
  }

  getPrompt(ctx, name, pairs) {
    const prompt = this.prompts.get(name);
    if (prompt === undefined) throw notFound(`there is no prompt "${name}"`);
    return prompt.get(ctx, pairs);
  }

  async listPage(ctx, cursor) {
    if (this.listResources === undefined) return { entries: [] };
    const page = await this.listResources(cursor, ctx);
    return Array.isArray(page) ? { entries: page } : page;
  }

  readResource(ctx, uri) {
    return this.#at(uri, {
      resource: (resource) => resource.read(ctx),
      template: (template, variables) => template.read(variables, ctx, uri),
      scheme: (scheme) => scheme.read(uri, ctx),
    });
  }

  writeResource(ctx, uri, body, ifMatch) {
    const write = (item, variables) => item.write(uri, body, ifMatch, ctx, variables);
    return this.#at(uri, { resource: write, template: write, scheme: write });
  }

  async complete(ctx, reference, argument, typed, filled) {
    const complete = this.#completers(reference)?.[argument];
    return toCompletion(complete ? await complete(typed, filled, ctx) : []);
  }

  #at(uri, found) {
    const resource = this.resources.get(uri);
    if (resource) return found.resource(resource);
    for (const template of this.templates) {
      const variables = template.variables(uri);
      if (variables) return found.template(template, variables);
    }
    const scheme = this.schemes.get(uri.slice(0, uri.indexOf(":")).toLowerCase());
    if (scheme) return found.scheme(scheme);
    throw notFound(`there is no resource "${uri}"`);
  }

  #completers({ tag, val }) {
    if (tag === "prompt") return this.prompts.get(val)?.completers;
    return this.templates.find(({ uriTemplate }) => uriTemplate === val)?.completers;
  }
}

function contract({ tools, resources, templates, prompts, schemes, listResources }) {
  const told = (items) => [...items].map((item) => item.contract);
  return {
    tools: told(tools.values()),
    prompts: told(prompts.values()),
    resources: told(resources.values()),
    resourceTemplates: told(templates),
    schemes: [...schemes.keys()],
    dynamicResources: listResources !== undefined,
  };
}

