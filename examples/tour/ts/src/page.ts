// A request over HTTP.

import { failed, tool } from "bulkhead-sdk";

export const title = tool(
  {
    name: "title",
    description: "Fetches a page and tells its title.",
    openWorld: true,
    input: { type: "object", properties: { url: { type: "string", description: "Where the page is." } }, required: ["url"] },
    output: {
      type: "object",
      properties: {
        status: { type: "integer", description: "The status of the answer." },
        title: { type: ["string", "null"], description: "What its first <title> says." },
      },
      required: ["status", "title"],
    },
  },
  async ({ url }) => {
    try {
      const answer = await fetch(url);
      return { status: answer.status, title: firstTitle(await answer.text()) };
    } catch (error) {
      throw failed(`the page could not be reached: ${(error as Error).message}`);
    }
  },
);

/** The text of the first `<title>`, in whatever case it is written. */
export function firstTitle(page: string): string | null {
  const from = page.search(/<title>/i);
  const rest = page.slice(from + "<title>".length);
  const end = rest.search(/<\/title>/i);
  return from < 0 || end < 0 ? null : rest.slice(0, end).trim();
}
