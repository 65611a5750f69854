"""Which pages are meant."""

from __future__ import annotations

from bulkhead import Invalid

PATTERN = r"^[0-9]{1,7}(-[0-9]{0,7})?(,[0-9]{1,7}(-[0-9]{0,7})?){0,49}$"


def chosen(pages: str | None, count: int) -> list[int]:
    """The pages that `1-3,7,12-` names among `count`, from 1, each once, in the order of the document.

    Raises `Invalid` for a range without pages.
    """
    if pages is None:
        return list(range(1, count + 1))
    found: set[int] = set()
    for part in pages.split(","):
        first, dash, last = part.partition("-")
        begin, end = int(first), (int(last) if last else count) if dash else int(first)
        within = range(max(begin, 1), min(end, count) + 1)
        if not within:
            raise Invalid(f"`{part}` names no page: there are {count}")
        found.update(within)
    return sorted(found)


def named(pages: list[int]) -> str | None:
    """The same in the other direction: `1-3,7`."""
    parts: list[str] = []
    start = 0
    for index in range(1, len(pages) + 1):
        if index == len(pages) or pages[index] != pages[index - 1] + 1:
            first, last = pages[start], pages[index - 1]
            parts.append(str(first) if first == last else f"{first}-{last}")
            start = index
    return ",".join(parts) or None
