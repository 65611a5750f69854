"""The call that runs now: who makes it, what they can do, and how to reach them meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from .calls import Call, ClientCapabilities, Era, ItemKind, LogLevel, Root, TraceContext
from .errors import BecomeTask, InputRequest, InputRequired, MissingCapability
from .host import Host
from .memory import Memory
from .questions import Elicit, Elicited, ElicitForm, ElicitUrl, Folder, Question, Roots, Sample, Sampled
from .reach import Config, Kv
from .shapes import plain

T = TypeVar("T")
Level = LogLevel | Literal["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]


class Context:
    """The running call. A function gets one by a parameter with this type.

    A call that asks something is made again from its start with the answer. So what comes before a
    question has to be repeatable, or stand in `once`.
    """

    def __init__(self, call: Call, host: Host) -> None:
        self._call, self._host, self._memory = call, host, Memory(call.state)

    @property
    def call_id(self) -> str:
        """The host's id of this call, in every log line and record about it."""
        return self._call.call_id

    @property
    def era(self) -> Era:
        """Which dialect the client speaks. A plugin seldom needs to look."""
        return Era(self._call.era.value)

    @property
    def protocol_version(self) -> str:
        """The revision spoken, such as `2026-07-28`."""
        return self._call.protocol_version

    @property
    def client(self) -> ClientCapabilities:
        """What the client said that it can do."""
        return self._call.client

    @property
    def log_level(self) -> LogLevel | None:
        """Lines below this level go nowhere; none at all when `None`."""
        level = self._call.log_level
        return None if level is None else LogLevel(level.value)

    @property
    def wants_progress(self) -> bool:
        """Whether somebody listens for progress."""
        return self._call.progress

    @property
    def as_task(self) -> bool:
        """Whether the call runs as a task, so that it may take long."""
        return self._call.as_task

    @property
    def trace(self) -> TraceContext | None:
        """The trace that the request belongs to."""
        return self._call.trace

    @property
    def root(self) -> Root | None:
        """The context tree that the call belongs to."""
        return self._call.root

    @property
    def sampling(self) -> dict[str, Any]:
        """Sampling parameters of the caller's root."""
        return _object(self._call.sampling)

    @property
    def meta(self) -> dict[str, Any]:
        """The request's `_meta`, without the protocol's own keys."""
        return _object(self._call.meta)

    @property
    def config(self) -> Config:
        """The plugin's configuration."""
        return Config(self._host)

    @property
    def kv(self) -> Kv:
        """Values that outlive the call."""
        return Kv(self._host)

    def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Says how far the call is. Values must rise; the host passes on at most a few a second."""
        if self._call.progress:
            self._host.progress(float(progress), None if total is None else float(total), message)

    def log(self, level: Level, data: Any, logger: str | None = None) -> None:
        """A line for the caller: text or any JSON. It costs nothing below the call's level."""
        severity = LogLevel[level.upper()] if isinstance(level, str) else level
        least = self.log_level
        if least is not None and severity >= least:
            self._host.log(severity, logger, json.dumps(plain(data), ensure_ascii=False))

    def cancelled(self) -> bool:
        """Whether the caller has given up. The host stops the plugin shortly after in any case."""
        return self._host.cancelled()

    def resource_updated(self, uri: str) -> None:
        """The resource at `uri`, one of this plugin's, has changed."""
        self._host.resource_updated(uri)

    def resources_changed(self) -> None:
        """The dynamic resources that this plugin lists have changed."""
        self._host.resources_changed()

    def set_visible(self, kind: ItemKind, name: str, visible: bool) -> None:
        """Hides a contracted item from listings and calls, or shows it again. May raise `Failed`."""
        self._host.set_visible(kind, name, visible)

    def task_status(self, message: str) -> None:
        """One line for whoever watches the task."""
        self._host.task_status(message)

    def close_stream(self, retry_ms: int | None = None) -> None:
        """Closes the connection that carries this call's events while the call goes on.

        The client comes back for the answer after `retry_ms`. Does nothing where the client's
        revision cannot resume.
        """
        self._host.close_stream(retry_ms)

    def elicit(self, key: str, message: str, form: type[T]) -> T:
        """Asks the user to fill in a dataclass or `TypedDict`. Raises `Declined` if the user says no."""
        return self._ask(Elicit(key, message, form))

    def elicit_form(self, key: str, message: str, schema: dict[str, Any]) -> Elicited:
        """Asks the user with a form of this JSON Schema, and goes on with whatever the user did."""
        return self._ask(ElicitForm(key, message, schema))

    def elicit_url(self, key: str, message: str, url: str) -> str:
        """Asks the user to open `url`, and goes on with `accept`, `decline` or `cancel`."""
        return self._ask(ElicitUrl(key, message, url))

    def sample(self, key: str, prompt: str, *, system: str | None = None, max_tokens: int | None = None) -> Sampled:
        """Asks the client's model."""
        return self._ask(Sample(key, prompt, system, max_tokens))

    def roots(self, key: str) -> list[Folder]:
        """Asks for the folders that the user works in."""
        return self._ask(Roots(key))

    def ask(self, *questions: Question[Any]) -> list[Any]:
        """Asks several questions in one round: `ctx.ask(Elicit("a", …), Sample("b", …))`."""
        for question in questions:
            if not getattr(self._call.client, question.needs):
                raise MissingCapability(question.needs)
        answers = {answer.key: answer.response for answer in self._call.answers}
        open_: list[InputRequest] = [q.request(self.sampling) for q in questions if q.key not in answers]
        if open_:
            raise InputRequired(open_)
        return [question.answered(answers[question.key]) for question in questions]

    def _ask(self, question: Question[T]) -> T:
        answer: T = self.ask(question)[0]
        return answer

    def once(self, key: str, effect: Callable[[], T]) -> T:
        """Runs `effect` in the first round of the call only; later rounds get what it gave then.

        The result has to be JSON, and rides in the state: keep it small.
        """
        kept = self._memory.open()["once"]
        if key not in kept:
            kept[key] = plain(effect())
        value: T = kept[key]
        return value

    @property
    def state(self) -> Any:
        """What an earlier round of this call kept, any JSON. Assign to keep something for the next."""
        return self._memory.open().get("state")

    @state.setter
    def state(self, value: Any) -> None:
        self._memory.open()["state"] = plain(value)

    def become_task(self) -> None:
        """Goes on as a task: returns at once in a call that runs as one, and otherwise ends this round.

        Raises `MissingCapability` for a client that follows no tasks.
        """
        if self._call.as_task:
            return
        if not self._call.client.tasks:
            raise MissingCapability("tasks")
        raise BecomeTask

    def sealed(self) -> str | None:
        """The state for the next round, as the host takes it."""
        return self._memory.seal()


def _object(text: str | None) -> dict[str, Any]:
    """The host has checked the text."""
    value = json.loads(text) if text else {}
    return value if isinstance(value, dict) else {}
