"""Imports that stand inside functions, done before they are too late.

A component can import nothing, so a package that imports a part of itself when a function runs would
fail there. What the functions of packages and of the plugin import is read from their code.
"""

from __future__ import annotations

import dis
import gc
import importlib
import importlib.util
from collections.abc import Iterator
from types import CodeType, FunctionType

# The interpreter's own: the standard library has its list in `warm`, or all of it would be in every component.
OWN = ("/python/", "/bundled/", "/world/", "<")
# A package that makes modules for ever.
MAX_ROUNDS = 20

IMPORT = dis.opmap["IMPORT_NAME"]
# A module, and perhaps the names that are taken from it.
Import = tuple[str, tuple[str, ...]]


def complete() -> None:
    """Imports what functions import, and what the functions of that import, to the end."""
    done: set[Import] = set()
    for _ in range(MAX_ROUNDS):
        wanted = set(found()) - done
        if not wanted:
            return
        for module, names in sorted(wanted):
            attempt(module, names)
        done |= wanted


def found() -> Iterator[Import]:
    """What the functions that exist would import."""
    for item in gc.get_objects():
        if isinstance(item, FunctionType) and not item.__code__.co_filename.startswith(OWN):
            package = item.__globals__.get("__package__") or ""
            for code in codes(item.__code__):
                yield from imports(code, package)


def codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and that of the functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def imports(code: CodeType, package: str) -> Iterator[Import]:
    """The imports in one piece of code: each takes the level and the names that were loaded before it."""
    if IMPORT not in code.co_code[::2]:
        return
    before: list[object] = [None, None]
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            level, names = before
            dots = "." * level if isinstance(level, int) else ""
            module = absolute(dots + instruction.argval, package)
            if module:
                yield module, names if isinstance(names, tuple) else ()
        before = [before[1], instruction.argval]


def absolute(name: str, package: str) -> str | None:
    """A module's whole name, unless it leaves its package."""
    try:
        return importlib.util.resolve_name(name, package)
    except ImportError:
        return None


def attempt(module: str, names: tuple[str, ...]) -> None:
    """Imports a module, and those of the names that are modules. What cannot be imported is left out."""
    try:
        loaded = importlib.import_module(module)
    except Exception:  # noqa: BLE001 (an optional package raises what it likes, and would when it is used)
        return
    if hasattr(loaded, "__path__"):
        for name in names:
            if name != "*" and not hasattr(loaded, name):
                attempt(f"{module}.{name}", ())
