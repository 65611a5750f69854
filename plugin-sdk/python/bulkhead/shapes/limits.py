"""What `Annotated` says beside a type."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .base import Schema, Shape, misfit
from .compound import Array, Nullable, Table
from .scalar import Integer, Number, Text

WORDS = ("title", "description", "examples", "format")
BOUNDS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern")
NUMERIC = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}
# What each kind of value can be bounded by, under the names of JSON Schema.
KEYWORDS: dict[type[Shape], dict[str, str]] = {
    Integer: NUMERIC,
    Number: NUMERIC,
    Text: {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"},
    Array: {"min_length": "minItems", "max_length": "maxItems"},
    Table: {"min_length": "minProperties", "max_length": "maxProperties"},
}
CHECKS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "ge": (lambda value, bound: value >= bound, "at least {}"),
    "gt": (lambda value, bound: value > bound, "more than {}"),
    "le": (lambda value, bound: value <= bound, "at most {}"),
    "lt": (lambda value, bound: value < bound, "less than {}"),
    "multiple_of": (lambda value, bound: value % bound == 0, "a multiple of {}"),
    "min_length": (lambda value, bound: len(value) >= bound, "a length of at least {}"),
    "max_length": (lambda value, bound: len(value) <= bound, "a length of at most {}"),
    "pattern": (lambda value, bound: re.search(bound, value) is not None, "something that matches {}"),
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """What a value has to be beyond its type: `Annotated[int, Field(ge=1, le=100)]`.

    `ge`, `gt`, `le`, `lt` bound a number, `min_length` and `max_length` a text, list or dict,
    `pattern` (a regular expression, found anywhere) a text. `alias` is the name in JSON. A plain
    text in `Annotated` is the description; the package `annotated_types` is understood as well.
    """

    description: str | None = None
    title: str | None = None
    examples: list[Any] | None = None
    format: str | None = None
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    alias: str | None = None


class Limited(Shape):
    """A shape with bounds and words of its own."""

    def __init__(self, inner: Shape, words: Schema, bounds: Schema) -> None:
        self.inner, self.words, self.bounds = inner, words, bounds
        self.textual = inner.textual
        self.keywords = KEYWORDS.get(type(inner), {})
        if unfit := [name for name in bounds if name not in self.keywords]:
            kind = type(inner).__name__.lower()
            raise TypeError(
                f"{', '.join(unfit)} cannot bound this ({kind}): put the Field beside the type that it bounds"
            )
        re.compile(bounds.get("pattern", ""))

    def schema(self) -> Schema:
        bounds = {self.keywords[name]: bound for name, bound in self.bounds.items()}
        return self.inner.schema() | bounds | self.words

    def decode(self, value: Any, at: str) -> Any:
        return self._checked(self.inner.decode(value, at), at)

    def parse(self, text: str, at: str) -> Any:
        return self._checked(self.inner.parse(text, at), at)

    def _checked(self, value: Any, at: str) -> Any:
        for name, bound in self.bounds.items():
            holds, words = CHECKS[name]
            if not holds(value, bound):
                raise misfit(at, words.format(bound), value)
        return value


def limited(shape: Shape, notes: tuple[Any, ...]) -> Shape:
    """`shape` with what the notes of `Annotated` say."""
    words, bounds = said(notes, WORDS), said(notes, BOUNDS)
    texts = [note for note in notes if isinstance(note, str)]
    if texts:
        words.setdefault("description", texts[0])
    if not words and not bounds:
        return shape
    if isinstance(shape, Nullable):
        return Limited(Nullable(limited(shape.inner, (Field(**bounds),))), words, {})
    return Limited(shape, words, bounds)


def said(notes: tuple[Any, ...], names: tuple[str, ...]) -> dict[str, Any]:
    """What the notes say under these names; the first that says anything counts."""
    found: dict[str, Any] = {}
    for note in (note for note in notes if not isinstance(note, str | type)):
        for name in names:
            value = getattr(note, name, None)
            if value is not None and name not in found:
                found[name] = value
    return found
