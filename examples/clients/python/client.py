"""Calls one tool of a Bulkhead, unless it lists anything that it did not sign.

usage: client.py URL PUBLIC_KEY_FILE TOOL [ARGUMENTS]
A key to present is taken from BULKHEAD_API_KEY. Exit code 4: the listing is refused, and nothing was called.
"""

import asyncio
import base64
import hashlib
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

PATH = "/.well-known/mcp-manifest"
KIND = "application/vnd.bulkhead.server-manifest+json"
SKEW = timedelta(seconds=60)


class Refused(Exception):
    pass


def signed(envelope: dict, key) -> dict:
    """What the key's holder signed, if it is a manifest and its time is now."""
    payload = base64.b64decode(envelope["payload"], validate=True)
    said = b"DSSEv1 %d %s %d %s" % (len(KIND), KIND.encode(), len(payload), payload)
    for signature in envelope["signatures"]:
        try:
            key.verify(base64.b64decode(signature["sig"]), said)
            break
        except InvalidSignature:
            continue
    else:
        raise Refused("the manifest is not signed with the key that was given")
    manifest = json.loads(payload)
    begin, end = (datetime.fromisoformat(manifest[name]) for name in ("issuedAt", "expiresAt"))
    if manifest["format"] != 1 or not begin - SKEW <= datetime.now(UTC) < end:
        raise Refused(f"the manifest is of another format or time: {begin} to {end}")
    return manifest["contents"]["tools"]


def shown(tool) -> dict:
    """What a model is told of a tool: the fields that are signed."""
    hints = tool.annotations and tool.annotations.model_dump(by_alias=True, exclude_none=True)
    fields = {"title": tool.title, "description": tool.description, "annotations": hints}
    fields |= {"inputSchema": tool.input_schema, "outputSchema": tool.output_schema}
    return {name: value for name, value in fields.items() if value is not None}


def compare(tools: list, pins: dict, modern: bool) -> None:
    names = [tool.name for tool in tools]
    if sorted(names) != sorted(pins):
        raise Refused(f"listed are {sorted(names)}, signed are {sorted(pins)}")
    for tool in tools:
        pin = pins[tool.name]
        found = {name: f"sha256:{hashlib.sha256(rfc8785.dumps(value)).hexdigest()}" for name, value in shown(tool).items()}
        hidden = set() if modern else set(pin.get("modernOnly", [])) - set(found)
        changed = [name for name in {*found, *pin["fields"]} - hidden if found.get(name) != pin["fields"].get(name)]
        if changed:
            raise Refused(f"{tool.name} has another {', '.join(sorted(changed))} than was signed")


async def main(url: str, key_file: str, tool: str, arguments: str = "{}") -> None:
    bearer = os.environ.get("BULKHEAD_API_KEY")
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        response = await http.get(urljoin(url, PATH))
        if response.status_code != 200:
            raise Refused(f"no signed manifest: status {response.status_code}")
        try:
            pins = signed(response.json(), load_pem_public_key(Path(key_file).read_bytes()))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(f"the manifest makes no sense: {error!r}") from error
        async with Client(streamable_http_client(url, http_client=http)) as client:
            page = await client.list_tools()
            tools = page.tools
            while page.next_cursor:
                page = await client.list_tools(cursor=page.next_cursor)
                tools += page.tools
            compare(tools, pins, client.protocol_version >= "2026-07-28")
            answer = await client.call_tool(tool, json.loads(arguments))
            print(answer.model_dump_json(by_alias=True, exclude_none=True))


def refusal(error: BaseException) -> Refused | None:
    """The refusal in what came out of the client's task groups."""
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return error if isinstance(error, Refused) else next(filter(None, map(refusal, inner)), None)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except Exception as error:
        if (refused := refusal(error)) is None:
            raise
        print(f"refused: {refused}", file=sys.stderr)
        sys.exit(4)
