import assert from "node:assert/strict";
import { test } from "node:test";

import { URL as Own, URLSearchParams as OwnParams } from "../../src/runtime/url/index.js";

const PARTS = ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];
const BASES = [undefined, "http://example.org/foo/bar?q#f", "https://user:pw@h:8080/a/", "mailto:x@y", "foo://h/a/b", "file:///a/b"];
/** Node.js takes a relative path on `mailto:`, which the standard refuses. */
const HIERARCHICAL = BASES.filter((base) => !/^(?:mailto|file)/.test(base));
/** And it takes the last slash from a path that climbs above its root, where the scheme is not special. */
const DOTS = /\.|%2e/;
const INPUTS = `
http://example.com
HTTP://EXAMPLE.com:80/../a/./b/%2e%2E/c?x=y z#f g
https://example.com:443
https://example.com:0443/
http://example.com:65536
http://example.com:x
http://a:b@c:29/d
http::@c:29
http://foo:-80/
http:\\\\x:hello
http:/example.com/
http:example.com/
https:/example.com
//foo/bar
///foo/bar
\\\\foo\\bar
/
/a/ /c
/a%2fc
/a/%2f/c
#β
?q=é"'<>
data:text/html,test#test
javascript:alert(1)
tel:1234567890
http://[1::2]:3:4
http://[::1]:80
http://[2001::1]
http://[::127.0.0.1]
http://[0:0:0:0:0:0:13.1.68.3]
http://[2001::1.2.3]
http://[::1::]
http://[1:2:3:4:5:6:7:8:9]
http://[1:0:0:2:0:0:0:3]
http://[1.2.3.4::]
http://192.168.0.1
http://192.0x00A80001
http://0300.168.0.0xF0
http://0x7f.1/
http://2130706433/
http://256
http://192.168.0.257
http://1.2.3.4.5/
http://1.2.3.08
http://foo.09
http://0..0x300/
http://4294967296
http://a b
http://a<b
http://a%00b
http://%ef%bc%85%ef%bc%94%ef%bc%91.com
http://%65xample.com
http://www.foo。bar.com
http://你好你好
http://BÜCHER.example/
http://faß.example/
http://ex%41mple.com/%41
http://user@/www
http://@/www
http://a:@/x
http://example.com/foo%
http://example.com/foo%2zbar
http://example.com/foo\\t%91
http://example.com/././foo/../../../ton
http://example.com/foo/bar/..
http://example.com/foo/bar/.
http://example.com/..
http://example.com/foo/%2e%2e/bar
http://example.com////../..
http://example.com/foo	bar
http://example.com\\\\foo\\\\..\\\\bar
http://example.com/‥/foo
http://example.com/a|c\`d{e}
http://h/p?a^b|c\`d{e}
http://h/p#a^b|c\`d{e}
http://h?q#f
http://h#f?q
http://h\\@evil.com/
http://h%40evil.com/
http://a@b@c/
http://a:b:c@d
foo://///////
foo:/a/../b
foo:bar/../c
foo://h:12/x/../y?z#w
foo://a b/
foo:///p
foo://[::1]/p
foo:
..
../..
./x
../../../../x/y/
x:y
g?y/./x
;x
file:///etc/../passwd
file://localhost/x
file://host/x
file:x
file:/x/y
web+demo:/.//not-a-host/
http://ho%20st/
http://ho%7Cst/
http://xn--bcher-kva.example
http:///x
https://x:y:z
`
  .split("\n")
  .filter(Boolean)
  .map((line) => line.replace(/\\\\/g, "\\").replace(/\\`/g, "`"));

function seen(Class, input, base) {
  try {
    const url = new Class(input, base);
    return Object.fromEntries(PARTS.map((part) => [part, url[part]]));
  } catch {
    return "no URL";
  }
}

test("a URL has the parts that Node.js finds", () => {
  for (const input of INPUTS) {
    for (const base of BASES) {
      if (/^foo:/.test(base ?? input.trim()) && DOTS.test(input)) continue;
      assert.deepEqual(seen(Own, input, base), seen(URL, input, base), `${input} on ${base}`);
      assert.equal(Own.canParse(input, base), URL.canParse(input, base));
    }
  }
});

test("random URLs, too", () => {
  const pieces = ["http", "https", "foo", ":", "/", "//", "\\", "?", "#", "@", "[", "]", "::", "1", "0x7f", ".", "..", "%2e", "%", "a", "é", " ", "'", "&", "=", "\t", "|"];
  let seed = 1;
  const random = (below) => (seed = (seed * 48271) % 0x7fffffff) % below;
  for (let round = 0; round < 20000; round++) {
    const input = Array.from({ length: 1 + random(9) }, () => pieces[random(pieces.length)]).join("");
    const base = HIERARCHICAL[random(4)];
    if (/^foo:/.test(base ?? input.trim()) && DOTS.test(input)) continue;
    assert.deepEqual(seen(Own, input, base), seen(URL, input, base), `${JSON.stringify(input)} on ${base}`);
  }
});

test("changes are seen on both sides", () => {
  const changes = [
    (url) => (url.search = "?x=1&y=a b"),
    (url) => (url.hash = "#frag ment"),
    (url) => (url.pathname = "/a/../b?c#d"),
    (url) => (url.port = "81"),
    (url) => (url.port = "443"),
    (url) => (url.host = "other:9"),
    (url) => (url.hostname = "x y"),
    (url) => (url.protocol = "http"),
    (url) => (url.protocol = "foo"),
    (url) => (url.username = "a@b"),
    (url) => url.searchParams.append("k", "v&w"),
    (url) => url.searchParams.delete("q"),
    (url) => (url.href = "http://new/"),
  ];
  for (const change of changes) {
    const [own, theirs] = [new Own("https://u@h/p?q=1#f"), new URL("https://u@h/p?q=1#f")];
    change(own);
    change(theirs);
    assert.equal(own.href, theirs.href, change);
    assert.equal(own.searchParams.toString(), theirs.searchParams.toString());
  }
});

test("search parameters are read and written as Node.js does", () => {
  const inits = ["a=b&c", "?x=%20+y&x=2&=&==", "é=ü&%zz=%F0%9F%98%80", "", { a: 1, b: "c d" }, [["k", "~!*()'"], ["k", "2"]]];
  for (const init of inits) {
    const [own, theirs] = [new OwnParams(init), new URLSearchParams(init)];
    assert.deepEqual([...own], [...theirs]);
    for (const params of [own, theirs]) {
      params.set("x", "9");
      params.append("a", "z");
      params.sort();
    }
    assert.equal(own.toString(), theirs.toString());
    assert.deepEqual([own.size, own.get("x"), own.getAll("k"), own.has("a", "z")], [theirs.size, theirs.get("x"), theirs.getAll("k"), theirs.has("a", "z")]);
  }
});
