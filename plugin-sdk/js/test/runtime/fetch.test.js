import assert from "node:assert/strict";
import { test } from "node:test";

import { AbortSignal as OwnSignal } from "../../src/runtime/abort.js";
import { fetchOver } from "../../src/runtime/fetch.js";
import { Headers as OwnHeaders } from "../../src/runtime/headers.js";
import { URLSearchParams as OwnParams } from "../../src/runtime/url/index.js";

/** A `fetch` whose upstream answers from a table, and every request that reached it. */
function upstream(answers) {
  const seen = [];
  const own = fetchOver((request) => {
    seen.push(request);
    const { status = 200, headers = {}, body = "" } = answers[request.url.href] ?? { status: 404 };
    const chunks = [new TextEncoder().encode(body)].filter((chunk) => chunk.length > 0);
    return { status, headers: Object.entries(headers), source: { read: () => chunks.shift(), close: () => chunks.splice(0) } };
  });
  return { fetch: own, seen };
}

test("an answer is read as text, JSON, bytes, or as it comes", async () => {
  const { fetch, seen } = upstream({ "http://h/x?y=1": { headers: { "Content-Type": "application/json" }, body: '{"a":"ü"}' } });
  const answer = await fetch("http://h/x?y=1", { headers: { "X-One": "1" } });
  assert.deepEqual([answer.status, answer.ok, answer.url, answer.headers.get("content-type")], [200, true, "http://h/x?y=1", "application/json"]);
  assert.deepEqual(await answer.json(), { a: "ü" });
  await assert.rejects(answer.text(), /read already/);
  assert.deepEqual([...seen[0].headers], [["x-one", "1"]]);
  let text = "";
  for await (const chunk of (await fetch("http://h/x?y=1")).body) text += new TextDecoder().decode(chunk);
  assert.equal(text, '{"a":"ü"}');
});

test("bodies are sent with their type", async () => {
  const { fetch, seen } = upstream({});
  await fetch("http://h/", { method: "post", body: "ü" });
  await fetch("http://h/", { method: "PUT", body: new OwnParams({ a: "b c" }) });
  await fetch("http://h/", { method: "patch", body: Uint8Array.of(1, 2) });
  assert.deepEqual(
    seen.map(({ method, headers, body }) => [method, headers.get("content-type"), [...body]]),
    [
      ["POST", "text/plain;charset=UTF-8", [0xc3, 0xbc]],
      ["PUT", "application/x-www-form-urlencoded;charset=UTF-8", [...new TextEncoder().encode("a=b+c")]],
      ["patch", null, [1, 2]],
    ],
  );
});

test("redirects are followed, and lose what belongs to another origin", async () => {
  const { fetch, seen } = upstream({
    "http://one/": { status: 302, headers: { location: "/next" } },
    "http://one/next": { status: 307, headers: { location: "https://two/end" } },
    "https://two/end": { body: "here" },
    "http://file/": { status: 301, headers: { location: "file:///etc/passwd" } },
    "http://loop/": { status: 301, headers: { location: "/" } },
  });
  const answer = await fetch("http://one/", { method: "POST", body: "x", headers: { authorization: "secret" } });
  assert.deepEqual([answer.url, answer.redirected, await answer.text()], ["https://two/end", true, "here"]);
  assert.deepEqual(
    seen.map(({ method, headers, body }) => [method, headers.get("authorization"), body.length]),
    [["POST", "secret", 1], ["GET", "secret", 0], ["GET", null, 0]],
  );
  assert.equal((await fetch("http://one/", { redirect: "manual" })).status, 302);
  await assert.rejects(fetch("http://one/", { redirect: "error" }), TypeError);
  await assert.rejects(fetch("http://file/"), /cannot be fetched/);
  await assert.rejects(fetch("http://loop/"), /more than 20 redirects/);
});

test("what is no request goes nowhere", async () => {
  const { fetch, seen } = upstream({});
  const refused = [
    fetch("ftp://h/"),
    fetch("http://user:pw@h/"),
    fetch("nonsense"),
    fetch("http://h/", { method: "GE T" }),
    fetch("http://h/", { body: "x" }),
    fetch("http://h/", { headers: { "a b": "c" } }),
    fetch("http://h/", { headers: { a: "b\r\nc: d" } }),
    fetch("http://h/", { signal: OwnSignal.abort() }),
  ];
  for (const attempt of refused) await assert.rejects(attempt);
  assert.equal(seen.length, 0);
});

test("headers are kept as Node.js keeps them", () => {
  const script = (headers) => {
    headers.append("B", " 2 ");
    headers.append("a", "1");
    headers.append("A", "3");
    headers.append("Set-Cookie", "x");
    headers.append("set-cookie", "y");
    headers.set("c", "4");
    headers.delete("C");
    return [[...headers], headers.get("a"), headers.has("b"), headers.getSetCookie()];
  };
  assert.deepEqual(script(new OwnHeaders({ d: "5" })), script(new Headers({ d: "5" })));
});
