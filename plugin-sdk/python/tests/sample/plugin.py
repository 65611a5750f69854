"""A plugin of one of everything, for the tests of the component's side."""

import random
from dataclasses import dataclass

from bulkhead import Context, Failed, Image, NotFound, completion, prompt, resource, tool


@dataclass
class Who:
    name: str


@tool
def greet(ctx: Context, fish: bool = False) -> str:
    """Greets whoever answers."""
    ctx.progress(1, 2, "half")
    ctx.log("info", {"a": 1})
    return f"Hello, {ctx.elicit('who', 'Who?', Who).name}"


@tool
def draw() -> list[str | Image]:
    """Draws."""
    return ["see", Image(b"\x89", "image/png", audience=("user",), priority=0.5)]


@tool
def roll() -> float:
    """Rolls."""
    return random.random()


@tool
def fail() -> None:
    """Fails."""
    raise Failed("no")


@tool
def keep(ctx: Context) -> str:
    """Keeps."""
    return f"{ctx.config.get('city')} {ctx.kv.increment('n')} {ctx.kv.keys()}"


@resource("a://b", mime_type="text/plain")
def read() -> str:
    """Reads."""
    return "text"


@prompt
def letter(to: str) -> str:
    """Writes."""
    if to == "nobody":
        raise NotFound("nobody is there")
    return f"To {to}"


@completion(letter, "to")
def people(typed: str) -> list[str]:
    """Completes."""
    return [typed + "nn"]
