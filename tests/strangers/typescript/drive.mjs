// The official TypeScript clients against Bulkhead: over HTTP and stdio, in both eras.
//
// usage: node drive.mjs URL BULKHEAD CONFIG

import { Client as Modern, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as Classic } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as ClassicStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as ClassicHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [url, bulkhead, config] = process.argv.slice(2);
const command = { command: bulkhead, args: ['serve', '--stdio', '--config', config], stderr: 'ignore' };
const self = { name: 'bulkhead-strangers', version: '0' };
let passed = 0;
let failed = 0;

function check(what, holds, seen) {
  holds ? passed++ : failed++;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${holds ? '' : `: saw ${JSON.stringify(seen)}`}`);
}

async function drive(label, client, transport) {
  await client.connect(transport);
  const { tools } = await client.listTools();
  check(`${label}: lists calc_evaluate`, tools.some((tool) => tool.name === 'calc_evaluate'), tools.map((t) => t.name));
  const answer = await client.callTool({ name: 'calc_evaluate', arguments: { expression: '2*(3+4)' } });
  check(`${label}: calls calc_evaluate`, JSON.stringify(answer.structuredContent).includes('14'), answer);
  const wrong = await client.callTool({ name: 'calc_evaluate', arguments: { expression: 5 } });
  check(`${label}: a wrong argument is a tool error`, wrong.isError === true, wrong);
  const text = await client.callTool({ name: 'test_simple_text', arguments: {} });
  check(`${label}: reads text content`, text.content[0].text.startsWith('This is a simple text'), text);
  const image = await client.callTool({ name: 'test_image_content', arguments: {} });
  check(`${label}: reads an image`, image.content[0].mimeType === 'image/png', image);
  const { resources } = await client.listResources();
  check(`${label}: lists resources`, resources.some((r) => r.uri === 'test://static-text'), resources);
  const read = await client.readResource({ uri: 'test://static-binary' });
  check(`${label}: reads a binary resource`, read.contents[0].blob.length > 0, read);
  const prompt = await client.getPrompt({ name: 'test_prompt_with_arguments', arguments: { arg1: 'a', arg2: 'b' } });
  check(`${label}: fills a prompt`, prompt.messages[0].content.text.includes("arg1='a'"), prompt);
  await client.close();
}

const negotiating = () => new Modern(self, { versionNegotiation: { mode: 'auto' } });
const runs = [
  ['client http', negotiating(), () => new ModernHttp(new URL(url))],
  ['client stdio', negotiating(), () => new ModernStdio(command)],
  ['client http, handshake', new Modern(self), () => new ModernHttp(new URL(url))],
  ['sdk http', new Classic(self), () => new ClassicHttp(new URL(url))],
  ['sdk stdio', new Classic(self), () => new ClassicStdio(command)],
];
for (const [label, client, transport] of runs) {
  try {
    await drive(label, client, transport());
  } catch (error) {
    check(`${label}: runs to its end`, false, String(error));
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
