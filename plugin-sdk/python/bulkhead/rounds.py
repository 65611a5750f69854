"""How one round of a call ends."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from .context import Context
from .errors import BecomeTask, Error, Failed, InputRequest, InputRequired, as_told

T = TypeVar("T")


@dataclass(frozen=True)
class Done(Generic[T]):
    """It is over."""

    value: T


@dataclass(frozen=True)
class Waits:
    """It is to be made again, with the answers and this state."""

    requests: tuple[InputRequest, ...]
    state: str | None


@dataclass(frozen=True)
class AsTask:
    """It is to be made again, as a task, with this state."""

    state: str | None


Round = Done[T] | Waits | AsTask


def play(ctx: Context, operation: Callable[[Context], T]) -> Round[T]:
    """Runs one round. Raises `Error`, whatever the operation raised."""
    try:
        return Done(operation(ctx))
    except InputRequired as pause:
        return Waits(pause.requests, ctx.sealed())
    except BecomeTask:
        return AsTask(ctx.sealed())
    except Exception as exception:
        raise told(exception) from exception


def finish(ctx: Context, operation: Callable[[Context], T]) -> T:
    """Runs an operation that can ask nothing. Raises `Error`."""
    match play(ctx, operation):
        case Done(value):
            return value
        case Waits():
            raise Failed("this operation can ask nothing")
        case _:
            raise Failed("only a tool can become a task")


def told(exception: Exception) -> Error:
    """What the caller reads. What the author did not raise on purpose goes to the server's log whole."""
    if not isinstance(exception, Error | OSError):
        traceback.print_exception(exception, file=sys.stderr)
    return as_told(exception)
