// What a page may cost. Each bound names what it answers.

/** Bytes of a page; the rest is left unread. Answers "a page without an end". */
export const PAGE_BYTES = 1 << 20;
/** Characters of HTML that an article is looked for in; of a longer page, all text is given. Answers "a page that takes seconds". */
export const ARTICLE_CHARS = 300_000;
/** Bytes of a robots.txt (RFC 9309 2.5 asks for at least 500 KiB). */
export const ROBOTS_BYTES = 512 << 10;
/** Answers "two pages that redirect to each other". */
export const REDIRECTS = 5;
/** How long a server may keep silent. */
export const SILENCE_MS = 10_000;
/** Elements inside one another. Answers "HTML that is nested to exhaust the stack of whoever walks it". */
export const DEPTH = 128;
/** And where a page that goes on like that ends: each level costs a step for every other. */
export const DEPTH_MOST = 1024;
/** Elements beside one another; more lose their tags. Answers "a list that is walked once for each of its items". */
export const SIBLINGS = 1000;
/** Elements of a page, which ends there. Answers "a page of a million tags, small as it is". */
export const ELEMENTS = 20_000;
/** Characters of one answer, unless the caller says. */
export const ANSWER_CHARS = 20_000;
/** Pages that are kept. */
export const KEPT_PAGES = 50;
/** Characters of a kept page. A value of the store has at most 1 MiB. */
export const KEPT_CHARS = 250_000;
/** How long a page is fresh, if its server does not say; and at most. */
export const FRESH_MS = 5 * 60_000;
export const FRESH_MOST_MS = 24 * 3_600_000;
/** How long a robots.txt is believed (RFC 9309 2.4 allows a day). */
export const ROBOTS_FRESH_MS = 3_600_000;
