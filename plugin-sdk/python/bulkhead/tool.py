"""Tools: actions that a model takes."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from .content import Block, Text, blocks
from .context import Context
from .errors import Invalid
from .shapes import Fields, fields_of, plain
from .signature import Signature

TaskSupport = Literal["optional", "required"]
SIMPLE = (Any, None, type(None), str, int, float, bool, dict)
EXPECTED = "text, a number, a bool, a dict, a dataclass, a TypedDict, blocks of content or a ToolResult"


@dataclass
class ToolResult:
    """What a tool answered: blocks for the model, structured JSON, or both.

    `is_error` says that the tool ran and failed, and the content how, for the model to read.
    """

    content: list[Block] = field(default_factory=list)
    structured: Any = None
    is_error: bool = False
    meta: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """The text of all its text blocks, one a line."""
        return "\n".join(block.text for block in self.content if isinstance(block, Text))


@dataclass(frozen=True)
class Tool:
    """One tool, as its decorator read it."""

    name: str
    description: str
    signature: Signature
    output: Fields | None
    title: str | None = None
    hints: dict[str, bool] = field(default_factory=dict)
    task: TaskSupport | None = None
    single_use: bool = False
    requires: tuple[str, ...] = ()
    meta: dict[str, Any] | None = None

    def contract(self) -> dict[str, Any]:
        """Its entry in the contract."""
        entry = {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.signature.fields.schema(),
            "outputSchema": self.output.schema() if self.output else None,
            "annotations": self.hints,
            "_meta": self.meta,
            "execution": {"taskSupport": self.task} if self.task else None,
            "singleUse": self.single_use,
            "requiredCapabilities": list(self.requires),
        }
        return {key: value for key, value in entry.items() if value}

    def run(self, ctx: Context, arguments: str) -> ToolResult:
        """Runs it with arguments in JSON text."""
        if self.task == "required" or (self.task and ctx.client.tasks):
            ctx.become_task()
        return self.result(self.signature(ctx, self.decode(arguments)))

    def decode(self, arguments: str) -> dict[str, Any]:
        """The function's arguments. Raises `Invalid`."""
        try:
            value = json.loads(arguments)
        except ValueError as problem:
            raise Invalid(f"the arguments are not JSON: {problem}") from None
        decoded: dict[str, Any] = self.signature.fields.decode(value, "")
        return decoded

    def result(self, value: Any) -> ToolResult:
        """What the function returned, as an answer."""
        if isinstance(value, ToolResult):
            return value
        if self.output or isinstance(value, dict) or (dataclasses.is_dataclass(value) and not isinstance(value, Block)):
            return ToolResult(structured=plain(value))
        match value:
            case None:
                return ToolResult()
            case bool() | int() | float():
                return ToolResult([Text(json.dumps(value))])
            case _:
                return ToolResult(blocks(value))


def output_of(function: Callable[..., Any], hint: Any) -> Fields | None:
    """The output schema that a return type asks for. Raises `TypeError` for what is no answer."""
    members = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    structured = [member for member in map(_bare, members) if is_structured(member)]
    others = [member for member in members if not is_structured(_bare(member)) and _bare(member) is not ToolResult]
    unknown = [member for member in others if not is_content(_bare(member))]
    if unknown or len(structured) > 1 or (structured and others):
        raise TypeError(f"{function.__qualname__} returns {hint!r}, which is no tool's answer: return {EXPECTED}")
    return fields_of(structured[0]) if structured else None


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def is_structured(hint: Any) -> bool:
    """Whether values of this type have fields with names."""
    if typing.is_typeddict(hint):
        return True
    return dataclasses.is_dataclass(hint) and hint is not ToolResult and not is_block(hint)


def is_block(hint: Any) -> bool:
    """Whether this is a kind of content."""
    return isinstance(hint, type) and issubclass(hint, Block)


def is_content(hint: Any) -> bool:
    """Whether values of this type become blocks, or structured JSON without a schema."""
    if get_origin(hint) is list:
        return all(is_block(item) or item is str for item in _members(get_args(hint)[0]))
    return is_block(hint) or get_origin(hint) is dict or hint in SIMPLE


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
