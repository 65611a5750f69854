"""Tests of a plugin that run natively, without a host.

The functions of a plugin stay plain functions: call them. Where one wants a `Context`, or for a whole
call with its schemas and its rounds of questions, there is a `Harness`:

    harness = Harness().accept("who", {"name": "Alice"})
    assert harness.tool("ask").text == "Hello, Alice."
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .calls import Answer, Call, ClientCapabilities, ItemKind, LogLevel
from .completion import Completion, Reference
from .context import Context
from .errors import Denied, Failed, InputRequest, InputRequired, keys
from .registry import REGISTRY, Registry
from .resource import ResourcePage, ResourceReading
from .rounds import AsTask, Done, finish, play
from .shapes import plain
from .tool import ToolResult

T = TypeVar("T")
# More rounds than that are a plugin that asks for ever.
MAX_ROUNDS = 32
EVERYTHING = ClientCapabilities(True, True, True, True, True, True)


@dataclass(frozen=True)
class Progress:
    """One report of progress."""

    progress: float
    total: float | None
    message: str | None


@dataclass(frozen=True)
class Line:
    """One line of the log."""

    level: LogLevel
    logger: str | None
    data: Any


@dataclass
class Stage:
    """What stands in for the host: what the operator gave, and what the plugin told."""

    config: dict[str, str] = field(default_factory=dict)
    # `None` where kept values are not granted.
    kv: dict[str, bytes] | None = field(default_factory=dict)
    is_cancelled: bool = False
    reports: list[Progress] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    resource_changes: int = 0
    visible: list[tuple[ItemKind, str, bool]] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    closed_streams: list[int | None] = field(default_factory=list)

    def progress(self, progress: float, total: float | None, message: str | None) -> None:
        self.reports.append(Progress(progress, total, message))

    def log(self, level: LogLevel, logger: str | None, data: str) -> None:
        self.lines.append(Line(level, logger, json.loads(data)))

    def cancelled(self) -> bool:
        return self.is_cancelled

    def resource_updated(self, uri: str) -> None:
        self.updated.append(uri)

    def resources_changed(self) -> None:
        self.resource_changes += 1

    def set_visible(self, kind: ItemKind, name: str, visible: bool) -> None:
        self.visible.append((kind, name, visible))

    def task_status(self, message: str) -> None:
        self.statuses.append(message)

    def close_stream(self, retry_ms: int | None) -> None:
        self.closed_streams.append(retry_ms)

    def config_get(self, key: str) -> str | None:
        return self.config.get(key)

    def config_all(self) -> dict[str, str]:
        return dict(self.config)

    def kv_get(self, key: str) -> bytes | None:
        return self._kept().get(key)

    def kv_set(self, key: str, value: bytes) -> None:
        self._kept()[key] = bytes(value)

    def kv_delete(self, key: str) -> None:
        self._kept().pop(key, None)

    def kv_exists(self, key: str) -> bool:
        return key in self._kept()

    def kv_increment(self, key: str, delta: int) -> int:
        total = int(self._kept().get(key, b"0")) + delta
        self._kept()[key] = str(total).encode()
        return total

    def kv_keys(self) -> list[str]:
        return sorted(self._kept())

    def _kept(self) -> dict[str, bytes]:
        if self.kv is None:
            raise Denied("kept values are not granted to this plugin")
        return self.kv


class Harness:
    """A caller, an operator and a host, as a test wants them.

    At first the client can do everything, at log level debug, and the operator granted nothing but
    kept values. `stage` is what stands in for the host.
    """

    def __init__(self, registry: Registry = REGISTRY) -> None:
        self.registry, self.stage = registry, Stage()
        self.call = Call(client=EVERYTHING, log_level=LogLevel.DEBUG, progress=True)
        # How many rounds the last call took.
        self.rounds = 0
        self._script: dict[str, Any] = {}

    def given(self, **changes: Any) -> Harness:
        """Changes anything about the call, such as `log_level=None`."""
        self.call = dataclasses.replace(self.call, **changes)
        return self

    def client(self, **can: bool) -> Harness:
        """Changes what the client can do, such as `sampling=False`."""
        return self.given(client=dataclasses.replace(self.call.client, **can))

    def answer(self, key: str, result: dict[str, Any]) -> Harness:
        """What the client answers to the question named `key`: the protocol's result."""
        self._script[key] = result
        return self

    def accept(self, key: str, content: dict[str, Any]) -> Harness:
        """The user fills in the form named `key`."""
        return self.answer(key, {"action": "accept", "content": content})

    def decline(self, key: str) -> Harness:
        """The user says no to the form named `key`."""
        return self.answer(key, {"action": "decline"})

    def config(self, **values: str) -> Harness:
        """The operator configures these keys."""
        self.stage.config.update(values)
        return self

    def cancelled(self) -> Harness:
        """The caller gives up before the call looks."""
        self.stage.is_cancelled = True
        return self

    def without_kv(self) -> Harness:
        """The operator does not grant kept values."""
        self.stage.kv = None
        return self

    def context(self) -> Context:
        """A context for a function that is called directly."""
        return Context(self.call, self.stage)

    def tool(self, tool: str | Callable[..., Any], /, **arguments: Any) -> ToolResult:
        """Calls a tool, by name or by function, with arguments as JSON has them.

        Raises `AssertionError` where the answer does not fit the tool's own output schema.
        """
        name = next((item.name for item in self.registry.tools.values() if item.signature.function is tool), tool)
        text = json.dumps(plain(arguments))
        result = self.run(lambda ctx: self.registry.call(ctx, str(name), text))
        output = self.registry.tools[str(name)].output
        if output and not result.is_error:
            try:
                output.decode(json.loads(json.dumps(result.structured, allow_nan=False)), "")
            except Exception as problem:
                raise AssertionError(f"{name}'s answer does not fit its output schema: {problem}") from problem
        return result

    def prompt(self, prompt: str | Callable[..., Any], /, **arguments: str) -> Any:
        """Fills a prompt, by name or by function."""
        items = self.registry.prompts.values()
        name = next((item.name for item in items if item.signature.function is prompt), prompt)
        return self.run(lambda ctx: self.registry.get(ctx, str(name), arguments))

    def read(self, uri: str) -> ResourceReading:
        """Reads what lies at `uri`."""
        return self.run(lambda ctx: self.registry.read(ctx, uri))

    def write(self, uri: str, body: str | bytes, if_match: str | None = None) -> str:
        """Writes what lies at `uri`, and gives its new etag."""
        return finish(self.context(), lambda ctx: self.registry.write(ctx, uri, body, if_match))

    def list_resources(self, cursor: str | None = None) -> ResourcePage:
        """Lists dynamic resources."""
        return finish(self.context(), lambda ctx: self.registry.list_resources(ctx, cursor))

    def complete(self, of: str, argument: str, typed: str = "", **filled: str) -> Completion:
        """Completes what was typed for an argument of a prompt, by name, or of a URI template."""
        reference = Reference("resource" if of in self.registry.templates else "prompt", of)
        operation = self.registry.complete
        return finish(self.context(), lambda ctx: operation(ctx, reference, argument, typed, filled))

    def contract(self) -> dict[str, Any]:
        """What the plugin offers, as the host reads it."""
        contract: dict[str, Any] = json.loads(self.registry.describe())
        return contract

    def run(self, operation: Callable[[Context], T]) -> T:
        """Runs anything that may ask, round after round, until every question in it has its answer.

        Raises what it raises; a question that the script does not answer raises `InputRequired`.
        """
        call, self.rounds = self.call, 0
        while self.rounds < MAX_ROUNDS:
            self.rounds += 1
            match play(Context(call, self.stage), operation):
                case Done(value):
                    return value
                case AsTask(state):
                    call = dataclasses.replace(call, as_task=True, state=state)
                case waits:
                    answers = (*call.answers, *self._answers(waits.requests))
                    call = dataclasses.replace(call, answers=answers, state=waits.state)
        raise Failed(f"it still asks after {MAX_ROUNDS} rounds")

    def _answers(self, requests: tuple[InputRequest, ...]) -> list[Answer]:
        if unanswered := [request for request in requests if request.key not in self._script]:
            raise InputRequired(unanswered)
        return [Answer(key, json.dumps(self._script[key])) for key in keys(requests)]
