"""Plays the same requests to Bulkhead and to a server of the official Rust SDK, and lists every difference.

usage: play.py URL OTHER_URL

A difference that `explained.toml` does not explain fails, and so does an explanation that explains nothing any more.
"""

import http.client
import json
import pathlib
import re
import sys
import tomllib
import urllib.parse
from typing import Any

from cases import LEGACY, Case, all_cases, fields, message

HEADERS = ("content-type", "mcp-session-id", "www-authenticate", "allow")
ABSENT = "(nothing)"
HERE = pathlib.Path(__file__).parent
FIXTURE = {kind: {item["name"] for item in items} for kind, items in json.loads((HERE / "fixture.json").read_text()).items()}


class Server:
    """One server, and the session that a legacy client has with it."""

    def __init__(self, url: str) -> None:
        self.at = urllib.parse.urlsplit(url)
        params = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "play", "version": "1"}}
        body = message(LEGACY, "initialize", params)
        status, headers, _ = self.exchange("POST", fields(LEGACY, body), json.dumps(body).encode())
        self.session = headers["mcp-session-id"]
        assert status == 200 and self.session, (status, headers)
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        headers = fields(LEGACY, body) | {"MCP-Session-Id": self.session}
        self.exchange("POST", headers, json.dumps(ready).encode())

    def exchange(self, verb: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        connection = http.client.HTTPConnection(self.at.hostname, self.at.port, timeout=60)
        connection.putrequest(verb, self.at.path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value.encode("utf-8"))
        if body or verb in ("POST", "PUT"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        kind = found.get("content-type", "").split(";")[0]
        said: Any = events(response) if kind == "text/event-stream" else plain(response.read())
        connection.close()
        return response.status, found, said

    def ask(self, case: Case) -> dict[str, Any]:
        name, verb, headers, body = case
        headers = {"Host" if key == "Host" else key: value for key, value in headers.items()}
        if name.startswith("legacy/") and "MCP-Session-Id" not in headers:
            headers["MCP-Session-Id"] = self.session
        headers = {key: value for key, value in headers.items() if value or key != "MCP-Session-Id"}
        status, found, said = self.exchange(verb, headers, body)
        shown = {header: found.get(header) for header in HEADERS}
        shown["content-type"] = (shown["content-type"] or "").split(";")[0] or None
        shown["mcp-session-id"] = shown["mcp-session-id"] and "(a session)"
        return {"status": status, "headers": shown, "body": normal(said)}


def plain(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return {"text": body.decode(errors="replace")}


def events(response: http.client.HTTPResponse) -> Any:
    """The answer on a stream of events: its last message."""
    last = None
    for line in response:
        if line.startswith(b"data:") and (data := line[5:].strip()):
            last = json.loads(data)
            if "method" not in last:
                break
    return last


def normal(said: Any) -> Any:
    """Without what two servers never have in common: who they are, how they word an error, what a state is."""
    if not isinstance(said, dict) or said.get("jsonrpc") != "2.0":
        return said and "(no message)"
    if isinstance(error := said.get("error"), dict) and isinstance(error.get("message"), str):
        error["message"] = "(words)"
    result = said.get("result")
    if isinstance(result, dict):
        result.get("_meta", {}).pop("io.modelcontextprotocol/serverInfo", None)
        if result.get("_meta") == {}:
            del result["_meta"]
        result.pop("serverInfo", None)
        if isinstance(result.get("requestState"), str):
            result["requestState"] = "(a state)"
        if result.get("isError"):
            result["content"] = [{"type": block["type"], "text": "(words)"} for block in result["content"]]
        for listed in ("tools", "prompts", "resources", "resourceTemplates"):
            if isinstance(result.get(listed), list):
                items = {item.get("name"): item for item in result[listed]}
                # Bulkhead serves more than the other server was given.
                result[listed] = {name: item for name, item in items.items() if name in FIXTURE[listed]}
    return said


def differences(ours: Any, theirs: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted({*ours, *theirs}):
            found += differences(ours.get(key, ABSENT), theirs.get(key, ABSENT), f"{path}/{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [each for i, (one, other) in pairs for each in differences(one, other, f"{path}/{i}")]
    same = ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)
    return [] if same else [(path, ours, theirs)]


class Explanation:
    """Why one kind of difference is as it should be."""

    def __init__(self, entry: dict[str, Any]) -> None:
        unknown = set(entry) - {"case", "path", "ours", "theirs", "why"}
        assert not unknown and entry["why"] and entry["path"], entry
        self.entry, self.used = entry, 0

    def explains(self, case: str, path: str, ours: Any, theirs: Any) -> bool:
        entry = self.entry
        holds = (
            re.fullmatch(entry.get("case", ".*"), case)
            and re.fullmatch(entry["path"], path)
            and ("ours" not in entry or entry["ours"] == ours)
            and ("theirs" not in entry or entry["theirs"] == theirs)
        )
        self.used += bool(holds)
        return bool(holds)


def main() -> int:
    ours, theirs = Server(sys.argv[1]), Server(sys.argv[2])
    table = tomllib.loads((HERE / "explained.toml").read_text())
    explained = [Explanation(entry) for entry in table["explained"]]
    cases, found, wrong = all_cases(), 0, 0
    for case in cases:
        for path, one, other in differences(ours.ask(case), theirs.ask(case)):
            found += 1
            # Every entry that fits counts as used.
            if not any([each.explains(case[0], path, one, other) for each in explained]):
                wrong += 1
                print(f"FAIL {case[0]}: {path}: ours {json.dumps(one)[:200]}, theirs {json.dumps(other)[:200]}")
    for each in explained:
        if not each.used:
            wrong += 1
            print(f"FAIL explains nothing: {each.entry}")
    print(f"differential: {len(cases)} requests, {found} differences, each explained by one of {len(explained)} entries" * (not wrong))
    print(f"{len(cases)} passed, {wrong} failed")
    return 1 if wrong else 0


sys.exit(main())
