"""What a call is given, under the names that wit/0.1.0/types.wit gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum


class LogLevel(IntEnum):
    """The eight severities of RFC 5424, least severe first."""

    DEBUG = 0
    INFO = 1
    NOTICE = 2
    WARNING = 3
    ERROR = 4
    CRITICAL = 5
    ALERT = 6
    EMERGENCY = 7


class Era(Enum):
    """Which dialect the client speaks. A plugin seldom needs to look."""

    LEGACY = 0
    MODERN = 1
    GUIDE = 2


class ItemKind(Enum):
    """What `Context.set_visible` shows or hides."""

    TOOL = 0
    PROMPT = 1
    RESOURCE = 2


@dataclass(frozen=True)
class ClientCapabilities:
    """What the calling client said it can do."""

    elicitation_form: bool = False
    elicitation_url: bool = False
    sampling: bool = False
    sampling_tools: bool = False
    roots: bool = False
    tasks: bool = False


@dataclass(frozen=True)
class TraceContext:
    """W3C trace context of the request."""

    traceparent: str
    tracestate: str | None = None
    baggage: str | None = None


@dataclass(frozen=True)
class Root:
    """The context tree that a call belongs to, and where its workspace lies, if it has one."""

    id: str
    workspace: str | None = None


@dataclass(frozen=True)
class Answer:
    """What the client answered to an earlier question: its result, as JSON text."""

    key: str
    response: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """Everything a call is given."""

    call_id: str = "test"
    era: Era = Era.MODERN
    protocol_version: str = "2026-07-28"
    client: ClientCapabilities = field(default_factory=ClientCapabilities)
    log_level: LogLevel | None = None
    progress: bool = False
    as_task: bool = False
    trace: TraceContext | None = None
    root: Root | None = None
    sampling: str | None = None
    answers: Sequence[Answer] = ()
    state: str | None = None
    meta: str | None = None
