// What a stranger wrote, marked as that. The marks carry the call's id, which no page can know beforehand, so that no page
// can end its own.

import type { TextContent } from "bulkhead-sdk";

/** One block of a stranger's text. */
export function untrusted(text: string, source: string, callId: string): TextContent {
  const mark = `untrusted-${callId}`;
  return {
    type: "text",
    text: `<${mark} source="${encodeURI(source)}">\n${text.replaceAll(mark, "untrusted")}\n</${mark}>`,
    annotations: { audience: ["assistant"] },
    _meta: { "dev.bulkhead/untrusted": true },
  };
}
