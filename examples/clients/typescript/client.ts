// Calls one tool of a Bulkhead, unless it lists anything that it did not sign.
//
// usage: node client.ts URL PUBLIC_KEY_FILE TOOL [ARGUMENTS]
// A key to present is taken from BULKHEAD_API_KEY. Exit code 4: the listing is refused, and nothing was called.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport, type Tool } from '@modelcontextprotocol/client';

const PATH = '/.well-known/mcp-manifest';
const KIND = 'application/vnd.bulkhead.server-manifest+json';
const FIELDS = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;
const SKEW = 60_000;

type Pin = { fields: Record<string, string>; modernOnly?: string[] };

class Refused extends Error {}

/** RFC 8785: members in order; how JavaScript spells texts and numbers is the norm. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const sorted = members.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}

const digest = (value: unknown) => `sha256:${createHash('sha256').update(canonical(value)).digest('hex')}`;

/** What the key's holder signed, if it is a manifest and its time is now. */
function signed(envelope: any, pem: string): Record<string, Pin> {
  const payload = Buffer.from(envelope.payload, 'base64');
  const said = Buffer.concat([Buffer.from(`DSSEv1 ${KIND.length} ${KIND} ${payload.length} `), payload]);
  const key = createPublicKey(pem);
  const holds = ({ sig }: { sig: string }) => verify(null, said, key, Buffer.from(sig, 'base64'));
  if (!envelope.signatures.some(holds)) throw new Refused('the manifest is not signed with the key that was given');
  const manifest = JSON.parse(payload.toString('utf8'));
  const now = Date.now();
  const isNow = Date.parse(manifest.issuedAt) - SKEW <= now && now < Date.parse(manifest.expiresAt);
  if (manifest.format !== 1 || !isNow) {
    throw new Refused(`the manifest is of another format or time: ${manifest.issuedAt} to ${manifest.expiresAt}`);
  }
  return manifest.contents.tools;
}

function compare(tools: Tool[], pins: Record<string, Pin>, modern: boolean): void {
  const [listed, pinned] = [tools.map((tool) => tool.name).sort(), Object.keys(pins).sort()];
  if (canonical(listed) !== canonical(pinned)) throw new Refused(`listed are ${listed}, signed are ${pinned}`);
  for (const tool of tools) {
    const { fields, modernOnly = [] } = pins[tool.name];
    const differs = (field: (typeof FIELDS)[number]) => {
      const value = tool[field];
      if (value === undefined || value === null) return field in fields && (modern || !modernOnly.includes(field));
      return digest(value) !== fields[field];
    };
    const changed = FIELDS.filter(differs);
    if (changed.length > 0) throw new Refused(`${tool.name} has another ${changed} than was signed`);
  }
}

async function main(url: string, keyFile: string, name: string, args = '{}'): Promise<void> {
  const bearer = process.env.BULKHEAD_API_KEY;
  const headers: Record<string, string> = bearer ? { Authorization: `Bearer ${bearer}` } : {};
  const response = await fetch(new URL(PATH, url), { headers });
  if (response.status !== 200) throw new Refused(`no signed manifest: status ${response.status}`);
  const envelope = await response.text();
  const pins = signed(JSON.parse(envelope), readFileSync(keyFile, 'utf8'));
  const client = new Client({ name: 'careful', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  try {
    let page = await client.listTools();
    const tools = [...page.tools];
    while (page.nextCursor) tools.push(...(page = await client.listTools({ cursor: page.nextCursor })).tools);
    compare(tools, pins, (client.getNegotiatedProtocolVersion() ?? '') >= '2026-07-28');
    console.log(JSON.stringify(await client.callTool({ name, arguments: JSON.parse(args) })));
  } finally {
    await client.close();
  }
}

const [url, keyFile, tool, args] = process.argv.slice(2);
main(url, keyFile, tool, args).catch((error) => {
  console.error(error instanceof Refused ? `refused: ${error.message}` : error);
  process.exit(error instanceof Refused ? 4 : 1);
});
