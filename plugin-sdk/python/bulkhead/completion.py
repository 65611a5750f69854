"""Completions: suggestions while a user types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from .context import Context


@dataclass(frozen=True)
class Reference:
    """What is being filled in: a prompt by its name, or a resource template by its URI template."""

    kind: Literal["prompt", "resource"]
    name: str


@dataclass
class Completion:
    """Suggestions, best first; the host passes on at most 100. `total` is how many there are in all."""

    values: list[str] = field(default_factory=list)
    total: int | None = None

    @property
    def has_more(self) -> bool:
        """Whether there are others."""
        return self.total is not None and self.total > len(self.values)


@dataclass(frozen=True)
class Completer:
    """One completion, as its decorator read it."""

    reference: Reference
    argument: str
    function: Callable[..., Any]

    def run(self, ctx: Context, typed: str, filled: dict[str, str]) -> Completion:
        """Suggests."""
        value = self.function(ctx, typed=typed, filled=filled)
        return value if isinstance(value, Completion) else Completion(list(value))


def starting(typed: str, values: Iterable[str]) -> list[str]:
    """Those of `values` that begin with `typed`."""
    return [value for value in values if value.startswith(typed)]
