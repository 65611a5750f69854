"""One case, done by the official client, and what was seen of it."""

import asyncio
import dataclasses
import warnings

import mcp_types as types
from mcp import Client
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError
from pages import Pages
from serving import Tour

# What 2026-07-28 deprecates is what clients of older revisions use.
warnings.simplefilter("ignore", MCPDeprecationWarning)
PATIENCE = 60
# Tries, each of which waits for seconds before it is told this.
COMPILES_WITHIN = 30
BUSY = "the server is busy"
MODERN = "2026-07-28"
CROWD = 20
LONG = "a" * 100_000


@dataclasses.dataclass
class Seen:
    """What one case brought about. `is_error` is a tool's error, `code` the protocol's."""

    text: str | None = None
    structured: object = None
    is_error: bool = False
    code: int | None = None
    listed: list | None = None
    values: list[str] | None = None
    steps: list[tuple[float, float | None, str | None]] = dataclasses.field(default_factory=list)
    lines: list[tuple[str, object]] = dataclasses.field(default_factory=list)
    asked: list[types.ElicitRequestFormParams] = dataclasses.field(default_factory=list)
    fetched: list[str] = dataclasses.field(default_factory=list)
    wrong: str = ""


class User:
    """Who answers forms and hears what is said. `odd` is what came that is no message."""

    def __init__(self) -> None:
        self.answer: dict = {"action": "cancel"}
        self.seen, self.odd = Seen(), []

    async def elicit(self, _: object, params: types.ElicitRequestParams) -> types.ElicitResult:
        self.seen.asked.append(params)
        return types.ElicitResult(**self.answer)

    async def log(self, line: types.LoggingMessageNotificationParams) -> None:
        self.seen.lines.append((line.level, line.data))

    async def step(self, done: float, total: float | None, message: str | None) -> None:
        self.seen.steps.append((done, total, message))

    async def hear(self, message: object) -> None:
        if isinstance(message, Exception):
            self.odd.append(message)

    def client(self, server: object, mode: str) -> Client:
        return Client(
            server,
            mode=mode,
            read_timeout_seconds=PATIENCE,
            elicitation_callback=self.elicit,
            logging_callback=self.log,
            log_level="info",
            message_handler=self.hear,
        )


@dataclasses.dataclass
class Visit:
    """A client that is connected to one tour."""

    tour: Tour
    client: Client
    user: User
    pages: Pages
    server: object
    mode: str

    def tool(self, name: str) -> str:
        return f"{self.tour.prefix}_{name}"

    async def compiled(self) -> None:
        """Waits for the host: a call gives up on code that is not compiled yet after the plugin's own time."""
        for _ in range(COMPILES_WITHIN):
            try:
                said = str(await self.client.call_tool(self.tool("greet"), {"name": "Ada"}))
            except MCPError as error:
                said = error.message
            if BUSY not in said:
                return
            await asyncio.sleep(1)

    async def done(self, case: dict) -> Seen:
        """Does the case. What the protocol refuses is seen as its code and words."""
        self.user.seen, self.user.answer = seen, _ = Seen(), case.get("answer", {"action": "cancel"})
        before = len(self.pages.asked)
        try:
            await self.act(case, seen)
        except MCPError as error:
            seen.code, seen.text = error.code, error.message
        # What a call says may be handed on after its answer.
        expected = (len(case.get("said", [])), min(1, case.get("progress", 0)))
        await until(lambda: len(seen.lines) >= expected[0] and len(seen.steps) >= expected[1], 5)
        seen.fetched = self.pages.asked[before:]
        return seen

    async def act(self, case: dict, seen: Seen) -> None:
        client, given = self.client, case.get("arguments", {})
        if name := case.get("tool"):
            result = await client.call_tool(self.tool(name), given, progress_callback=self.user.step)
            seen.text = "".join(block.text for block in result.content if isinstance(block, types.TextContent))
            seen.structured, seen.is_error = result.structured_content, bool(result.is_error)
        elif uri := case.get("read"):
            seen.text = "".join(part.text for part in (await client.read_resource(uri)).contents)
        elif name := case.get("prompt"):
            messages = (await client.get_prompt(self.tool(name), given)).messages
            seen.text = "".join(message.content.text for message in messages)
            if [message.role for message in messages] != ["user"]:
                seen.wrong = f"expected one message of the user's, saw {messages}"
        elif "complete" in case:
            ref = types.PromptReference(type="ref/prompt", name=self.tool("introduce"))
            seen.values = (await client.complete(ref, {"name": "tone", "value": case["complete"]})).completion.values
        elif kind := case.get("list"):
            seen.listed = sorted(await self.listed(kind))
        elif kind := case.get("contract"):
            seen.listed = [self.tour.inspect(), kind]
        else:
            seen.wrong = await SPECIAL[case["special"]](self)

    async def listed(self, kind: str) -> list[str]:
        if kind == "resources":
            return [str(item.uri) for item in (await self.client.list_resources()).resources]
        if kind == "templates":
            return [item.uri_template for item in (await self.client.list_resource_templates()).resource_templates]
        items = (
            (await self.client.list_tools()).tools if kind == "tools" else (await self.client.list_prompts()).prompts
        )
        return [item.name.removeprefix(f"{self.tour.prefix}_") for item in items]


async def until(holds, patience: float) -> bool:
    """Whether it comes to hold within so many seconds."""
    for _ in range(int(patience * 50)):
        if holds():
            return True
        await asyncio.sleep(0.02)
    return holds()


async def crowd(visit: Visit) -> str:
    """Each of many calls at once gets its own answer."""
    names = [f"guest {n}" for n in range(CROWD)]
    calls = [visit.client.call_tool(visit.tool("greet"), {"name": name}) for name in names]
    said = [result.content[0].text for result in await asyncio.gather(*calls)]
    return "" if said == [f"Hello, {name}." for name in names] else f"saw {said}"


async def formless(visit: Visit) -> str:
    """A form that nobody can fill in is an error, and no crash: the next call is answered."""
    async with Client(visit.server, mode=visit.mode, read_timeout_seconds=PATIENCE) as client:
        try:
            result = await client.call_tool(visit.tool("ask"), {})
            said, ended = str(result), bool(result.is_error)
        except MCPError as error:
            said, ended = error.message, True
        after = await client.call_tool(visit.tool("greet"), {"name": "Ada"})
    return "" if ended and not after.is_error else f"saw {said}, and then {after}"


async def give_up(visit: Visit) -> str:
    """A call that is given up while its plugin waits for a page ends: the page's server is hung up on."""
    url = f"{visit.pages.url}/slow"
    call = asyncio.create_task(visit.client.call_tool(visit.tool("title"), {"url": url}))
    if not await until(lambda: visit.pages.waiting == 1, 10):
        call.cancel()
        return "the page was never asked for"
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    if not await until(lambda: visit.pages.waiting == 0, 8):
        return "it still waits eight seconds later"
    after = await visit.client.call_tool(visit.tool("greet"), {"name": "Ada"})
    return f"the next call saw {after}" if after.is_error else ""


async def quiet(visit: Visit) -> str:
    return f"saw {visit.user.odd[:3]}" if visit.user.odd else ""


SPECIAL = {"crowd": crowd, "formless": formless, "give-up": give_up, "quiet": quiet}
