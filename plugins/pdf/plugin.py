"""Reads PDF files in the granted folder."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from bulkhead import Context, Failed, Field, Invalid, tool
from pypdf import PdfReader

from reading import limits
from reading.document import opened
from reading.information import Info, information
from reading.matches import Match, matches, pattern_of
from reading.pages import PATTERN, chosen, named

File = Annotated[str, Field(description="The file, relative to /data", min_length=1, max_length=1024)]
Pages = Annotated[str | None, Field(description="Such as 1-3,7,12-; all of them if left out", pattern=PATTERN)]


@dataclass
class PageText:
    """The text of one page."""

    page: int
    text: str


@dataclass
class Extract:
    """The text of some pages."""

    pages: list[PageText]
    of: Annotated[int, "How many pages the document has"]
    more: Annotated[str | None, "The pages that did not fit: ask for these next"]
    cut: Annotated[bool, "Whether the last page is longer than what may be told at once"]


@dataclass
class Found:
    """Where a text was found."""

    matches: list[Match]
    more: Annotated[str | None, "The pages that were not searched to their end: search these next"]


@tool(title="PDF information", read_only=True, idempotent=True)
def info(path: File) -> Info:
    """Tells a PDF's number of pages, its metadata and its outline."""
    with opened(path) as reader:
        return information(reader, limits.MAX_OUTLINE_ENTRIES)


@tool(title="PDF text", read_only=True, idempotent=True)
def text(
    ctx: Context,
    path: File,
    pages: Pages = None,
    max_characters: Annotated[int, Field(ge=1, le=limits.MAX_CHARACTERS)] = limits.DEFAULT_CHARACTERS,
) -> Extract:
    """Extracts the text of a PDF, page by page, up to a number of characters."""
    with opened(path) as reader:
        count = len(reader.pages)
        wanted = chosen(pages, count)
        extract = Extract([], count, None, False)
        left = max_characters
        for page, content in read(ctx, reader, wanted):
            if len(content) > left and extract.pages:
                break
            extract.pages.append(PageText(page, content[:left]))
            extract.cut = len(content) > left
            left -= min(len(content), left)
        extract.more = named(wanted[len(extract.pages) :])
        return extract


@tool(title="Search a PDF", read_only=True, idempotent=True)
def search(
    ctx: Context,
    path: File,
    query: Annotated[str, Field(description="What to find", min_length=1, max_length=limits.MAX_QUERY_CHARACTERS)],
    pages: Pages = None,
    ignore_case: bool = True,
    max_matches: Annotated[int, Field(ge=1, le=limits.MAX_MATCHES)] = limits.DEFAULT_MATCHES,
) -> Found:
    """Finds a text in a PDF, and tells pages and what stands around it."""
    if not query.strip():
        raise Invalid("`query`: expected something to find besides spaces")
    pattern = pattern_of(query, ignore_case)
    with opened(path) as reader:
        wanted = chosen(pages, len(reader.pages))
        found, searched = Found([], None), 0
        for page, content in read(ctx, reader, wanted):
            for match in matches(pattern, page, content):
                if len(found.matches) == max_matches:
                    found.more = named(wanted[searched:])
                    return found
                found.matches.append(match)
            searched += 1
        found.more = named(wanted[searched:])
        return found


def read(ctx: Context, reader: PdfReader, wanted: list[int]) -> Iterator[tuple[int, str]]:
    """Pages with their text, until all are read or the time is over; the first one is always read."""
    deadline = time.monotonic() + limits.MAX_SECONDS
    for done, page in enumerate(wanted):
        if ctx.cancelled():
            raise Failed("stopped: the caller gave up")
        if done and time.monotonic() > deadline:
            return
        yield page, reader.pages[page - 1].extract_text().strip()
        ctx.progress(done + 1, len(wanted), f"page {page}")
