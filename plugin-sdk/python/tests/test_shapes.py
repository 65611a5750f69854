"""Schemas from type hints, and values from JSON."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired, Optional, TypedDict

import pytest

from bulkhead import Field, Invalid
from bulkhead.shapes import fields_of, plain, shape_of


class Tone(Enum):
    DRY = "dry"
    WARM = "warm"


class Size(TypedDict):
    width: int
    height: NotRequired[int]


@dataclass
class Order:
    """What is ordered."""

    item: Annotated[str, "Its name", Field(min_length=1)]
    size: Size
    tone: Tone = Tone.WARM
    tags: list[str] = field(default_factory=list)
    unit_price: Annotated[float | None, Field(alias="unitPrice", ge=0)] = None


@dataclass
class Endless:
    child: Optional["Endless"]


SCHEMAS: list[tuple[Any, dict[str, Any]]] = [
    (int, {"type": "integer"}),
    (float, {"type": "number"}),
    (str, {"type": "string"}),
    (bool, {"type": "boolean"}),
    (list, {"type": "array"}),
    (list[int], {"type": "array", "items": {"type": "integer"}}),
    (dict, {"type": "object"}),
    (dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}}),
    (Any, {}),
    (Optional[int], {"type": ["integer", "null"]}),
    (int | str, {"type": ["integer", "string"]}),
    (int | list[int], {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}),
    (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
    (Literal[1, "b"], {"enum": [1, "b"]}),
    (Literal["a"] | None, {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}),
    (Tone, {"type": "string", "enum": ["dry", "warm"]}),
    (
        Annotated[int, Field(ge=1, lt=9, multiple_of=2)],
        {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "multipleOf": 2},
    ),
    (Annotated[list[str], Field(max_length=3)], {"type": "array", "items": {"type": "string"}, "maxItems": 3}),
    (Annotated[str | None, Field(pattern="^a")], {"type": ["string", "null"], "pattern": "^a"}),
    (Annotated[str, "Words"], {"type": "string", "description": "Words"}),
]


@pytest.mark.parametrize(("hint", "schema"), SCHEMAS)
def test_a_hint_has_a_schema(hint: Any, schema: dict[str, Any]) -> None:
    assert shape_of(hint).schema() == schema


def test_a_dataclass_has_a_schema() -> None:
    assert fields_of(Order).schema() == {
        "type": "object",
        "description": "What is ordered.",
        "properties": {
            "item": {"type": "string", "minLength": 1, "description": "Its name"},
            "size": {
                "type": "object",
                "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}},
                "required": ["width"],
                "additionalProperties": False,
            },
            "tone": {"type": "string", "enum": ["dry", "warm"], "default": "warm"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "unitPrice": {"type": ["number", "null"], "minimum": 0},
        },
        "required": ["item", "size"],
        "additionalProperties": False,
    }


def test_json_becomes_a_dataclass_and_json_again() -> None:
    value = {"item": "tea", "size": {"width": 1}, "tone": "dry", "tags": ["a"], "unitPrice": 2}
    order = fields_of(Order).decode(value, "")
    assert order == Order("tea", {"width": 1}, Tone.DRY, ["a"], 2.0)
    assert plain(order) == value


WRONG: list[tuple[Any, Any, str]] = [
    (int, True, "`x`: expected an integer, found true"),
    (int, 1.5, "an integer"),
    (int, "1", "an integer"),
    (float, "1", "a number"),
    (float, 10**400, "a double"),
    (bool, 1, "true or false"),
    (str, None, "a text"),
    (list[int], [1, "2"], r"`x\[1\]`"),
    (dict[str, int], {"a": "b"}, r"`x\.a`"),
    (Literal[1], True, "one of 1"),
    (Tone, "sour", "one of dry, warm"),
    (int | bool, "a", "; or "),
    (Annotated[int, Field(ge=1)], 0, "at least 1"),
    (Annotated[str, Field(max_length=2)], "abc", "at most 2"),
    (Annotated[str, Field(pattern="^a$")], "b", "matches"),
    (Order, {"item": "tea"}, r"`x\.size` is missing"),
    (Order, {"item": "tea", "size": {"width": 1}, "color": "red"}, r"`x\.color`: there is no such field"),
]


@pytest.mark.parametrize(("hint", "value", "words"), WRONG)
def test_what_does_not_fit_is_named(hint: Any, value: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        shape_of(hint).decode(value, "x")


@pytest.mark.parametrize(
    ("hint", "text", "value"),
    [
        (int, "-12", -12),
        (float, "1.5e2", 150.0),
        (bool, "true", True),
        (str, "7", "7"),
        (Tone, "dry", Tone.DRY),
        (int | None, "3", 3),
    ],
)
def test_a_text_becomes_what_the_hint_says(hint: Any, text: str, value: Any) -> None:
    assert shape_of(hint).parse(text, "x") == value


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "1_0"),
        (int, " 1"),
        (int, "\u0661"),
        (int, "9" * 500),
        (float, "nan"),
        (float, "inf"),
        (float, "0x1"),
        (bool, "True"),
        (Tone, "DRY"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(hint: Any, text: str) -> None:
    with pytest.raises(Invalid, match="`x`"):
        shape_of(hint).parse(text, "x")


@pytest.mark.parametrize(
    "hint",
    [
        Annotated[int, Field(min_length=1)],
        Annotated[int | str, Field(ge=1)],
        bytes,
        set[int],
        complex,
        dict[int, str],
        Endless,
        Literal[b"a"],
        tuple[int, int],
    ],
)
def test_what_has_no_schema_is_refused_at_once(hint: Any) -> None:
    with pytest.raises(TypeError):
        shape_of(hint)


def test_a_whole_float_is_an_integer_and_a_foreign_note_counts() -> None:
    class Ge:
        ge = 3

    assert shape_of(int).decode(3.0, "x") == 3
    assert shape_of(Annotated[int, Ge()]).schema() == {"type": "integer", "minimum": 3}
