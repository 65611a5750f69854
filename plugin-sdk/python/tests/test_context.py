"""What a running call knows, tells and asks."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest

from bulkhead import (
    Context,
    Declined,
    Denied,
    Elicit,
    Failed,
    Field,
    LogLevel,
    MissingCapability,
    ProtocolError,
    Roots,
    tool,
)
from bulkhead.errors import InputRequired
from bulkhead.questions import form_schema
from bulkhead.testing import Harness, Line


@dataclass
class Who:
    name: Annotated[str, "Your name"]
    age: Annotated[int | None, Field(ge=0)] = None
    plan: Literal["free", "paid"] = "free"


def test_lines_below_the_level_go_nowhere() -> None:
    harness = Harness().given(log_level=LogLevel.WARNING)
    ctx = harness.context()
    ctx.log("info", "lost")
    ctx.log("warning", {"a": [1]}, logger="part")
    assert harness.stage.lines == [Line(LogLevel.WARNING, "part", {"a": [1]})]
    silent = Harness().given(log_level=None, progress=False)
    silent.context().log(LogLevel.EMERGENCY, "lost")
    silent.context().progress(1)
    assert (silent.stage.lines, silent.stage.reports) == ([], [])


def test_config_and_kept_values() -> None:
    ctx = Harness().config(city="Bern").context()
    assert (ctx.config.get("city"), ctx.config.get("no"), ctx.config.get("no", "x")) == ("Bern", None, "x")
    ctx.kv.set("a", b"1")
    assert ("a" in ctx.kv, ctx.kv.get("a"), ctx.kv.increment("n"), ctx.kv.increment("n", 4), ctx.kv.keys()) == (
        True,
        b"1",
        1,
        5,
        ["a", "n"],
    )
    ctx.kv.delete("a")
    assert ctx.kv.get("a") is None
    with pytest.raises(Denied):
        Harness().without_kv().context().kv.get("a")


def test_a_question_makes_the_call_again() -> None:
    seen: list[int] = []

    @tool
    def ask(ctx: Context) -> str:
        """Asks."""
        number = ctx.once("number", lambda: len(seen) + 1)
        seen.append(number)
        try:
            who = ctx.elicit("who", "Who?", Who)
        except Exception as swallowed:  # noqa: BLE001
            return f"no: {swallowed}"
        return f"{who.name} {who.age} {who.plan} {number}"

    harness = Harness().accept("who", {"name": "Ada", "age": 3, "plan": "paid"})
    assert harness.tool(ask).text == "Ada 3 paid 1"
    assert (harness.rounds, seen) == (2, [1, 1])
    assert Harness().decline("who").tool(ask).text == "no: the user declined"
    with pytest.raises(InputRequired, match="who"):
        Harness().tool(ask)


def test_several_questions_take_one_round() -> None:
    @tool
    def ask(ctx: Context) -> str:
        """Asks twice."""
        who, folders = ctx.ask(Elicit("who", "Who?", Who), Roots("where"))
        return f"{who.name} in {folders[0].uri}"

    harness = Harness().accept("who", {"name": "Ada"}).answer("where", {"roots": [{"uri": "file:///a"}]})
    assert harness.tool(ask).text == "Ada in file:///a"
    assert harness.rounds == 2


def test_a_model_is_asked_with_what_the_root_sets() -> None:
    @tool
    def fish(ctx: Context) -> str:
        """Asks for a fish."""
        return ctx.sample("fish", "Name a fish.", max_tokens=10).text

    harness = Harness().given(sampling='{"temperature": 0.5, "maxTokens": 99, "other": 1}')
    with pytest.raises(InputRequired) as asked:
        harness.tool(fish)
    message = {"role": "user", "content": {"type": "text", "text": "Name a fish."}}
    assert asked.value.requests[0].params == {"temperature": 0.5, "maxTokens": 10, "messages": [message]}
    reply = {"role": "assistant", "model": "m", "content": {"type": "text", "text": "Carp"}}
    assert harness.answer("fish", reply).tool(fish).text == "Carp"
    with pytest.raises(MissingCapability, match="sampling"):
        Harness().client(sampling=False).tool(fish)


@pytest.mark.parametrize(
    "answer", [{}, {"action": "maybe"}, {"action": "accept", "content": {"name": 1}}, {"action": "accept"}]
)
def test_an_answer_that_does_not_fit_is_said(answer: dict[str, Any]) -> None:
    @tool
    def ask(ctx: Context) -> str:
        """Asks."""
        return ctx.elicit("who", "Who?", Who).name

    with pytest.raises((ProtocolError, Declined)) as problem:
        Harness().answer("who", answer).tool(ask)
    assert "who" in str(problem.value) or "user" in str(problem.value)


def test_a_form_is_flat() -> None:
    assert form_schema(Who) == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "Your name"},
            "age": {"type": "integer", "minimum": 0},
            "plan": {"type": "string", "enum": ["free", "paid"], "default": "free"},
        },
        "required": ["name"],
    }

    @dataclass
    class Deep:
        inner: Who

    with pytest.raises(TypeError, match="`inner`"):
        form_schema(Deep)


def test_state_rides_along_and_has_a_limit() -> None:
    @tool
    def remember(ctx: Context) -> str:
        """Remembers."""
        if ctx.state is None:
            ctx.state = {"seen": 1}
        ctx.roots("where")
        return str(ctx.state["seen"])

    assert Harness().answer("where", {"roots": []}).tool(remember).text == "1"

    @tool
    def hoard(ctx: Context) -> None:
        """Keeps too much."""
        ctx.state = "x" * 20_000
        ctx.roots("where")

    with pytest.raises(Failed, match="12288 is the most"):
        Harness().tool(hoard)
    with pytest.raises(Failed, match="not made by this plugin"):
        Harness().given(state="[1]").tool(remember)
