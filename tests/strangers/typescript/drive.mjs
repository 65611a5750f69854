// The official TypeScript clients against Bulkhead: over HTTP and stdio, in both eras.
//
// usage: node drive.mjs URL BULKHEAD CONFIG

import { Client as Modern, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as Classic } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as ClassicStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as ClassicHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as schemas from '@modelcontextprotocol/sdk/types.js';

const [url, bulkhead, config] = process.argv.slice(2);
const command = { command: bulkhead, args: ['serve', '--stdio', '--config', config], stderr: 'ignore' };
const self = { name: 'bulkhead-strangers', version: '0' };
const capabilities = { elicitation: { form: {} }, sampling: {}, roots: {} };
// More calls at once than a plugin may have: they only fit again once the cancelled ones have ended.
const CROWD = 20;
let passed = 0;
let failed = 0;

function check(what, holds, seen) {
  holds ? passed++ : failed++;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${holds ? '' : `: saw ${JSON.stringify(seen)}`}`);
}

/** The progress that arrives, before the client looks at it. */
function arriving(transport) {
  const arrived = [];
  const onward = transport.onmessage;
  transport.onmessage = (message, extra) => {
    if (message.method === 'notifications/progress') arrived.push(message.params.progress);
    onward(message, extra);
  };
  return arrived;
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
  const arrived = arriving(transport);
  const progress = [];
  await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, ...options(client, { onprogress: (p) => progress.push(p.progress) }));
  check(`${label}: is sent progress`, arrived.join() === '0,50,100', arrived);
  // Both clients hand a notification on a tick later than an answer: of two in one read, the progress is lost.
  check(`${label}: hears progress`, progress.length >= 2 && progress.every((step, nth) => step === arrived[nth]), progress);
  const ref = { type: 'ref/prompt', name: 'test_prompt_with_arguments' };
  const { completion } = await client.complete({ ref, argument: { name: 'arg1', value: 'pa' } });
  check(`${label}: is given suggestions`, completion.values.join() === 'paris,park,party', completion);
}

// Where the older client takes a result's schema before the options.
const options = (client, given) => (client instanceof Classic ? [undefined, given] : [given]);
const isModern = (client) => !(client instanceof Classic) && client.getNegotiatedProtocolVersion?.() === '2026-07-28';

/** Answers what the server asks, and notes what it says. */
function listen(client) {
  const classic = client instanceof Classic;
  const heard = { lines: [], tools: 0, updated: [] };
  const request = (schema, method, handler) => client.setRequestHandler(classic ? schema : method, handler);
  const notice = (schema, method, handler) => client.setNotificationHandler(classic ? schema : method, handler);
  const answers = { name: 'Alice', username: 'alice', email: 'alice@example.com', color: 'red' };
  request(schemas.ElicitRequestSchema, 'elicitation/create', async ({ params }) => {
    const asked = Object.keys(params.requestedSchema.properties).filter((key) => key in answers);
    return { action: 'accept', content: Object.fromEntries(asked.map((key) => [key, answers[key]])) };
  });
  request(schemas.CreateMessageRequestSchema, 'sampling/createMessage', async () => {
    return { role: 'assistant', model: 'a-model', content: { type: 'text', text: 'Paris' } };
  });
  request(schemas.ListRootsRequestSchema, 'roots/list', async () => ({ roots: [{ uri: 'file:///home/alice' }] }));
  notice(schemas.LoggingMessageNotificationSchema, 'notifications/message', (line) => void heard.lines.push(line));
  notice(schemas.ToolListChangedNotificationSchema, 'notifications/tools/list_changed', () => void heard.tools++);
  notice(schemas.ResourceUpdatedNotificationSchema, 'notifications/resources/updated', ({ params }) => void heard.updated.push(params.uri));
  return heard;
}

async function until(holds) {
  for (let left = 300; left > 0 && !holds(); left--) await new Promise((resolve) => setTimeout(resolve, 100));
  return holds();
}

async function converse(label, client, heard) {
  const text = async (name, given = {}) => (await client.callTool({ name, arguments: given })).content[0].text;
  const form = await text('test_elicitation', { message: 'Who are you?' });
  check(`${label}: answers a form`, form.includes('alice@example.com'), form);
  const sampled = await text('test_sampling', { prompt: 'What is the capital of France?' });
  check(`${label}: samples`, sampled === 'LLM response: Paris', sampled);
  const roots = await text('test_input_required_result_list_roots');
  check(`${label}: tells its roots`, roots.includes('file:///home/alice'), roots);
  const rounds = await text('test_input_required_result_multi_round');
  check(`${label}: answers round after round`, rounds === 'Alice likes red', rounds);
  if (!isModern(client)) {
    await client.setLoggingLevel('info');
    await text('test_tool_with_logging');
    check(`${label}: hears log lines`, await until(() => heard.lines.length === 3), heard.lines);
  }
  const note = `/data/note-${process.hrtime.bigint()}.txt`;
  const uri = `file://${note}`;
  let subscription;
  if (isModern(client)) {
    subscription = await client.listen({ toolsListChanged: true, resourceSubscriptions: [uri] });
    check(`${label}: is told what it will hear`, subscription.honoredFilter.toolsListChanged === true, subscription.honoredFilter);
  } else {
    await client.subscribeResource({ uri });
  }
  const before = heard.tools;
  await text('test_trigger_tool_change');
  check(`${label}: hears that the list of tools changed`, await until(() => heard.tools > before), heard.tools);
  await client.callTool({ name: 'file_write', arguments: { path: note, content: 'new' } });
  check(`${label}: hears that a resource changed`, await until(() => heard.updated.includes(uri)), heard.updated);
  await (subscription ? subscription.close() : client.unsubscribeResource({ uri }));
}

async function cancelling(label, client) {
  const stop = new AbortController();
  const slow = (seconds) => ({ name: 'slow_compute', arguments: { seconds, label: 'next' } });
  const crowd = Array.from({ length: CROWD }, () => client.callTool(slow(60), ...options(client, { signal: stop.signal })));
  const ended = Promise.allSettled(crowd);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  stop.abort('enough');
  const given = (await ended).filter((end) => end.status === 'rejected').length;
  check(`${label}: gives calls up`, given > 0, given);
  let answer;
  const goes = async () => !(answer = await client.callTool(slow(0))).isError;
  const deadline = Date.now() + 30_000;
  while (!(await goes()) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 200));
  check(`${label}: what was given up has ended`, JSON.stringify(answer).includes('next took 0'), answer);
}

async function resuming(label, client) {
  const answer = await client.callTool({ name: 'test_reconnection', arguments: {} });
  check(`${label}: takes up a stream that was closed`, answer.content[0].text.startsWith('Reconnection test completed'), answer);
}

const negotiating = () => new Modern(self, { capabilities, versionNegotiation: { mode: 'auto' } });
const runs = [
  ['client http', negotiating(), () => new ModernHttp(new URL(url))],
  ['client stdio', negotiating(), () => new ModernStdio(command)],
  ['client http, handshake', new Modern(self, { capabilities }), () => new ModernHttp(new URL(url))],
  ['sdk http', new Classic(self, { capabilities }), () => new ClassicHttp(new URL(url))],
  ['sdk stdio', new Classic(self, { capabilities }), () => new ClassicStdio(command)],
];
for (const [label, client, transport] of runs) {
  try {
    const heard = listen(client);
    await drive(label, client, transport());
    await converse(label, client, heard);
    await cancelling(label, client);
    if (label.includes('http')) await resuming(label, client);
    await client.close();
  } catch (error) {
    check(`${label}: runs to its end`, false, String(error));
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
