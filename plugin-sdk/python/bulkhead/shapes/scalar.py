"""Values without parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import Any

from .base import Schema, Shape, misfit

# Longer than any number that a double holds; converting digits takes quadratic time.
MAX_NUMBER_CHARACTERS = 400
INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)


class Anything(Shape):
    """Any JSON value."""

    def schema(self) -> Schema:
        return {}

    def decode(self, value: Any, at: str) -> Any:
        return value


class Null(Shape):
    """`null` alone."""

    def schema(self) -> Schema:
        return {"type": "null"}

    def decode(self, value: Any, at: str) -> None:
        if value is not None:
            raise misfit(at, "null", value)


class Text(Shape):
    """Any text."""

    textual = True

    def schema(self) -> Schema:
        return {"type": "string"}

    def decode(self, value: Any, at: str) -> str:
        if not isinstance(value, str):
            raise misfit(at, "a text", value)
        return value


class Boolean(Shape):
    """True or false."""

    textual = True

    def schema(self) -> Schema:
        return {"type": "boolean"}

    def decode(self, value: Any, at: str) -> bool:
        if not isinstance(value, bool):
            raise misfit(at, "true or false", value)
        return value

    def parse(self, text: str, at: str) -> bool:
        if text not in ("true", "false"):
            raise misfit(at, "true or false", text)
        return text == "true"


class Integer(Shape):
    """A whole number of any size. JSON Schema counts 3.0 among them."""

    textual = True

    def schema(self) -> Schema:
        return {"type": "integer"}

    def decode(self, value: Any, at: str) -> int:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise misfit(at, "an integer", value)
        return value

    def parse(self, text: str, at: str) -> int:
        if len(text) > MAX_NUMBER_CHARACTERS or not INTEGER.fullmatch(text):
            raise misfit(at, "an integer", text)
        return int(text)


class Number(Shape):
    """A number, as a `float`."""

    textual = True

    def schema(self) -> Schema:
        return {"type": "number"}

    def decode(self, value: Any, at: str) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise misfit(at, "a number", value)
        try:
            return float(value)
        except OverflowError:
            raise misfit(at, "a number that a double holds", value) from None

    def parse(self, text: str, at: str) -> float:
        if len(text) > MAX_NUMBER_CHARACTERS or not NUMBER.fullmatch(text):
            raise misfit(at, "a number", text)
        return float(text)


class Choice(Shape):
    """One of some values: a `Literal` or an `Enum`."""

    def __init__(self, choices: Sequence[Any]) -> None:
        self.choices = tuple(choices)
        self.values = tuple(choice.value if isinstance(choice, Enum) else choice for choice in choices)
        for value in self.values:
            if not isinstance(value, str | int | None):
                raise TypeError(f"a choice has to be a text, a whole number, true, false or None, not {value!r}")
        self.textual = all(isinstance(value, str) for value in self.values)

    def schema(self) -> Schema:
        kinds = {type(value) for value in self.values}
        names = {str: "string", int: "integer", bool: "boolean"}
        kind = names.get(kinds.pop()) if len(kinds) == 1 else None
        return ({"type": kind} if kind else {}) | {"enum": list(self.values)}

    def decode(self, value: Any, at: str) -> Any:
        for choice, own in zip(self.choices, self.values, strict=True):
            if own == value and isinstance(own, bool) == isinstance(value, bool):
                return choice
        raise misfit(at, "one of " + ", ".join(str(own) for own in self.values), value)
