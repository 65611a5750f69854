"""What answers and prompts are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["user", "assistant"]


@dataclass(frozen=True, kw_only=True)
class Block:
    """What every block of content may carry."""

    # Whom it is meant for; everybody when empty.
    audience: tuple[Role, ...] = ()
    # 0 (least) to 1 (most important).
    priority: float | None = None
    # RFC 3339 date and time.
    last_modified: str | None = None
    # The block's `_meta`.
    meta: dict[str, Any] | None = None


@dataclass(frozen=True)
class Text(Block):
    """Text."""

    text: str


@dataclass(frozen=True)
class Image(Block):
    """A picture. The host encodes the bytes."""

    data: bytes
    mime_type: str


@dataclass(frozen=True)
class Audio(Block):
    """A sound. The host encodes the bytes."""

    data: bytes
    mime_type: str


@dataclass(frozen=True)
class ResourceLink(Block):
    """A pointer to a resource that the client may read later. `size` is in bytes."""

    uri: str
    name: str
    title: str | None = None
    description: str | None = None
    mime_type: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class ResourceContents:
    """One resource, with its contents: text, or bytes which the host encodes."""

    uri: str
    body: str | bytes
    mime_type: str | None = None
    meta: dict[str, Any] | None = None


@dataclass(frozen=True)
class Embedded(Block):
    """A resource with its contents."""

    contents: ResourceContents


def blocks(value: object) -> list[Block]:
    """A text, a block, or a list of them, as blocks. Raises `TypeError` for anything else."""
    match value:
        case Block():
            return [value]
        case str():
            return [Text(value)]
        case list() | tuple():
            return [block for item in value for block in blocks(item)]
        case _:
            raise TypeError(f"expected text or a block of content, found {type(value).__name__}")
