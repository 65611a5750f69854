"""What every shape does."""

from __future__ import annotations

import json
from typing import Any

from ..errors import Invalid

Schema = dict[str, Any]

# Enough of a value to recognise it by.
MAX_SHOWN_CHARACTERS = 40


class Shape:
    """One kind of value."""

    # Whether a value may come as text: from a URI, or as a prompt's argument.
    textual = False

    def schema(self) -> Schema:
        """The JSON Schema of these values."""
        raise NotImplementedError

    def decode(self, value: Any, at: str) -> Any:
        """The Python value of a JSON value. Raises `Invalid`, which names `at`."""
        raise NotImplementedError

    def parse(self, text: str, at: str) -> Any:
        """The Python value of a text. Raises `Invalid`, which names `at`."""
        return self.decode(text, at)


def misfit(at: str, expected: str, value: Any) -> Invalid:
    """`value` is not what was expected at `at`."""
    shown = json.dumps(value, ensure_ascii=False, default=repr)
    if len(shown) > MAX_SHOWN_CHARACTERS:
        shown = shown[:MAX_SHOWN_CHARACTERS] + "…"
    return Invalid(f"`{at}`: expected {expected}, found {shown}")
