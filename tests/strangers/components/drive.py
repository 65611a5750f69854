"""The official Python client calls components that this project did not compile, and compares with Python's own zlib and math.

usage: drive.py BULKHEAD CONFIG
"""

import asyncio
import base64
import json
import math
import sys
import zlib

from mcp import Client, StdioServerParameters

PATIENCE = 60
TEXT = b"the same words again and again, " * 40

passed = failed = 0


def check(what: str, holds: bool, seen: object = "") -> None:
    global passed, failed
    passed, failed = passed + holds, failed + (not holds)
    print(f"{'ok  ' if holds else 'FAIL'} {what}" + ("" if holds else f": saw {seen!r}"), flush=True)


def made(**config: object) -> dict[str, str]:
    return {"config": json.dumps(config)}


async def compress(name: str, client: Client) -> None:
    plain = {"data": {"u8": base64.b64encode(TEXT).decode()}, "shape": [len(TEXT)]}
    packed = (await client.call_tool("zlib_codec_codec_encode", {"self": made(level=9), "data": plain})).structured_content
    written = base64.b64decode(packed["data"]["u8"])
    at = written.find(b"\x78\xda")
    check(f"{name}: zlib packs what Python unpacks", at >= 0 and zlib.decompress(written[at:]) == TEXT, packed)
    unpacked = await client.call_tool("zlib_codec_codec_decode", {"self": made(level=9), "encoded": packed})
    check(f"{name}: and unpacks it again", unpacked.structured_content == plain, unpacked)
    level = await client.call_tool("zlib_codec_codec_encode", {"self": made(level=99), "data": plain})
    check(f"{name}: what makes no codec is a tool error", level.is_error is True and "99" in level.content[0].text, level)
    wrong = await client.call_tool("zlib_codec_codec_encode", {"self": made(level=9), "data": {"u8": "AA=="}})
    check(f"{name}: what does not fit is refused", "input schema" in wrong.content[0].text, wrong)


async def transform(name: str, client: Client) -> None:
    numbers = [0.0, 1.0, -2.5, 1e300]
    plain = {"data": {"f64": numbers}, "shape": [len(numbers)]}
    answer = await client.call_tool("asinh_codec_codec_encode", {"self": made(linear_width=1.0), "data": plain})
    found = answer.structured_content["data"]["f64"]
    near = all(math.isclose(one, math.asinh(number)) for one, number in zip(found, numbers, strict=True))
    check(f"{name}: asinh is Python's", near, found)
    named = await client.call_tool("asinh_codec_codec-id", {})
    check(f"{name}: asinh says what it is", named.structured_content == {"result": "asinh.rs"}, named)


async def drive(mode: str, server: StdioServerParameters) -> None:
    async with Client(server, mode=mode, read_timeout_seconds=PATIENCE) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        takes = tools["zlib_codec_codec_encode"].input_schema["properties"]
        check(f"{mode}: a method takes what its resource is made of", set(takes) == {"self", "data"}, takes)
        check(f"{mode}: what gives a handle is no tool", "zlib_codec_codec_from-config" not in tools, sorted(tools))
        await compress(mode, client)
        await transform(mode, client)


async def main() -> int:
    bulkhead, config = sys.argv[1:3]
    server = StdioServerParameters(command=bulkhead, args=["serve", "--stdio", "--config", config])
    for mode in ("auto", "legacy"):
        try:
            await asyncio.wait_for(drive(mode, server), 3 * PATIENCE)
        except Exception as error:  # a stranger's client may fail in any way; each is a failed check
            check(f"{mode}: runs to its end", False, error)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(asyncio.run(main()))
