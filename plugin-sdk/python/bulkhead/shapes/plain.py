"""Python values as JSON values."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, get_args, get_origin, get_type_hints


def plain(value: Any) -> Any:
    """`value` as what JSON knows. Raises `TypeError` for what it does not know."""
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {_key(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {key: plain(getattr(value, name)) for name, key in _keys(type(value)).items()}
        case _:
            raise TypeError(
                f"{type(value).__name__} has no form in JSON: return a dataclass, dict, list, text or number"
            )


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key of an object has to be a text, not {key!r}")
    return key


_KNOWN: dict[type, dict[str, str]] = {}


def _keys(kind: type) -> dict[str, str]:
    """Names of a dataclass's fields, each with its name in JSON."""
    if kind not in _KNOWN:
        hints = get_type_hints(kind, include_extras=True)
        _KNOWN[kind] = {field.name: alias_of(hints[field.name]) or field.name for field in fields(kind)}
    return _KNOWN[kind]


def alias_of(hint: Any) -> str | None:
    """The name in JSON that a hint asks for."""
    if get_origin(hint) is not Annotated:
        return None
    return next((note.alias for note in get_args(hint)[1:] if getattr(note, "alias", None)), None)
