"""The tour: one of everything that a plugin may offer, the same in every language."""

from dataclasses import dataclass
from html import unescape
from http.client import HTTPException
from re import DOTALL, IGNORECASE, search
from typing import Annotated
from urllib.error import HTTPError
from urllib.request import urlopen

from bulkhead import Context, Declined, Failed, Field, NotFound, completion, prompt, resource, starting, template, tool

STOPS = 5
TONES = ("formal", "friendly", "funny")
# No title stands further down a page.
MAX_PAGE_BYTES = 1 << 20
TIMEOUT_SECONDS = 10


@dataclass
class Sum:
    """What two numbers make."""

    sum: int


@dataclass
class Who:
    """Whom to greet."""

    name: str


@dataclass
class Page:
    """What a web page says of itself."""

    status: int
    title: str | None


@tool(read_only=True)
def greet(name: Annotated[str, Field(min_length=1)], excited: bool = False) -> str:
    """Greets somebody by name."""
    return f"Hello, {name}{'!' if excited else '.'}"


@tool
def add(a: int, b: int) -> Sum:
    """Adds two numbers."""
    return Sum(a + b)


@tool
def count(ctx: Context, to: Annotated[int, Field(ge=1, le=100)]) -> str:
    """Counts, and reports each number on the way."""
    for number in range(1, to + 1):
        if ctx.cancelled():
            raise Failed("stopped")
        ctx.progress(number, to, str(number))
    ctx.log("info", f"counted to {to}")
    return str(to)


@tool
def ask(ctx: Context) -> str:
    """Asks the user who they are, and greets them."""
    try:
        who = ctx.elicit("who", "Who are you?", Who)
    except Declined:
        return "Nobody."
    return f"Hello, {who.name}."


@tool(open_world=True)
def title(url: str) -> Page:
    """Fetches a page and tells its title."""
    if not url.lower().startswith(("http://", "https://")):
        raise Failed("the page could not be reached: this is no http or https address")
    try:
        with urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  # nosec B310
            return Page(answer.status, title_of(answer.read(MAX_PAGE_BYTES)))
    except HTTPError as answer:
        return Page(answer.code, title_of(answer.read(MAX_PAGE_BYTES)))
    except (HTTPException, OSError, ValueError) as problem:
        raise Failed(f"the page could not be reached: {getattr(problem, 'reason', problem)}") from None


def title_of(page: bytes) -> str | None:
    """The text of a page's first title."""
    found = search(r"<title[^>]*>(.*?)</title", page.decode(errors="replace"), DOTALL | IGNORECASE)
    return unescape(found[1]).strip() if found else None


@tool
def fail() -> None:
    """Fails, always."""
    raise Failed("this tool always fails")


@resource("tour://facts", mime_type="text/plain")
def facts() -> str:
    """What there is to know about the tour."""
    return "The tour has five stops."


@template("tour://stops/{n}", mime_type="text/plain")
def stop(n: int) -> str:
    """One stop of the tour."""
    if not 1 <= n <= STOPS:
        raise NotFound(f"there is no stop {n}: there are 1 to {STOPS}")
    return f"Stop {n} of {STOPS}."


@prompt
def introduce(name: str, tone: str = "friendly") -> str:
    """Introduces somebody."""
    return f"Introduce {name} in a {tone} way."


@completion(introduce, "tone")
def tones(typed: str) -> list[str]:
    """The tones that fit what was typed."""
    return starting(typed, TONES)
