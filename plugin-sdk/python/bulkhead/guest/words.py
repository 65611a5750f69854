"""The SDK's values as the contract's records, and back."""

from __future__ import annotations

import json
from typing import Any

from ..completion import Completion, Reference
from ..content import Audio, Block, Embedded, Image, ResourceContents, ResourceLink, Text
from ..errors import Conflict, Denied, Error, Invalid, MissingCapability, NotFound, ProtocolError
from ..prompt import PromptResult
from ..resource import Cache, ResourcePage, ResourceReading
from ..rounds import AsTask, Done, Round, Waits
from ..shapes import plain
from ..tool import ToolResult
from . import wit

ROLES = {"user": wit.types.Role.USER, "assistant": wit.types.Role.ASSISTANT}
KINDS = {
    "elicitation": wit.types.InputKind.ELICITATION,
    "sampling": wit.types.InputKind.SAMPLING,
    "roots": wit.types.InputKind.ROOTS,
}
CAPABILITIES = ("elicitation_form", "elicitation_url", "sampling", "sampling_tools", "roots", "tasks")


def text(value: Any) -> str | None:
    """JSON text of a value; nothing of `None`."""
    if value is None:
        return None
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def tool_reply(ended: Round[ToolResult]) -> Any:
    match ended:
        case Done(value):
            return wit.tools.ToolReply_Done(tool_result(value))
        case AsTask(state):
            return wit.tools.ToolReply_BecomeTask(state)
        case Waits():
            return wit.tools.ToolReply_InputRequired(input_required(ended))


def read_reply(ended: Round[ResourceReading]) -> Any:
    match ended:
        case Done(value):
            return wit.resources.ReadReply_Done(reading(value))
        case _:
            return wit.resources.ReadReply_InputRequired(input_required(ended))


def prompt_reply(ended: Round[PromptResult]) -> Any:
    match ended:
        case Done(value):
            return wit.prompts.PromptReply_Done(prompt_result(value))
        case _:
            return wit.prompts.PromptReply_InputRequired(input_required(ended))


def input_required(ended: Any) -> Any:
    if isinstance(ended, AsTask):
        raise wit.Err(wit.types.Error_Failed("only a tool can become a task"))
    requests = [
        wit.types.InputRequest(request.key, KINDS[request.kind], str(text(request.params)))
        for request in ended.requests
    ]
    return wit.types.InputRequired(requests, ended.state)


def tool_result(result: ToolResult) -> Any:
    content = [block(item) for item in result.content]
    return wit.tools.ToolResult(content, text(result.structured), result.is_error, text(result.meta))


def prompt_result(result: PromptResult) -> Any:
    messages = []
    for message in result.messages:
        content = Text(message.content) if isinstance(message.content, str) else message.content
        messages.append(wit.prompts.PromptMessage(ROLES[message.role], block(content)))
    return wit.prompts.PromptResult(result.description, messages, text(result.meta))


def block(item: Block) -> Any:
    return wit.types.ContentBlock(content(item), hints(item), text(item.meta))


def content(item: Block) -> Any:
    types = wit.types
    match item:
        case Text():
            return types.Content_Text(item.text)
        case Image():
            return types.Content_Image(types.Media(bytes(item.data), item.mime_type))
        case Audio():
            return types.Content_Audio(types.Media(bytes(item.data), item.mime_type))
        case ResourceLink():
            words = (item.uri, item.name, item.title, item.description, item.mime_type, item.size)
            return types.Content_Link(types.ResourceLink(*words))
        case Embedded():
            return types.Content_Embedded(contents(item.contents))
        case _:
            raise TypeError(f"{type(item).__name__} is no content that a client knows")


def hints(item: Block) -> Any:
    if not item.audience and item.priority is None and item.last_modified is None:
        return None
    return wit.types.Annotations([ROLES[role] for role in item.audience], item.priority, item.last_modified)


def contents(item: ResourceContents) -> Any:
    body = wit.types.Body_Text(item.body) if isinstance(item.body, str) else wit.types.Body_Blob(bytes(item.body))
    return wit.types.ResourceContents(item.uri, item.mime_type, body, text(item.meta))


def reading(item: ResourceReading) -> Any:
    read = [contents(part) for part in item.contents]
    return wit.resources.ResourceReading(read, item.etag, cache(item.cache), text(item.meta))


def cache(item: Cache | None) -> Any:
    if item is None:
        return None
    scope = wit.types.CacheScope.PUBLIC if item.public else wit.types.CacheScope.PRIVATE
    return wit.types.CacheHints(item.ttl_ms, scope)


def page(item: ResourcePage) -> Any:
    entries = [
        wit.resources.ResourceEntry(one.uri, one.name, one.title, one.description, one.mime_type, one.size)
        for one in item.entries
    ]
    return wit.resources.ResourcePage(entries, item.next)


def completion(item: Completion) -> Any:
    return wit.completions.Completion(item.values, item.total, item.has_more)


def reference(ref: Any) -> Reference:
    is_prompt = isinstance(ref, wit.completions.Reference_Prompt)
    return Reference("prompt" if is_prompt else "resource", ref.value)


def error(failure: Error) -> Any:
    """Why there is no answer, for the host to word."""
    types = wit.types
    match failure:
        case MissingCapability():
            return types.Error_MissingCapability(
                types.ClientCapabilities(*(name in failure.needed for name in CAPABILITIES))
            )
        case ProtocolError():
            return types.Error_Protocol(types.ProtocolError(failure.code, failure.message, text(failure.data)))
        case Invalid():
            return types.Error_Invalid(str(failure))
        case NotFound():
            return types.Error_NotFound(str(failure))
        case Conflict():
            return types.Error_Conflict(str(failure))
        case Denied():
            return types.Error_Denied(str(failure))
        case _:
            return types.Error_Failed(str(failure))
