"""The component: what componentize-py is pointed at. It exports what the module `plugin` offers.

componentize-py -d WIT -w plugin componentize bulkhead.component -p . -p SDK -o plugin.wasm
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypeVar

from .context import Context
from .errors import Error
from .guest import lazy, warm, wit, words
from .guest.host import WitHost
from .registry import REGISTRY
from .rounds import Round, finish, play

try:
    from .guest import http
except ImportError:
    # The world has no HTTP.
    pass
else:
    http.install()

warm.preload()

import plugin  # noqa: E402, F401

lazy.complete()
CONTRACT = warm.settle(REGISTRY)
HOST = WitHost()
T = TypeVar("T")


class Contract(wit.exports.Contract):
    """Tells what the plugin offers."""

    def describe(self) -> str:
        return CONTRACT


class Tools(wit.exports.Tools):
    """Runs tools."""

    def call(self, ctx: Any, name: str, arguments: str) -> Any:
        return answer(lambda: words.tool_reply(begin(ctx, lambda call: REGISTRY.call(call, name, arguments))))


class Resources(wit.exports.Resources):
    """Lists, reads and writes resources."""

    def list(self, ctx: Any, cursor: str | None) -> Any:
        return answer(lambda: words.page(direct(ctx, lambda call: REGISTRY.list_resources(call, cursor))))

    def read(self, ctx: Any, uri: str) -> Any:
        return answer(lambda: words.read_reply(begin(ctx, lambda call: REGISTRY.read(call, uri))))

    def write(self, ctx: Any, uri: str, contents: Any, if_match: str | None) -> str:
        return answer(lambda: direct(ctx, lambda call: REGISTRY.write(call, uri, contents.value, if_match)))


class Prompts(wit.exports.Prompts):
    """Fills prompts."""

    def get(self, ctx: Any, name: str, arguments: list[tuple[str, str]]) -> Any:
        return answer(lambda: words.prompt_reply(begin(ctx, lambda call: REGISTRY.get(call, name, dict(arguments)))))


class Completions(wit.exports.Completions):
    """Suggests values."""

    def complete(self, ctx: Any, ref: Any, argument: str, value: str, context: list[tuple[str, str]]) -> Any:
        wanted, filled = words.reference(ref), dict(context)
        return answer(
            lambda: words.completion(direct(ctx, lambda call: REGISTRY.complete(call, wanted, argument, value, filled)))
        )


def begin(call: Any, operation: Callable[[Context], T]) -> Round[T]:
    """One round of a call."""
    return play(fresh(call), operation)


def direct(call: Any, operation: Callable[[Context], T]) -> T:
    """A call that can ask nothing."""
    return finish(fresh(call), operation)


def fresh(call: Any) -> Context:
    """The running call. The image holds a seeded generator, the same for every instance: a call has its own."""
    random.seed()
    return Context(call, HOST)


def answer(make: Callable[[], T]) -> T:
    """What the host gets: a value, or one of the contract's errors."""
    try:
        return make()
    except Error as failure:
        raise wit.Err(words.error(failure)) from None
