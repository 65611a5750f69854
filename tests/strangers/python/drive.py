"""The official Python client against Bulkhead: over HTTP and stdio, in both eras.

usage: drive.py URL BULKHEAD CONFIG
"""

import asyncio
import sys

from mcp import Client, StdioServerParameters

passed = failed = 0


def check(what: str, holds: bool, seen: object = "") -> None:
    global passed, failed
    passed, failed = passed + holds, failed + (not holds)
    print(f"{'ok  ' if holds else 'FAIL'} {what}" + ("" if holds else f": saw {seen!r}"), flush=True)


async def drive(label: str, server: object, mode: str) -> None:
    progress: list[float] = []

    async def on_progress(done: float, total: float | None, message: str | None) -> None:
        progress.append(done)

    async with Client(server, mode=mode, read_timeout_seconds=20) as client:
        name = f"{label} {client.protocol_version}"
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        check(f"{name}: lists calc_evaluate", "calc_evaluate" in tools, sorted(tools))
        answer = await client.call_tool("calc_evaluate", {"expression": "2*(3+4)"})
        check(f"{name}: calls calc_evaluate", "14" in str(answer.structured_content), answer)
        wrong = await client.call_tool("calc_evaluate", {"expression": 5})
        check(f"{name}: a wrong argument is a tool error", wrong.is_error is True, wrong)
        text = await client.call_tool("test_simple_text", {})
        check(f"{name}: reads text content", text.content[0].text.startswith("This is a simple text"), text)
        await client.call_tool("test_tool_with_progress", {}, progress_callback=on_progress)
        check(f"{name}: hears progress", progress[-1:] == [100], progress)
        resources = (await client.list_resources()).resources
        check(f"{name}: lists resources", any(str(r.uri) == "test://static-text" for r in resources), resources)
        read = await client.read_resource("test://static-text")
        check(f"{name}: reads a resource", "static text resource" in read.contents[0].text, read)
        prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
        check(f"{name}: fills a prompt", "arg1='a'" in prompt.messages[0].content.text, prompt)


async def main() -> int:
    url, bulkhead, config = sys.argv[1:4]
    stdio = StdioServerParameters(command=bulkhead, args=["serve", "--stdio", "--config", config])
    for label, server in (("http", url), ("stdio", stdio)):
        for mode in ("auto", "legacy"):
            try:
                await asyncio.wait_for(drive(label, server, mode), 60)
            except Exception as error:  # a stranger's client may fail in any way; each is a failed check
                check(f"{label} {mode}: runs to its end", False, error)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(asyncio.run(main()))
