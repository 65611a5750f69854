"""Objects with named fields: a function's parameters, a dataclass, a `TypedDict`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Invalid
from .base import Schema, Shape, misfit
from .plain import plain

# There is no default value, or none that JSON can show.
NOTHING = object()


@dataclass(frozen=True)
class Entry:
    """One field: its name in Python and in JSON."""

    name: str
    key: str
    shape: Shape
    required: bool
    default: Any = NOTHING

    def schema(self) -> Schema:
        """Its schema, with its default unless that is `None`."""
        schema = self.shape.schema()
        if self.default is NOTHING or self.default is None:
            return schema
        return schema | {"default": plain(self.default)}


class Fields(Shape):
    """An object with exactly these fields."""

    def __init__(
        self, entries: Sequence[Entry], make: Callable[..., Any] = dict, description: str | None = None
    ) -> None:
        self.entries = {entry.key: entry for entry in entries}
        self.make, self.description = make, description
        if len(self.entries) != len(entries):
            raise TypeError("two fields have one name in JSON")

    def schema(self) -> Schema:
        required = [entry.key for entry in self.entries.values() if entry.required]
        return (
            {"type": "object"}
            | ({"description": self.description} if self.description else {})
            | {"properties": {key: entry.schema() for key, entry in self.entries.items()}}
            | ({"required": required} if required else {})
            | {"additionalProperties": False}
        )

    def decode(self, value: Any, at: str) -> Any:
        if not isinstance(value, dict):
            raise misfit(at, "an object", value)
        prefix = f"{at}." if at else ""
        return self._made(value, prefix, lambda entry, item: entry.shape.decode(item, prefix + entry.key))

    def parse_all(self, texts: dict[str, str]) -> Any:
        """The same from texts; those that have no field are passed over."""
        known = {key: text for key, text in texts.items() if key in self.entries}
        return self._made(known, "", lambda entry, text: entry.shape.parse(text, entry.key))

    def _made(self, values: dict[str, Any], prefix: str, read: Callable[[Entry, Any], Any]) -> Any:
        for key in values:
            if key not in self.entries:
                raise Invalid(
                    f"`{prefix}{key}`: there is no such field; there are: {', '.join(self.entries) or 'none'}"
                )
        for entry in self.entries.values():
            if entry.required and entry.key not in values:
                raise Invalid(f"`{prefix}{entry.key}` is missing")
        return self.make(**{self.entries[key].name: read(self.entries[key], value) for key, value in values.items()})
