"""The official Python client against Bulkhead: over HTTP and stdio, in both eras.

usage: drive.py URL BULKHEAD CONFIG
"""

import asyncio
import sys
import time
import warnings
from collections.abc import Callable

import mcp_types as types
from mcp import Client, StdioServerParameters
from mcp.client.subscriptions import ResourceUpdated, ToolsListChanged
from mcp.shared.exceptions import MCPDeprecationWarning
from tasks import Tasks

# What 2026-07-28 deprecates is what clients of older revisions use.
warnings.simplefilter("ignore", MCPDeprecationWarning)
PATIENCE = 60
MODERN = "2026-07-28"
# More calls at once than a plugin may have: they only fit again once the cancelled ones have ended.
CROWD = 20

passed = failed = 0


def check(what: str, holds: bool, seen: object = "") -> None:
    global passed, failed
    passed, failed = passed + holds, failed + (not holds)
    print(f"{'ok  ' if holds else 'FAIL'} {what}" + ("" if holds else f": saw {seen!r}"), flush=True)


async def until(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold: the client hands on what it hears when it comes to it."""
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return holds()


class User:
    """Who answers the server's questions, and hears what it says."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.lines: list[object] = []
        self.told: asyncio.Queue[object] = asyncio.Queue()

    async def elicit(self, _: object, params: types.ElicitRequestParams) -> types.ElicitResult:
        self.asked.append(params)
        answers = {"name": "Alice", "username": "alice", "email": "alice@example.com", "confirm": True, "color": "red"}
        wanted = getattr(params, "requested_schema", {}).get("properties", {})
        return types.ElicitResult(action="accept", content={key: answers[key] for key in wanted if key in answers})

    async def sample(self, _: object, params: types.CreateMessageRequestParams) -> types.CreateMessageResult:
        self.asked.append(params)
        content = types.TextContent(type="text", text="Paris")
        return types.CreateMessageResult(role="assistant", content=content, model="a-model", stop_reason="endTurn")

    async def roots(self, _: object) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri="file:///home/alice")])

    async def log(self, line: object) -> None:
        self.lines.append(line)

    async def hear(self, message: object) -> None:
        await self.told.put(message)

    def client(self, server: object, mode: str) -> Client:
        return Client(
            server,
            mode=mode,
            read_timeout_seconds=PATIENCE,
            elicitation_callback=self.elicit,
            sampling_callback=self.sample,
            list_roots_callback=self.roots,
            logging_callback=self.log,
            log_level="info",
            message_handler=self.hear,
            extensions=[Tasks()],
        )

    async def hears(self, kind: str) -> bool:
        """Whether a notification of this method comes."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            message = await asyncio.wait_for(self.told.get(), deadline - time.monotonic())
            if getattr(getattr(message, "root", message), "method", None) == kind:
                return True
        return False


async def basics(name: str, client: Client) -> None:
    progress: list[float] = []

    async def on_progress(done: float, total: float | None, message: str | None) -> None:
        progress.append(done)

    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    check(f"{name}: lists calc_evaluate", "calc_evaluate" in tools, sorted(tools))
    answer = await client.call_tool("calc_evaluate", {"expression": "2*(3+4)"})
    check(f"{name}: calls calc_evaluate", "14" in str(answer.structured_content), answer)
    wrong = await client.call_tool("calc_evaluate", {"expression": 5})
    check(f"{name}: a wrong argument is a tool error", wrong.is_error is True, wrong)
    text = await client.call_tool("test_simple_text", {})
    check(f"{name}: reads text content", text.content[0].text.startswith("This is a simple text"), text)
    await client.call_tool("test_tool_with_progress", {}, progress_callback=on_progress)
    check(f"{name}: hears progress", await until(lambda: progress[-1:] == [100]), progress)
    resources = (await client.list_resources()).resources
    check(f"{name}: lists resources", any(str(r.uri) == "test://static-text" for r in resources), resources)
    read = await client.read_resource("test://static-text")
    check(f"{name}: reads a resource", "static text resource" in read.contents[0].text, read)
    prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
    check(f"{name}: fills a prompt", "arg1='a'" in prompt.messages[0].content.text, prompt)


async def questions(name: str, client: Client, user: User) -> None:
    form = await client.call_tool("test_elicitation", {"message": "Who are you?"})
    check(f"{name}: answers a form", "alice@example.com" in form.content[0].text, form)
    check(f"{name}: sees what the form says", any("Who are you?" in str(asked) for asked in user.asked), user.asked)
    sampled = await client.call_tool("test_sampling", {"prompt": "What is the capital of France?"})
    check(f"{name}: samples", sampled.content[0].text == "LLM response: Paris", sampled)
    roots = await client.call_tool("test_input_required_result_list_roots", {})
    check(f"{name}: tells its roots", "file:///home/alice" in roots.content[0].text, roots)
    rounds = await client.call_tool("test_input_required_result_multi_round", {})
    check(f"{name}: answers round after round", rounds.content[0].text == "Alice likes red", rounds)
    several = await client.call_tool("test_input_required_result_multiple_inputs", {})
    check(f"{name}: answers several questions at once", "Paris Alice" in several.content[0].text, several)


async def reports(name: str, client: Client, user: User) -> None:
    if client.protocol_version != MODERN:
        await client.set_logging_level("info")
    await client.call_tool("test_tool_with_logging", {})
    check(f"{name}: hears log lines", await until(lambda: len(user.lines) == 3), user.lines)
    ref = types.PromptReference(type="ref/prompt", name="test_prompt_with_arguments")
    suggested = (await client.complete(ref, {"name": "arg1", "value": "pa"})).completion
    check(f"{name}: is given suggestions", suggested.values == ["paris", "park", "party"], suggested)


async def news(name: str, client: Client, user: User) -> None:
    note = f"/data/note-{time.monotonic_ns()}.txt"
    uri = f"file://{note}"
    if client.protocol_version == MODERN:
        async with client.listen(tools_list_changed=True, resource_subscriptions=[uri]) as heard:
            check(f"{name}: is told what it will hear", heard.honored.tools_list_changed is True, heard.honored)
            await client.call_tool("test_trigger_tool_change", {})
            event = await asyncio.wait_for(anext(heard), PATIENCE)
            check(f"{name}: hears that the list of tools changed", isinstance(event, ToolsListChanged), event)
            await client.call_tool("file_write", {"path": note, "content": "new"})
            while not isinstance(event, ResourceUpdated):
                event = await asyncio.wait_for(anext(heard), PATIENCE)
            check(f"{name}: hears that a resource changed", str(event.uri) == uri, event)
        return
    await client.subscribe_resource(uri)
    await client.call_tool("test_trigger_tool_change", {})
    check(f"{name}: hears that the list of tools changed", await user.hears("notifications/tools/list_changed"))
    await client.call_tool("file_write", {"path": note, "content": "new"})
    check(f"{name}: hears that a resource changed", await user.hears("notifications/resources/updated"))
    await client.unsubscribe_resource(uri)


async def cancelling(name: str, client: Client) -> None:
    # `slow_compute` may run as a task for a client that follows tasks: this tool never does.
    crowd = [asyncio.create_task(client.call_tool("slow_compute", {"seconds": 60})) for _ in range(CROWD)]
    await asyncio.sleep(2)
    for call in crowd:
        call.cancel()
    ended = await asyncio.gather(*crowd, return_exceptions=True)
    check(f"{name}: gives calls up", sum(isinstance(end, asyncio.CancelledError) for end in ended) > 0, ended)
    deadline, answer = time.monotonic() + PATIENCE / 2, None
    while time.monotonic() < deadline:
        answer = await client.call_tool("slow_compute", {"seconds": 0, "label": "next"})
        if not answer.is_error:
            break
        await asyncio.sleep(0.2)
    check(f"{name}: what was given up has ended", "next took 0" in str(answer.content), answer)


async def long_work(name: str, client: Client) -> None:
    if client.protocol_version != MODERN:
        return
    done = await client.call_tool("slow_compute", {"seconds": 1, "label": "a task"})
    check(f"{name}: follows a task to its end", "a task took 1" in done.content[0].text, done)
    failing = await client.call_tool("failing_job", {})
    check(f"{name}: a task may end as a tool error", failing.is_error is True, failing)
    kept = await client.call_tool("confirm_delete", {"filename": "a.txt"})
    check(f"{name}: answers a task's question", kept.content[0].text == "Deleted a.txt", kept)


async def drive(label: str, server: object, mode: str) -> None:
    user = User()
    async with user.client(server, mode) as client:
        name = f"{label} {client.protocol_version}"
        for part in (basics(name, client), questions(name, client, user), reports(name, client, user)):
            await part
        await news(name, client, user)
        await long_work(name, client)
    # Without the extension: a call that is given up is a call, and no task.
    async with Client(server, mode=mode, read_timeout_seconds=PATIENCE) as client:
        await cancelling(name, client)


async def main() -> int:
    url, bulkhead, config = sys.argv[1:4]
    stdio = StdioServerParameters(command=bulkhead, args=["serve", "--stdio", "--config", config])
    for label, server in (("http", url), ("stdio", stdio)):
        for mode in ("auto", "legacy"):
            try:
                await asyncio.wait_for(drive(label, server, mode), 3 * PATIENCE)
            except Exception as error:  # a stranger's client may fail in any way; each is a failed check
                check(f"{label} {mode}: runs to its end", False, error)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(asyncio.run(main()))
