"""Prompts: texts that a user picks to begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .content import Block, Role, blocks
from .context import Context
from .signature import Signature


@dataclass(frozen=True)
class Message:
    """One message of a prompt."""

    role: Role
    content: str | Block


@dataclass
class PromptResult:
    """A filled prompt."""

    messages: list[Message] = field(default_factory=list)
    description: str | None = None
    meta: dict[str, Any] | None = None


@dataclass(frozen=True)
class Prompt:
    """One prompt, as its decorator read it."""

    name: str
    description: str
    signature: Signature
    title: str | None = None
    requires: tuple[str, ...] = ()
    meta: dict[str, Any] | None = None

    def contract(self) -> dict[str, Any]:
        """Its entry in the contract."""
        entry = {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "arguments": self._arguments(),
            "_meta": self.meta,
            "requiredCapabilities": list(self.requires),
        }
        return {key: value for key, value in entry.items() if value or key == "arguments"}

    def _arguments(self) -> list[dict[str, Any]]:
        told = []
        for entry in self.signature.fields.entries.values():
            description = entry.schema().get("description")
            words = {"description": description} if description else {}
            told.append({"name": entry.key} | words | {"required": entry.required})
        return told

    def run(self, ctx: Context, arguments: dict[str, str]) -> PromptResult:
        """Fills it."""
        return _result(self.signature(ctx, self.signature.fields.parse_all(arguments)))


def _result(value: Any) -> PromptResult:
    match value:
        case PromptResult():
            return value
        case Message():
            return PromptResult([value])
        case list() if value and all(isinstance(item, Message) for item in value):
            return PromptResult(value)
        case _:
            return PromptResult([Message("user", block) for block in blocks(value)])
