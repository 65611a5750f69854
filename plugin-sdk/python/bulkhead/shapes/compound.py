"""Values made of others of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import Invalid
from .base import Schema, Shape, misfit
from .scalar import Null


class Array(Shape):
    """A list."""

    def __init__(self, items: Shape) -> None:
        self.items = items

    def schema(self) -> Schema:
        items = self.items.schema()
        return {"type": "array"} | ({"items": items} if items else {})

    def decode(self, value: Any, at: str) -> list[Any]:
        if not isinstance(value, list):
            raise misfit(at, "a list", value)
        return [self.items.decode(item, f"{at}[{index}]") for index, item in enumerate(value)]


class Table(Shape):
    """A `dict` whose keys are texts."""

    def __init__(self, values: Shape) -> None:
        self.values = values

    def schema(self) -> Schema:
        values = self.values.schema()
        return {"type": "object"} | ({"additionalProperties": values} if values else {})

    def decode(self, value: Any, at: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise misfit(at, "an object", value)
        return {key: self.values.decode(item, f"{at}.{key}") for key, item in value.items()}


class Either(Shape):
    """Whatever fits one of several shapes; the first that fits decides."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.shapes = tuple(shapes)
        self.textual = any(shape.textual for shape in shapes)

    def schema(self) -> Schema:
        members = [shape.schema() for shape in self.shapes]
        if any(not member for member in members):
            return {}
        if all(member.keys() == {"type"} for member in members):
            return {"type": [member["type"] for member in members]}
        return {"anyOf": members}

    def decode(self, value: Any, at: str) -> Any:
        return self._first(value, at, [shape.decode for shape in self.shapes])

    def parse(self, text: str, at: str) -> Any:
        return self._first(text, at, [shape.parse for shape in self.shapes if shape.textual])

    def _first(self, value: Any, at: str, attempts: Sequence[Any]) -> Any:
        problems = []
        for attempt in attempts:
            try:
                return attempt(value, at)
            except Invalid as problem:
                problems.append(str(problem))
        raise Invalid("; or ".join(problems))


class Nullable(Shape):
    """`None`, or a value of another shape."""

    def __init__(self, inner: Shape) -> None:
        self.inner = inner
        self.textual = inner.textual

    def schema(self) -> Schema:
        inner = self.inner.schema()
        if not inner:
            return {}
        if isinstance(inner.get("type"), str) and "enum" not in inner:
            return inner | {"type": [inner["type"], "null"]}
        return {"anyOf": [inner, Null().schema()]}

    def decode(self, value: Any, at: str) -> Any:
        return None if value is None else self.inner.decode(value, at)

    def parse(self, text: str, at: str) -> Any:
        return self.inner.parse(text, at)
