"""What a PDF says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from .limits import MAX_METADATA_CHARACTERS

FIELDS = {
    "/Title": "title",
    "/Author": "author",
    "/Subject": "subject",
    "/Keywords": "keywords",
    "/Creator": "creator",
    "/Producer": "producer",
    "/CreationDate": "created",
    "/ModDate": "modified",
}


@dataclass
class Heading:
    """One entry of the outline. `page` is missing where it points elsewhere."""

    title: str
    level: int
    page: int | None


@dataclass
class Info:
    """What a PDF says of itself: nobody has checked any of it."""

    pages: int
    version: str
    encrypted: bool
    metadata: dict[str, str]
    outline: list[Heading]
    # Why the outline is missing or cut, if it is.
    problem: str | None = None


def information(reader: PdfReader, most: int) -> Info:
    """Metadata, and an outline of at most `most` entries."""
    info = Info(len(reader.pages), reader.pdf_header.removeprefix("%PDF-"), reader.is_encrypted, metadata(reader), [])
    try:
        for heading in headings(reader, reader.outline, 1):
            if len(info.outline) == most:
                info.problem = f"the outline has more than {most} entries"
                break
            info.outline.append(heading)
    except (PyPdfError, RecursionError, ValueError, KeyError, TypeError, AttributeError) as problem:
        info.problem = f"the outline cannot be read: {problem}"
    return info


def metadata(reader: PdfReader) -> dict[str, str]:
    """The document's properties, dates in RFC 3339 where they are dates."""
    raw = reader.metadata or {}
    found = {name: said(raw.get(key)) for key, name in FIELDS.items()}
    for name, attribute in (("created", "creation_date"), ("modified", "modification_date")):
        try:
            date = getattr(raw, attribute, None)
        except (ValueError, PyPdfError):
            continue
        if date is not None:
            found[name] = date.isoformat()
    return {name: value for name, value in found.items() if value}


def said(value: Any) -> str:
    """A property as text, and not more of it than anybody reads."""
    return "" if value is None else str(value)[:MAX_METADATA_CHARACTERS]


def headings(reader: PdfReader, entries: Any, level: int) -> Iterator[Heading]:
    """The outline, from its top to its end. A list stands for what is below the entry before it."""
    for entry in entries:
        if isinstance(entry, list):
            yield from headings(reader, entry, level + 1)
            continue
        number = reader.get_destination_page_number(entry)
        page = None if number is None or number < 0 else number + 1
        yield Heading(said(entry.title), level, page)
