"""Finding a text on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .limits import AROUND_CHARACTERS


@dataclass
class Match:
    """Where a text stands, and what stands around it."""

    page: int
    before: str
    match: str
    after: str


def pattern_of(text: str, ignore_case: bool) -> re.Pattern[str]:
    """What finds a text, however its words are set apart. It is a text, never a pattern."""
    words = r"\s+".join(re.escape(word) for word in text.split())
    return re.compile(words, re.IGNORECASE if ignore_case else 0)


def matches(pattern: re.Pattern[str], page: int, text: str) -> Iterator[Match]:
    """All places on one page."""
    for found in pattern.finditer(text):
        before = text[max(found.start() - AROUND_CHARACTERS, 0) : found.start()]
        after = text[found.end() : found.end() + AROUND_CHARACTERS]
        yield Match(page, line(before), line(found[0]), line(after))


def line(text: str) -> str:
    """Text on one line."""
    return re.sub(r"\s+", " ", text)
