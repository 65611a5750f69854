"""The words with which a plugin offers its functions. Each leaves the function as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

from .completion import Completer, Reference
from .prompt import Prompt
from .registry import REGISTRY
from .resource import About, Cache, Resource, Template
from .signature import description_of, offered, signature_of
from .tool import TaskSupport, Tool, output_of
from .uri_template import UriTemplate

F = TypeVar("F", bound=Callable[..., Any])
Json = dict[str, Any]


@overload
def tool(function: F) -> F: ...


@overload
def tool(
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    read_only: bool | None = None,
    destructive: bool | None = None,
    idempotent: bool | None = None,
    open_world: bool | None = None,
    task: TaskSupport | None = None,
    single_use: bool = False,
    requires: tuple[str, ...] = (),
    meta: Json | None = None,
) -> Callable[[F], F]: ...


def tool(
    function: F | None = None,
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    read_only: bool | None = None,
    destructive: bool | None = None,
    idempotent: bool | None = None,
    open_world: bool | None = None,
    task: TaskSupport | None = None,
    single_use: bool = False,
    requires: tuple[str, ...] = (),
    meta: Json | None = None,
) -> F | Callable[[F], F]:
    """Offers a function as a tool.

    The docstring is its description, the parameters its input schema, and a dataclass or `TypedDict`
    that it returns its output schema. `read_only`, `destructive`, `idempotent` and `open_world` say
    what it does to the world. `task` is whether it runs as one; `requires` names what a client must
    be able to do (such as `elicitation.form`); `single_use` answers are never replayed.
    """
    hints = {
        "readOnlyHint": read_only,
        "destructiveHint": destructive,
        "idempotentHint": idempotent,
        "openWorldHint": open_world,
    }

    def declare(function: F) -> F:
        signature = signature_of(function)
        item = Tool(
            name=name or function.__name__,
            description=description_of(function, description),
            signature=signature,
            output=output_of(function, signature.returns),
            title=title,
            hints={key: value for key, value in hints.items() if value is not None},
            task=task,
            single_use=single_use,
            requires=requires,
            meta=meta,
        )
        _add(REGISTRY.tools, item.name, item)
        return function

    return declare if function is None else declare(function)


def resource(
    uri: str,
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    mime_type: str | None = None,
    size: int | None = None,
    cache: Cache | None = None,
    meta: Json | None = None,
) -> Callable[[F], F]:
    """Offers what a function returns as the resource at `uri`: text, bytes, JSON or a `Reading`."""

    def declare(function: F) -> F:
        signature = signature_of(function)
        if signature.fields.entries:
            raise TypeError(f"{function.__qualname__}: a resource takes at most a Context; a @template takes variables")
        words = description_of(function, description)
        about = About(name or function.__name__, words, title, mime_type, cache, meta)
        _add(REGISTRY.resources, uri, Resource(uri, about, signature, size))
        return function

    return declare


def template(
    uri_template: str,
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    mime_type: str | None = None,
    cache: Cache | None = None,
    meta: Json | None = None,
) -> Callable[[F], F]:
    """Offers the resources at URIs such as `notes://{id}`; the function takes `id`, and may take `uri`."""
    covered = UriTemplate(uri_template)

    def declare(function: F) -> F:
        signature = signature_of(function)
        taken = set(signature.fields.entries)
        if taken - {"uri"} != set(covered.names) - {"uri"}:
            raise TypeError(f"{function.__qualname__} takes {sorted(taken)}, and {uri_template} has {covered.names}")
        _check_textual(function, signature.fields.entries)
        words = description_of(function, description)
        about = About(name or function.__name__, words, title, mime_type, cache, meta)
        _add(REGISTRY.templates, uri_template, Template(covered, about, signature))
        return function

    return declare


@overload
def prompt(function: F) -> F: ...


@overload
def prompt(
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    requires: tuple[str, ...] = (),
    meta: Json | None = None,
) -> Callable[[F], F]: ...


def prompt(
    function: F | None = None,
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    requires: tuple[str, ...] = (),
    meta: Json | None = None,
) -> F | Callable[[F], F]:
    """Offers a function as a prompt. It returns text, a `Message`, a list of them or a `PromptResult`."""

    def declare(function: F) -> F:
        signature = signature_of(function)
        _check_textual(function, signature.fields.entries)
        words = description_of(function, description)
        item = Prompt(name or function.__name__, words, signature, title, requires, meta)
        _add(REGISTRY.prompts, item.name, item)
        return function

    return declare if function is None else declare(function)


def completion(of: str | Callable[..., Any], argument: str) -> Callable[[F], F]:
    """Suggests values for one argument of a prompt or of a resource template.

    `of` is the function, the prompt's name or the URI template. The function may take `typed`, the
    text so far, `filled`, the arguments that are filled in already, and a `Context`.
    """
    reference, arguments = _reference(of)
    if argument not in arguments:
        raise TypeError(f"{reference.name} has no argument `{argument}`; there are: {', '.join(arguments) or 'none'}")

    def declare(function: F) -> F:
        completer = Completer(reference, argument, offered(function, "typed", "filled"))
        _add(REGISTRY.completers, (reference, argument), completer)
        return function

    return declare


def scheme(name: str) -> Callable[[F], F]:
    """Reads every URI of a scheme that nothing else covers: the function may take `uri` and a `Context`."""

    def declare(function: F) -> F:
        _add(REGISTRY.schemes, name.lower(), offered(function, "uri"))
        return function

    return declare


def lister(function: F) -> F:
    """Lists resources beside those that always exist, a `ResourcePage` at a time.

    The function may take `cursor`, where the page begins (`None` at first), and a `Context`.
    """
    if REGISTRY.lister is not None:
        raise TypeError("there is a lister already")
    REGISTRY.lister = offered(function, "cursor")
    return function


def writer(function: F) -> F:
    """Writes a resource and returns its new etag.

    The function may take `uri`, `body` (text or bytes), `if_match` (give it to `check_if_match`) and
    a `Context`.
    """
    if REGISTRY.writer is not None:
        raise TypeError("there is a writer already")
    REGISTRY.writer = offered(function, "uri", "body", "if_match")
    return function


def _add(items: dict[Any, Any], name: Any, item: Any) -> None:
    if name in items:
        raise TypeError(f"{name} is declared twice")
    items[name] = item


def _check_textual(function: Callable[..., Any], entries: dict[str, Any]) -> None:
    for entry in entries.values():
        if not entry.shape.textual:
            raise TypeError(
                f"{function.__qualname__}: `{entry.name}` comes as text: use str, int, float, bool or a choice"
            )


def _reference(of: str | Callable[..., Any]) -> tuple[Reference, list[str]]:
    for prompt in REGISTRY.prompts.values():
        if of in (prompt.name, prompt.signature.function):
            return Reference("prompt", prompt.name), list(prompt.signature.fields.entries)
    for uri, template in REGISTRY.templates.items():
        if of in (uri, template.signature.function):
            return Reference("resource", uri), template.template.names
    raise TypeError(f"{of!r} is no prompt and no template that was declared before")
