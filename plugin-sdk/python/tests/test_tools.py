"""Tools: what is told of them, and what they answer."""

from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import pytest

from bulkhead import Context, Failed, Field, Image, Invalid, NotFound, Text, ToolResult, tool
from bulkhead.rounds import told
from bulkhead.testing import Harness


@dataclass
class Sum:
    sum: int


class Pair(TypedDict):
    one: int
    other: int


def test_a_function_is_a_tool_and_stays_a_function() -> None:
    @tool(title="Add", read_only=True, open_world=False)
    def add(a: int, b: Annotated[int, Field(alias="andB", description="The other")] = 1) -> Sum:
        """Adds two numbers."""
        return Sum(a + b)

    assert add(1, 2) == Sum(3)
    assert Harness().tool(add, a=2).structured == {"sum": 3}
    assert Harness().tool("add", a=2, andB=5).structured == {"sum": 7}
    assert Harness().contract()["tools"] == [
        {
            "name": "add",
            "title": "Add",
            "description": "Adds two numbers.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "a": {"type": "integer"},
                    "andB": {"type": "integer", "description": "The other", "default": 1},
                },
                "required": ["a"],
                "additionalProperties": False,
            },
            "outputSchema": {
                "type": "object",
                "properties": {"sum": {"type": "integer"}},
                "required": ["sum"],
                "additionalProperties": False,
            },
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }
    ]


ANSWERS: list[tuple[Any, Any, ToolResult]] = [
    (str, "a", ToolResult([Text("a")])),
    (int, 3, ToolResult([Text("3")])),
    (bool, True, ToolResult([Text("true")])),
    (None, None, ToolResult()),
    (dict[str, int], {"a": 1}, ToolResult(structured={"a": 1})),
    (Pair, {"one": 1, "other": 2}, ToolResult(structured={"one": 1, "other": 2})),
    (Image, Image(b"x", "image/png"), ToolResult([Image(b"x", "image/png")])),
    (list[str | Image], ["a", Image(b"x", "image/png")], ToolResult([Text("a"), Image(b"x", "image/png")])),
    (Sum | ToolResult, ToolResult([Text("no")], is_error=True), ToolResult([Text("no")], is_error=True)),
]


@pytest.mark.parametrize(("hint", "value", "result"), ANSWERS)
def test_what_a_function_returns_is_an_answer(hint: Any, value: Any, result: ToolResult) -> None:
    def answer():  # type: ignore[no-untyped-def]
        """Answers."""
        return value

    answer.__annotations__["return"] = hint
    tool(answer)
    assert Harness().tool(answer) == result


@pytest.mark.parametrize("hint", [bytes, set[int], list[int], Sum | str, Sum | Pair, tuple[int]])
def test_what_is_no_answer_is_refused_at_once(hint: Any) -> None:
    def answer():  # type: ignore[no-untyped-def]
        """Answers."""

    answer.__annotations__["return"] = hint
    with pytest.raises(TypeError, match="no tool's answer"):
        tool(answer)


def test_an_answer_that_breaks_its_schema_is_found_out() -> None:
    @tool
    def wrong() -> Sum:
        """Answers wrongly."""
        return Sum("three")  # type: ignore[arg-type]

    with pytest.raises(AssertionError, match=r"`sum`: expected an integer"):
        Harness().tool(wrong)


def test_what_cannot_be_a_tool_is_refused_at_once() -> None:
    def untold() -> None:
        pass

    def unhinted(a) -> None:  # type: ignore[no-untyped-def]
        """Takes something."""

    def many(*a: int) -> None:
        """Takes many."""

    async def later() -> None:
        """Takes its time."""

    for function, words in [
        (untold, "docstring"),
        (unhinted, "no type hint"),
        (many, r"\*args"),
        (later, "plain function"),
    ]:
        with pytest.raises(TypeError, match=words):
            tool(function)  # type: ignore[arg-type]


def test_a_name_is_taken_once() -> None:
    @tool(name="a")
    def one() -> None:
        """One."""

    with pytest.raises(TypeError, match="a is declared twice"):

        @tool(name="a")
        def other() -> None:
            """Another."""


def test_arguments_are_checked() -> None:
    @tool
    def take(a: int) -> None:
        """Takes."""

    for arguments, words in [
        ({}, "`a` is missing"),
        ({"a": 1, "b": 2}, "`b`: there is no such field"),
        ({"a": "1"}, "`a`"),
    ]:
        with pytest.raises(Invalid, match=words):
            Harness().tool(take, **arguments)
    with pytest.raises(NotFound, match='no tool "other"'):
        Harness().tool("other")


def test_a_failure_keeps_its_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    table = [
        (Failed("no"), Failed, "no"),
        (FileNotFoundError(2, "No such file", "/data/a"), NotFound, "/data/a: No such file"),
        (PermissionError(1, "Not permitted"), Exception, "Not permitted"),
        (KeyError("k"), Failed, "KeyError: 'k'"),
        (ValueError(), Failed, "ValueError"),
    ]
    for exception, kind, words in table:
        failure = told(exception)
        assert isinstance(failure, kind)
        assert str(failure) == words
    assert capsys.readouterr().err.count("KeyError") == 1


def test_a_task_runs_as_one_where_the_client_has_tasks() -> None:
    @tool(task="optional")
    def work(ctx: Context) -> bool:
        """Works."""
        return ctx.as_task

    assert Harness().tool(work).text == "true"
    assert Harness().client(tasks=False).tool(work).text == "false"
    assert Harness().contract()["tools"][0]["execution"] == {"taskSupport": "optional"}
