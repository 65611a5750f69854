"""From type hints to shapes."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from .base import Shape
from .compound import Array, Either, Nullable, Table
from .fields import NOTHING, Entry, Fields
from .limits import limited
from .plain import alias_of
from .scalar import Anything, Boolean, Choice, Integer, Null, Number, Text

SCALARS: dict[Any, type[Shape]] = {
    Any: Anything,
    object: Anything,
    None: Null,
    type(None): Null,
    str: Text,
    bool: Boolean,
    int: Integer,
    float: Number,
}
EXPECTED = (
    "use int, float, str, bool, list, dict, Optional, Literal, an Enum, a dataclass or a TypedDict, "
    "with Annotated[…, Field(…)] for bounds"
)


def shape_of(hint: Any, inside: tuple[Any, ...] = ()) -> Shape:
    """The shape of a type hint. `inside` are the classes whose fields are being read."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return limited(shape_of(arguments[0], inside), arguments[1:])
    if hint in SCALARS:
        return SCALARS[hint]()
    if origin is Literal:
        return Choice(arguments)
    if origin in (Union, types.UnionType):
        return _union(arguments, inside)
    if hint is list or origin in (list, Sequence):
        return Array(shape_of(arguments[0], inside) if arguments else Anything())
    if hint is dict or origin in (dict, Mapping):
        return _table(arguments, inside)
    if isinstance(hint, type):
        return _class(hint, inside)
    raise TypeError(f"{hint!r} has no JSON Schema here: {EXPECTED}")


def _union(members: Sequence[Any], inside: tuple[Any, ...]) -> Shape:
    others = [shape_of(member, inside) for member in members if member is not type(None)]
    inner = others[0] if len(others) == 1 else Either(others)
    return Nullable(inner) if type(None) in members else inner


def _table(arguments: Sequence[Any], inside: tuple[Any, ...]) -> Shape:
    if arguments and arguments[0] is not str:
        raise TypeError(f"the keys of a dict have to be str, not {arguments[0]!r}")
    return Table(shape_of(arguments[1], inside) if arguments else Anything())


def _class(kind: type, inside: tuple[Any, ...]) -> Shape:
    if kind in inside:
        raise TypeError(f"{kind.__name__} contains itself: a schema cannot say that here, so take a dict instead")
    if issubclass(kind, Enum):
        return Choice(list(kind))
    if dataclasses.is_dataclass(kind) or typing.is_typeddict(kind):
        return fields_of(kind, inside)
    raise TypeError(f"{kind.__name__} has no JSON Schema here: {EXPECTED}")


def fields_of(kind: Any, inside: tuple[Any, ...] = ()) -> Fields:
    """The fields of a dataclass or a `TypedDict`."""
    inside = (*inside, kind)
    hints = get_type_hints(kind, include_extras=True)
    if typing.is_typeddict(kind):
        entries = [_key(kind, name, hint, inside) for name, hint in hints.items()]
        return Fields(entries, dict, _documentation(kind))
    entries = [_field(field, hints[field.name], inside) for field in dataclasses.fields(kind) if field.init]
    return Fields(entries, kind, _documentation(kind))


def _key(kind: Any, name: str, hint: Any, inside: tuple[Any, ...]) -> Entry:
    while get_origin(hint) in (typing.Required, typing.NotRequired):
        hint = get_args(hint)[0]
    if alias_of(hint):
        raise TypeError(f"{kind.__name__}.{name}: a TypedDict's keys are its names in JSON, so it takes no alias")
    return Entry(name, name, shape_of(hint, inside), name in kind.__required_keys__)


def _field(field: dataclasses.Field[Any], hint: Any, inside: tuple[Any, ...]) -> Entry:
    default = NOTHING if field.default is dataclasses.MISSING else field.default
    required = default is NOTHING and field.default_factory is dataclasses.MISSING
    return Entry(field.name, alias_of(hint) or field.name, shape_of(hint, inside), required, default)


def _documentation(kind: type) -> str | None:
    """The docstring that the author wrote; a dataclass without one gets its signature there."""
    text = kind.__dict__.get("__doc__")
    if not text or text.startswith(f"{kind.__name__}("):
        return None
    return inspect.cleandoc(text)
