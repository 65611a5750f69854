"""Everything that a plugin offers, and the way from a name to it. What is not offered is not found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .completion import Completer, Completion, Reference
from .context import Context
from .errors import Denied, NotFound
from .prompt import Prompt, PromptResult
from .resource import Resource, ResourcePage, ResourceReading, Template, under
from .tool import Tool, ToolResult

Function = Callable[..., Any]


class Registry:
    """The items of one plugin, in the order in which they were declared."""

    def __init__(self) -> None:
        self.tools: dict[str, Tool] = {}
        self.prompts: dict[str, Prompt] = {}
        self.resources: dict[str, Resource] = {}
        self.templates: dict[str, Template] = {}
        self.completers: dict[tuple[Reference, str], Completer] = {}
        self.schemes: dict[str, Function] = {}
        self.lister: Function | None = None
        self.writer: Function | None = None

    def contract(self) -> dict[str, Any]:
        """All that the plugin offers, as the host takes it."""
        return {
            "tools": [tool.contract() for tool in self.tools.values()],
            "prompts": [prompt.contract() for prompt in self.prompts.values()],
            "resources": [resource.contract() for resource in self.resources.values()],
            "resourceTemplates": [template.contract() for template in self.templates.values()],
            "schemes": list(self.schemes),
            "dynamicResources": self.lister is not None,
        }

    def describe(self) -> str:
        """The contract as JSON text."""
        return json.dumps(self.contract(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def call(self, ctx: Context, name: str, arguments: str) -> ToolResult:
        """Runs a tool with arguments in JSON text."""
        if name not in self.tools:
            raise NotFound(f'there is no tool "{name}"')
        return self.tools[name].run(ctx, arguments)

    def get(self, ctx: Context, name: str, arguments: dict[str, str]) -> PromptResult:
        """Fills a prompt."""
        if name not in self.prompts:
            raise NotFound(f'there is no prompt "{name}"')
        return self.prompts[name].run(ctx, arguments)

    def list_resources(self, ctx: Context, cursor: str | None) -> ResourcePage:
        """Lists dynamic resources."""
        page: ResourcePage = self.lister(ctx, cursor=cursor) if self.lister else ResourcePage([])
        return page

    def read(self, ctx: Context, uri: str) -> ResourceReading:
        """Reads a resource: one that always exists, one of a template, or one of a scheme."""
        if uri in self.resources:
            return self.resources[uri].read(ctx)
        for template in self.templates.values():
            variables = template.template.variables(uri)
            if variables is not None:
                return template.read(ctx, uri, variables)
        reader = self.schemes.get(uri.partition(":")[0].lower())
        if reader is None:
            raise NotFound(f'there is no resource "{uri}"')
        return under(uri, None, reader(ctx, uri=uri))

    def write(self, ctx: Context, uri: str, body: str | bytes, if_match: str | None) -> str:
        """Writes a resource and answers with its new etag."""
        if self.writer is None:
            raise Denied(f"{uri} cannot be written")
        etag: str = self.writer(ctx, uri=uri, body=body, if_match=if_match)
        return etag

    def complete(
        self, ctx: Context, reference: Reference, argument: str, typed: str, filled: dict[str, str]
    ) -> Completion:
        """Suggests values for an argument."""
        completer = self.completers.get((reference, argument))
        return completer.run(ctx, typed, filled) if completer else Completion()


# Where the decorators put what they read: a component is one plugin.
REGISTRY = Registry()
