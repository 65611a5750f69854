"""Why a plugin did not answer, or not yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


class Error(Exception):
    """Why a plugin did not answer. The host words it for each dialect."""


class Invalid(Error):
    """The arguments make no sense: say what was expected."""


class NotFound(Error):
    """There is no such thing here."""


class Conflict(Error):
    """The `if_match` of a write is not the current etag."""


class Denied(Error):
    """The plugin itself refuses."""


class Declined(Denied):
    """The user said no to a question, or closed it."""


class Failed(Error):
    """It was tried and failed. From a tool, the model reads the text."""


class MissingCapability(Error):
    """The client lacks what this needs, such as `sampling` or `elicitation_form`."""

    def __init__(self, *needed: str) -> None:
        super().__init__(f"the client cannot do this: it lacks {', '.join(needed) or 'nothing'}")
        self.needed = needed


class ProtocolError(Error):
    """A JSON-RPC error that goes to the client as it is.

    `code` lies outside -32768 to -32000, or is -32602 (invalid parameters) or -32603 (internal
    error); `data` is any JSON value.
    """

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


@dataclass(frozen=True)
class InputRequest:
    """One question, in the protocol's own terms."""

    key: str
    kind: str
    params: dict[str, Any]


class Pause(BaseException):
    """Not a failure: the call stops here and is made again. `except Exception` lets it pass."""


class InputRequired(Pause):
    """The call is made again with the answers."""

    def __init__(self, requests: Sequence[InputRequest]) -> None:
        super().__init__(f"waits for answers to: {', '.join(keys(requests))}")
        self.requests = tuple(requests)


class BecomeTask(Pause):
    """The call is made again as a task."""

    def __init__(self) -> None:
        super().__init__("goes on as a task")


def keys(requests: Iterable[InputRequest]) -> list[str]:
    """The keys of these questions."""
    return [request.key for request in requests]


def as_told(exception: Exception) -> Error:
    """What a caller reads of any exception: files keep their meaning, the rest failed."""
    match exception:
        case Error():
            return exception
        case FileNotFoundError():
            return NotFound(_os_words(exception))
        case PermissionError():
            return Denied(_os_words(exception))
        case OSError() if exception.strerror:
            return Failed(_os_words(exception))
        case _:
            return Failed(f"{type(exception).__name__}: {exception}".removesuffix(": "))


def _os_words(error: OSError) -> str:
    words = error.strerror or type(error).__name__
    return f"{error.filename}: {words}" if error.filename is not None else words
