// A web site of a test's own, and what was asked of it.

import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Page {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export interface Site {
  origin: string;
  asked: { path: string; headers: IncomingHttpHeaders }[];
  pages: Record<string, Page | ((headers: IncomingHttpHeaders) => Page)>;
}

const NOT_FOUND: Page = { status: 404 };

/** A site with these pages, which closes with the test. A page is HTML unless it says. */
export async function site(t: TestContext, pages: Site["pages"]): Promise<Site> {
  const asked: Site["asked"] = [];
  const server = createServer((request, answer) => {
    const path = request.url ?? "";
    asked.push({ path, headers: request.headers });
    const page = pages[path] ?? NOT_FOUND;
    const { status = 200, headers = {}, body = "" } = typeof page === "function" ? page(request.headers) : page;
    answer.writeHead(status, { "content-type": "text/html", ...headers }).end(body);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  t.after(() => server.close().closeAllConnections());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, pages };
}
