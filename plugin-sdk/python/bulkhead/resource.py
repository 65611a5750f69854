"""Resources: things that a client reads, and may write."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from .content import ResourceContents
from .context import Context
from .errors import Conflict
from .shapes import plain
from .signature import Signature
from .uri_template import UriTemplate

ETAG_BYTES = 16


@dataclass(frozen=True)
class Cache:
    """How long a client may keep a reading: for itself, or for everybody when `public`."""

    seconds: float
    public: bool = False

    @property
    def ttl_ms(self) -> int:
        """The same in milliseconds."""
        return round(self.seconds * 1000)

    def contract(self) -> dict[str, Any]:
        """As the contract writes it."""
        return {"ttlMs": self.ttl_ms, "scope": "public" if self.public else "private"}


@dataclass
class Reading:
    """What was read: text or bytes, under the URI that was asked for.

    `etag` changes whenever the contents do; it is made from them unless it is given. `more` are
    other resources, read along with the first.
    """

    body: str | bytes
    mime_type: str | None = None
    etag: str | None = None
    cache: Cache | None = None
    more: list[ResourceContents] = field(default_factory=list)
    contents_meta: dict[str, Any] | None = None
    meta: dict[str, Any] | None = None

    def current_etag(self) -> str:
        """The etag that these contents have."""
        return self.etag or etag_of([self.body, *(contents.body for contents in self.more)])


@dataclass(frozen=True)
class ResourceReading:
    """A reading under its URI, as the host takes it."""

    contents: list[ResourceContents]
    etag: str
    cache: Cache | None = None
    meta: dict[str, Any] | None = None


@dataclass(frozen=True)
class ResourceEntry:
    """One line of a listing of dynamic resources. `size` is in bytes."""

    uri: str
    name: str
    title: str | None = None
    description: str | None = None
    mime_type: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class ResourcePage:
    """One page of a listing; `next` is where the next one begins."""

    entries: list[ResourceEntry]
    next: str | None = None


@dataclass(frozen=True)
class About:
    """What the contract says of a resource or a template beside where it is."""

    name: str
    description: str
    title: str | None = None
    mime_type: str | None = None
    cache: Cache | None = None
    meta: dict[str, Any] | None = None

    def contract(self) -> dict[str, Any]:
        """Its part of the entry."""
        entry = {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "mimeType": self.mime_type,
            "_meta": self.meta,
            "cache": self.cache.contract() if self.cache else None,
        }
        return {key: value for key, value in entry.items() if value}


@dataclass(frozen=True)
class Resource:
    """One resource that always exists."""

    uri: str
    about: About
    signature: Signature
    size: int | None = None

    def contract(self) -> dict[str, Any]:
        """Its entry in the contract."""
        size = {} if self.size is None else {"size": self.size}
        return {"uri": self.uri} | self.about.contract() | size

    def read(self, ctx: Context) -> ResourceReading:
        """Reads it."""
        return under(self.uri, self.about.mime_type, self.signature(ctx, {}))


@dataclass(frozen=True)
class Template:
    """One family of resources."""

    template: UriTemplate
    about: About
    signature: Signature

    def contract(self) -> dict[str, Any]:
        """Its entry in the contract."""
        return {"uriTemplate": self.template.template} | self.about.contract()

    def read(self, ctx: Context, uri: str, variables: dict[str, str]) -> ResourceReading:
        """Reads what the variables name."""
        arguments = self.signature.fields.parse_all(variables | {"uri": uri})
        return under(uri, self.about.mime_type, self.signature(ctx, arguments))


def under(uri: str, mime_type: str | None, value: Any) -> ResourceReading:
    """What a function read, under its URI."""
    reading = _reading(value)
    first = ResourceContents(uri, reading.body, reading.mime_type or mime_type, reading.contents_meta)
    return ResourceReading([first, *reading.more], reading.current_etag(), reading.cache, reading.meta)


def _reading(value: Any) -> Reading:
    match value:
        case Reading():
            return value
        case str() | bytes():
            return Reading(value)
        case _:
            return Reading(json.dumps(plain(value), ensure_ascii=False, allow_nan=False), "application/json")


def etag_of(bodies: list[str | bytes]) -> str:
    """An etag of all bytes, and of where one body ends and the next begins."""
    digest = hashlib.blake2b(digest_size=ETAG_BYTES)
    for body in bodies:
        data = body.encode() if isinstance(body, str) else body
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def check_if_match(if_match: str | None, current: str | None) -> None:
    """Raises `Conflict` unless `current`, the etag of what exists, satisfies the `if_match` of a write.

    `*` is satisfied by whatever exists; `None` by anything.
    """
    if if_match is None:
        return
    if current is None:
        raise Conflict("it does not exist")
    if if_match not in ("*", current):
        raise Conflict(f"it has changed: its etag is {current} now")
