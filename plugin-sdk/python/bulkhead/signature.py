"""What a function takes: arguments by name, and perhaps the running call."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from .context import Context
from .shapes import Entry, Fields, shape_of
from .shapes.fields import NOTHING
from .shapes.plain import alias_of


@dataclass(frozen=True)
class Signature:
    """A function with its parameters read."""

    function: Callable[..., Any]
    fields: Fields
    # The parameter that takes the running call.
    context: str | None
    returns: Any

    def __call__(self, ctx: Context, arguments: dict[str, Any]) -> Any:
        """Calls it with these arguments, and the call if it wants that."""
        if self.context:
            arguments = arguments | {self.context: ctx}
        return self.function(**arguments)


def signature_of(function: Callable[..., Any]) -> Signature:
    """Reads a function. Raises `TypeError`, which names the parameter, for what has no schema."""
    if not inspect.isfunction(function):
        raise TypeError(f"expected a function, found {function!r}")
    name = function.__qualname__
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise TypeError(f"{name}: a call runs to its end at once, so it has to be a plain function")
    hints = get_type_hints(function, include_extras=True)
    context, entries = None, []
    for parameter in inspect.signature(function).parameters.values():
        if hints.get(parameter.name) is Context:
            context = parameter.name
            continue
        try:
            entries.append(entry_of(parameter, hints))
        except TypeError as problem:
            raise TypeError(f"{name}: parameter `{parameter.name}`: {problem}") from None
    return Signature(function, Fields(entries), context, hints.get("return", Any))


def offered(function: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """A function that takes what it wants of `names`, and the running call if it wants that.

    What this gives takes the call, and the rest by name. Raises `TypeError` for other parameters.
    """
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters)
    context = next((name for name in parameters if hints.get(name) is Context), None)
    wanted = [name for name in parameters if name != context]
    if unknown := [name for name in wanted if name not in names]:
        raise TypeError(f"{function.__qualname__}: takes {unknown}; there are: {', '.join(names)}, and a Context")

    def call(ctx: Context, **given: Any) -> Any:
        arguments = {name: given[name] for name in wanted}
        return function(**arguments, **({context: ctx} if context else {}))

    return call


def entry_of(parameter: inspect.Parameter, hints: dict[str, Any]) -> Entry:
    """One parameter."""
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise TypeError("arguments come by name, so *args, **kwargs and positional-only ones cannot be filled")
    if parameter.name not in hints:
        raise TypeError("has no type hint")
    hint = hints[parameter.name]
    required = parameter.default is parameter.empty
    default = NOTHING if required else parameter.default
    return Entry(parameter.name, alias_of(hint) or parameter.name, shape_of(hint), required, default)


def description_of(function: Callable[..., Any], given: str | None) -> str:
    """What is told about a function: what was given, or its docstring. Raises `TypeError` without one."""
    description = given or inspect.getdoc(function)
    if not description:
        raise TypeError(f"{function.__qualname__}: say in a docstring what it does: it is what models and users read")
    return description
