"""Write a Bulkhead plugin in Python: a function with type hints is a tool.

from bulkhead import tool

@tool
def add(a: int, b: int) -> int:
    \"\"\"Adds two numbers.\"\"\"
    return a + b
"""

from .calls import Call, ClientCapabilities, Era, ItemKind, LogLevel, Root, TraceContext
from .completion import Completion, starting
from .content import Audio, Block, Embedded, Image, ResourceContents, ResourceLink, Text
from .context import Context
from .decorators import completion, lister, prompt, resource, scheme, template, tool, writer
from .errors import Conflict, Declined, Denied, Error, Failed, Invalid, MissingCapability, NotFound, ProtocolError
from .prompt import Message, PromptResult
from .questions import Elicit, Elicited, ElicitForm, ElicitUrl, Folder, Roots, Sample, Sampled
from .resource import Cache, Reading, ResourceEntry, ResourcePage, check_if_match
from .shapes import Field
from .tool import ToolResult

__all__ = [
    "Audio",
    "Block",
    "Cache",
    "Call",
    "ClientCapabilities",
    "Completion",
    "Conflict",
    "Context",
    "Declined",
    "Denied",
    "Elicit",
    "ElicitForm",
    "ElicitUrl",
    "Elicited",
    "Embedded",
    "Era",
    "Error",
    "Failed",
    "Field",
    "Folder",
    "Image",
    "Invalid",
    "ItemKind",
    "LogLevel",
    "Message",
    "MissingCapability",
    "NotFound",
    "PromptResult",
    "ProtocolError",
    "Reading",
    "ResourceContents",
    "ResourceEntry",
    "ResourceLink",
    "ResourcePage",
    "Root",
    "Roots",
    "Sample",
    "Sampled",
    "Text",
    "ToolResult",
    "TraceContext",
    "check_if_match",
    "completion",
    "lister",
    "prompt",
    "resource",
    "scheme",
    "starting",
    "template",
    "tool",
    "writer",
]
