"""Questions to the user, to a model, and for the user's folders."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from .errors import Declined, Error, InputRequest, Invalid, ProtocolError
from .shapes import fields_of

T = TypeVar("T")
# JSON-RPC's "invalid params": an answer that has not the shape it must have.
INVALID_PARAMS = -32602
# How much a model may write unless the plugin says.
DEFAULT_MAX_TOKENS = 1024
# Parameters that a root may set for its sampling.
ROOT_PARAMETERS = ("temperature", "stopSequences", "systemPrompt", "modelPreferences", "maxTokens")


@dataclass(frozen=True)
class Elicited:
    """What the user did with a form, and what was filled in."""

    action: Literal["accept", "decline", "cancel"]
    content: dict[str, Any] | None = None


@dataclass(frozen=True)
class Sampled:
    """A model's answer. `content` is one block or a list of them, in the protocol's shape."""

    content: Any
    model: str | None = None
    stop_reason: str | None = None

    @property
    def text(self) -> str:
        """The text of all its text blocks."""
        content = self.content if isinstance(self.content, list) else [self.content]
        return "".join(block["text"] for block in content if isinstance(block.get("text"), str))


@dataclass(frozen=True)
class Folder:
    """One of the user's folders: a `file:` URI."""

    uri: str
    name: str | None = None


class Question(Generic[T]):
    """Something to ask the client; its answer becomes a `T`."""

    key: str
    kind: str
    # The capability that the client has to have.
    needs: str

    def params(self, sampling: dict[str, Any]) -> dict[str, Any]:
        """The request's parameters; `sampling` are those of the caller's root."""
        raise NotImplementedError

    def read(self, answer: dict[str, Any]) -> T:
        """The answer. Raises `Declined`, or whatever says that it does not fit."""
        raise NotImplementedError

    def request(self, sampling: dict[str, Any]) -> InputRequest:
        """The question in the protocol's terms."""
        return InputRequest(self.key, self.kind, self.params(sampling))

    def answered(self, response: str) -> T:
        """The answer in its JSON text."""
        try:
            return self.read(json.loads(response))
        except Error as error:
            if isinstance(error, Invalid):
                raise self._misfit(error) from None
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise self._misfit(problem) from None

    def _misfit(self, problem: Exception) -> ProtocolError:
        return ProtocolError(INVALID_PARAMS, f'the answer to "{self.key}" does not fit: {problem}')


@dataclass(frozen=True)
class ElicitForm(Question[Elicited]):
    """A form with this `requestedSchema`, whatever the user does with it."""

    key: str
    message: str
    schema: dict[str, Any]
    kind = "elicitation"
    needs = "elicitation_form"

    def params(self, sampling: dict[str, Any]) -> dict[str, Any]:
        return {"mode": "form", "message": self.message, "requestedSchema": self.schema}

    def read(self, answer: dict[str, Any]) -> Elicited:
        if answer["action"] not in ("accept", "decline", "cancel"):
            raise ValueError(f"there is no action {answer['action']!r}")
        return Elicited(answer["action"], answer.get("content"))


@dataclass(frozen=True)
class Elicit(Question[T]):
    """A form with the fields of a dataclass or `TypedDict`: texts, numbers, bools, choices."""

    key: str
    message: str
    form: type[T]
    kind = "elicitation"
    needs = "elicitation_form"

    def params(self, sampling: dict[str, Any]) -> dict[str, Any]:
        return {"mode": "form", "message": self.message, "requestedSchema": form_schema(self.form)}

    def read(self, answer: dict[str, Any]) -> T:
        if answer["action"] != "accept":
            raise Declined(f"the user {'declined' if answer['action'] == 'decline' else 'cancelled'}")
        value: T = fields_of(self.form).decode(answer.get("content") or {}, "")
        return value


@dataclass(frozen=True)
class ElicitUrl(Question[str]):
    """Asks the user to open a URL, and goes on with `accept`, `decline` or `cancel`.

    For what must not pass through the client, such as a password.
    """

    key: str
    message: str
    url: str
    kind = "elicitation"
    needs = "elicitation_url"

    def params(self, sampling: dict[str, Any]) -> dict[str, Any]:
        return {"mode": "url", "message": self.message, "url": self.url}

    def read(self, answer: dict[str, Any]) -> str:
        return str(answer["action"])


@dataclass(frozen=True)
class Sample(Question[Sampled]):
    """Asks the client's model. `prompt` is a text, or a list of the protocol's messages.

    `more` are other parameters of `sampling/createMessage`, such as `temperature`.
    """

    key: str
    prompt: str | list[dict[str, Any]]
    system: str | None = None
    max_tokens: int | None = None
    more: dict[str, Any] | None = None
    kind = "sampling"
    needs = "sampling"

    def params(self, sampling: dict[str, Any]) -> dict[str, Any]:
        params = {name: sampling[name] for name in ROOT_PARAMETERS if name in sampling}
        params |= self.more or {}
        own = {"systemPrompt": self.system, "maxTokens": self.max_tokens}
        params |= {name: value for name, value in own.items() if value is not None}
        params.setdefault("maxTokens", DEFAULT_MAX_TOKENS)
        return params | {"messages": self._messages()}

    def _messages(self) -> list[dict[str, Any]]:
        if not isinstance(self.prompt, str):
            return self.prompt
        return [{"role": "user", "content": {"type": "text", "text": self.prompt}}]

    def read(self, answer: dict[str, Any]) -> Sampled:
        return Sampled(answer["content"], answer.get("model"), answer.get("stopReason"))


@dataclass(frozen=True)
class Roots(Question[list[Folder]]):
    """Asks for the folders that the user works in."""

    key: str
    kind = "roots"
    needs = "roots"

    def params(self, sampling: dict[str, Any]) -> dict[str, Any]:
        return {}

    def read(self, answer: dict[str, Any]) -> list[Folder]:
        return [Folder(folder["uri"], folder.get("name")) for folder in answer["roots"]]


def form_schema(form: type[Any]) -> dict[str, Any]:
    """The flat schema that a form may have: primitive properties, none of them `null`."""
    schema = fields_of(form).schema()
    properties = {name: flat(name, item) for name, item in schema["properties"].items()}
    required = schema.get("required")
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def flat(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """One property of a form, without `null`. Raises `TypeError` for what a form cannot show."""
    if "anyOf" in schema:
        others = [member for member in schema["anyOf"] if member != {"type": "null"}]
        schema = (
            {**others[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
            if len(others) == 1
            else schema
        )
    kind = schema.get("type")
    if isinstance(kind, list) and len(kind) == 2 and kind[1] == "null":
        kind = kind[0]
    if kind not in ("string", "integer", "number", "boolean"):
        raise TypeError(f"a form cannot ask for `{name}`: use texts, numbers, bools and choices of texts")
    return schema | {"type": kind}
