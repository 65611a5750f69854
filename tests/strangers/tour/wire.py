"""The protocol with nothing around it: what is measured is the server, not a client's library."""

import http.client
import itertools
import json
import subprocess
import time
import urllib.parse

META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


class Http:
    """One connection that is kept."""

    def __init__(self, url: str, timeout: float = 300) -> None:
        parts = urllib.parse.urlsplit(url)
        self.path, self.ids = parts.path, itertools.count(1)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)

    def send(self, tool: str, arguments: dict) -> None:
        params = {"name": tool, "arguments": arguments, "_meta": META}
        message = {"jsonrpc": "2.0", "id": next(self.ids), "method": "tools/call", "params": params}
        headers = {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": tool,
        }
        self.connection.request("POST", self.path, json.dumps(message), headers)

    def call(self, tool: str, arguments: dict) -> bytes:
        self.send(tool, arguments)
        return self.connection.getresponse().read()

    def close(self) -> None:
        self.connection.close()


class Stdio:
    """`serve --stdio`, spoken to over its pipes."""

    def __init__(self, bulkhead: str, config: str) -> None:
        command = [bulkhead, "serve", "--quiet", "--stdio", "--config", config]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ids = itertools.count(1)

    def call(self, tool: str, arguments: dict) -> bytes:
        number = next(self.ids)
        params = {"name": tool, "arguments": arguments, "_meta": META}
        message = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        while line := self.process.stdout.readline():
            if json.loads(line).get("id") == number:
                return line
        raise SystemExit("serve --stdio ended")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(60)


def timed(call) -> tuple[float, bytes]:
    """How long it took, in seconds, and what it gave."""
    began = time.perf_counter()
    answer = call()
    return time.perf_counter() - began, answer
