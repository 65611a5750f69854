"""The requests that both servers are asked: every method in both eras, and everything that can be wrong with one.

A case is (name, HTTP method, header fields, body). `legacy` cases go out inside a session of 2025-11-25, all others alone.
"""

import base64
import copy
import json
from collections.abc import Iterator
from typing import Any

LEGACY, MODERN = "2025-11-25", "2026-07-28"
META = "io.modelcontextprotocol"
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
Case = tuple[str, str, dict[str, str], bytes]

# Requests that are as they should be.
PROPER: list[tuple[str, str, dict[str, Any]]] = [
    ("list tools", "tools/list", {}),
    ("list prompts", "prompts/list", {}),
    ("list resources", "resources/list", {}),
    ("list templates", "resources/templates/list", {}),
    ("call text", "tools/call", {"name": "test_simple_text", "arguments": {}}),
    ("call without arguments", "tools/call", {"name": "test_simple_text"}),
    ("call failing", "tools/call", {"name": "test_error_handling", "arguments": {}}),
    ("call greet", "tools/call", {"name": "greet", "arguments": {"name": "Ålice \u2028 😀"}}),
    ("read text", "resources/read", {"uri": "test://static-text"}),
    ("read template", "resources/read", {"uri": "test://template/123/data"}),
    ("prompt", "prompts/get", {"name": "test_simple_prompt"}),
    ("prompt with arguments", "prompts/get", {"name": "test_prompt_with_arguments", "arguments": {"arg1": "a", "arg2": "b"}}),
    (
        "complete prompt",
        "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"}, "argument": {"name": "arg1", "value": "pa"}},
    ),
    (
        "complete template",
        "completion/complete",
        {"ref": {"type": "ref/resource", "uri": "test://template/{id}/data"}, "argument": {"name": "id", "value": "12"}},
    ),
]
PROPER_LEGACY: list[tuple[str, str, dict[str, Any]]] = [
    ("ping", "ping", {}),
    ("set level", "logging/setLevel", {"level": "info"}),
    ("subscribe", "resources/subscribe", {"uri": "test://static-text"}),
    ("unsubscribe", "resources/unsubscribe", {"uri": "test://static-text"}),
]
PROPER_MODERN: list[tuple[str, str, dict[str, Any]]] = [
    ("discover", "server/discover", {}),
    ("call asking", "tools/call", {"name": "test_input_required_result_elicitation", "arguments": {}}),
    ("call needing sampling", "tools/call", {"name": "test_missing_capability", "arguments": {}}),
    ("call repeated in a header", "tools/call", {"name": "test_custom_header", "arguments": {"region": "eu"}}),
]
# Requests whose parameters make no sense, or name what is not there.
WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("call no name", "tools/call", {"arguments": {}}),
    ("call name number", "tools/call", {"name": 5}),
    ("call name null", "tools/call", {"name": None}),
    ("call arguments array", "tools/call", {"name": "greet", "arguments": [1]}),
    ("call arguments text", "tools/call", {"name": "greet", "arguments": "{}"}),
    ("call argument number", "tools/call", {"name": "greet", "arguments": {"name": 5}}),
    ("call argument missing", "tools/call", {"name": "greet", "arguments": {}}),
    ("call unknown", "tools/call", {"name": "nothing", "arguments": {}}),
    ("call empty name", "tools/call", {"name": "", "arguments": {}}),
    ("read no uri", "resources/read", {}),
    ("read uri number", "resources/read", {"uri": 5}),
    ("read unknown", "resources/read", {"uri": "test://nothing"}),
    ("read file", "resources/read", {"uri": "file:///etc/passwd"}),
    ("prompt no name", "prompts/get", {}),
    ("prompt unknown", "prompts/get", {"name": "nothing"}),
    ("prompt argument missing", "prompts/get", {"name": "test_prompt_with_arguments", "arguments": {"arg1": "a"}}),
    ("prompt argument number", "prompts/get", {"name": "test_prompt_with_arguments", "arguments": {"arg1": 1, "arg2": "b"}}),
    ("tools cursor unknown", "tools/list", {"cursor": "made up"}),
    ("tools cursor empty", "tools/list", {"cursor": ""}),
    ("tools cursor number", "tools/list", {"cursor": 1}),
    ("prompts cursor unknown", "prompts/list", {"cursor": "made up"}),
    ("resources cursor unknown", "resources/list", {"cursor": "made up"}),
    ("templates cursor unknown", "resources/templates/list", {"cursor": "made up"}),
    ("complete nothing", "completion/complete", {}),
    ("complete unknown kind", "completion/complete", {"ref": {"type": "ref/tool"}, "argument": {"name": "a", "value": ""}}),
    (
        "complete no value",
        "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"}, "argument": {"name": "arg1"}},
    ),
    (
        "complete unknown prompt",
        "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "nothing"}, "argument": {"name": "arg1", "value": ""}},
    ),
    ("unknown method", "no/such", {}),
    ("unknown method near", "tools/List", {}),
    ("empty method", "", {}),
    ("progress token object", "tools/list", {"_meta": {"progressToken": {}}}),
    ("params array", "tools/list", []),  # type: ignore[list-item]
    ("params text", "tools/list", "no"),  # type: ignore[list-item]
]
WRONG_LEGACY: list[tuple[str, str, dict[str, Any]]] = [
    ("level unknown", "logging/setLevel", {"level": "loud"}),
    ("level missing", "logging/setLevel", {}),
    ("subscribe no uri", "resources/subscribe", {}),
    ("subscribe unknown", "resources/subscribe", {"uri": "test://nothing"}),
    ("discover", "server/discover", {}),
    ("listen", "subscriptions/listen", {"notifications": {}}),
]
WRONG_MODERN: list[tuple[str, str, dict[str, Any]]] = [
    ("ping", "ping", {}),
    ("initialize", "initialize", {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}),
    ("set level", "logging/setLevel", {"level": "info"}),
    ("subscribe", "resources/subscribe", {"uri": "test://static-text"}),
    ("tasks result", "tasks/result", {"taskId": "1"}),
    ("tasks list", "tasks/list", {}),
    ("listen no filter", "subscriptions/listen", {}),
    ("listen wrong filter", "subscriptions/listen", {"notifications": {"toolsListChanged": "yes"}}),
    ("state made up", "tools/call", {"name": "test_input_required_result_elicitation", "requestState": "made up"}),
    ("responses array", "tools/call", {"name": "test_input_required_result_elicitation", "inputResponses": []}),
]
# Bodies that are no message of the protocol.
MALFORMED: dict[str, str] = {
    "empty": "",
    "no JSON": "nothing",
    "half": '{"jsonrpc":"2.0","id":1,"method":"ping"',
    "two": '{"jsonrpc":"2.0","id":1,"method":"ping"} {}',
    "batch": '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    "empty batch": "[]",
    "text": '"ping"',
    "null": "null",
    "empty object": "{}",
    "version 1.0": '{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
    "version number": '{"jsonrpc":2.0,"id":1,"method":"tools/list"}',
    "no version": '{"id":1,"method":"tools/list"}',
    "id null": '{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
    "id fraction": '{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}',
    "id object": '{"jsonrpc":"2.0","id":{},"method":"tools/list"}',
    "id true": '{"jsonrpc":"2.0","id":true,"method":"tools/list"}',
    "method number": '{"jsonrpc":"2.0","id":1,"method":5}',
    "method null": '{"jsonrpc":"2.0","id":1,"method":null}',
    "no method": '{"jsonrpc":"2.0","id":1}',
    "method and result": '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
    "result and error": '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
    "id twice": '{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}',
    "method twice": '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}',
    "lone surrogate": '{"jsonrpc":"2.0","id":1,"method":"\\ud800"}',
    "deep": '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":' + '{"a":' * 100 + "1" + "}" * 101,
}


def message(era: str, method: str, params: Any, number: int = 1) -> dict[str, Any]:
    params = copy.deepcopy(params)
    if era == MODERN and isinstance(params, dict):
        meta = params.setdefault("_meta", {})
        meta[f"{META}/protocolVersion"] = MODERN
        meta[f"{META}/clientCapabilities"] = {"elicitation": {"form": {}}}
        meta[f"{META}/clientInfo"] = {"name": "play", "version": "1"}
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def fields(era: str, body: dict[str, Any]) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": era,
    }
    if era == MODERN:
        headers["Mcp-Method"] = body["method"]
        params = body["params"] if isinstance(body["params"], dict) else {}
        name = params.get(NAMED.get(body["method"], "none"))
        if isinstance(name, str):
            headers["Mcp-Name"] = name
        if body["method"] == "tools/call" and name == "test_custom_header":
            headers["Mcp-Param-Region"] = params["arguments"]["region"]
    return headers


def post(name: str, era: str, method: str, params: Any, **headers: str | None) -> Case:
    """A request, with header fields set or (where `None`) left out."""
    body = message(era, method, params)
    given = fields(era, body)
    for key, value in headers.items():
        key = key.replace("_", "-")
        given = {other: kept for other, kept in given.items() if other.lower() != key.lower()}
        if value is not None:
            given[key] = value
    return name, "POST", given, json.dumps(body, ensure_ascii=False).encode()


def requests() -> Iterator[Case]:
    for era, own, wrong in ((LEGACY, PROPER_LEGACY, WRONG_LEGACY), (MODERN, PROPER_MODERN, WRONG_MODERN)):
        word = "legacy" if era == LEGACY else "modern"
        for what, method, params in PROPER + own:
            yield post(f"{word}/proper/{what}", era, method, params)
        for what, method, params in WRONG + wrong:
            yield post(f"{word}/wrong/{what}", era, method, params)
        for what, body in MALFORMED.items():
            _, verb, headers, _ = post("", era, "tools/list", {})
            yield f"{word}/malformed/{what}", verb, headers, body.encode()
        not_text = b'{"jsonrpc":"2.0","id":1,"method":"\xff"}'
        yield f"{word}/malformed/not UTF-8", "POST", post("", era, "tools/list", {})[2], not_text


def about_headers() -> Iterator[Case]:
    call = {"name": "greet", "arguments": {"name": "a"}}
    for era, word in ((LEGACY, "legacy"), (MODERN, "modern")):
        for what, headers in {
            "accept json": {"Accept": "application/json"},
            "accept events": {"Accept": "text/event-stream"},
            "accept anything": {"Accept": "*/*"},
            "accept pictures": {"Accept": "image/png"},
            "no accept": {"Accept": None},
            "content text": {"Content_Type": "text/plain"},
            "content charset": {"Content_Type": "application/json; charset=utf-8"},
            "no content type": {"Content_Type": None},
            "foreign origin": {"Origin": "https://evil.example.com"},
            "foreign host": {"Host": "evil.example.com"},
            "no version": {"MCP_Protocol_Version": None},
            "unknown version": {"MCP_Protocol_Version": "1999-01-01"},
            "garbled version": {"MCP_Protocol_Version": "?"},
            "other era's version": {"MCP_Protocol_Version": MODERN if era == LEGACY else LEGACY},
            "other method": {"Mcp_Method": "tools/list"},
            "method in capitals": {"Mcp_Method": "TOOLS/CALL"},
            "other name": {"Mcp_Name": "test_simple_text"},
            "name in base64": {"Mcp_Name": f"=?base64?{base64.b64encode(b'greet').decode()}?="},
            "name in broken base64": {"Mcp_Name": "=?base64?Z3JlZXQ?="},
            "no method": {"Mcp_Method": None},
            "no name": {"Mcp_Name": None},
            "last event": {"Last_Event_ID": "1"},
        }.items():
            yield post(f"{word}/headers/{what}", era, "tools/call", call, **headers)
    region = {"name": "test_custom_header", "arguments": {"region": "eu"}}
    for what, value in {"missing": None, "other": "us", "in base64": "=?base64?ZXU=?=", "broken": "=?base64?ZXU?="}.items():
        yield post(f"modern/headers/region {what}", MODERN, "tools/call", region, Mcp_Param_Region=value)
    for what, session in {"missing": None, "made up": "00000000-0000-4000-8000-000000000000"}.items():
        yield post(f"legacy/headers/session {what}", LEGACY, "tools/list", {}, MCP_Session_Id=session or "")
    yield post("modern/headers/session made up", MODERN, "tools/list", {}, MCP_Session_Id="made-up")
    for verb in ("GET", "DELETE", "PUT"):
        headers = {"Accept": "text/event-stream", "MCP-Protocol-Version": MODERN}
        yield f"modern/verbs/{verb}", verb, headers, b""


def about_meta() -> Iterator[Case]:
    for what, key, value in (
        ("no version", "protocolVersion", None),
        ("version number", "protocolVersion", 20260728),
        ("unknown version", "protocolVersion", "2099-01-01"),
        ("no capabilities", "clientCapabilities", None),
        ("capabilities array", "clientCapabilities", []),
        ("no client", "clientInfo", None),
        ("client text", "clientInfo", "me"),
        ("level unknown", "logLevel", "loud"),
        ("level proper", "logLevel", "info"),
    ):
        name, verb, headers, body = post(f"modern/meta/{what}", MODERN, "tools/list", {})
        sent = json.loads(body)
        meta = sent["params"]["_meta"]
        meta.pop(f"{META}/{key}", None)
        if value is not None:
            meta[f"{META}/{key}"] = value
        if key == "protocolVersion" and isinstance(value, str):
            headers["MCP-Protocol-Version"] = value
        yield name, verb, headers, json.dumps(sent).encode()


def notifications() -> Iterator[Case]:
    for era, word in ((LEGACY, "legacy"), (MODERN, "modern")):
        for what, method, params in (
            ("cancelled", "notifications/cancelled", {"requestId": "never"}),
            ("cancelled nothing", "notifications/cancelled", {}),
            ("unknown", "notifications/made/up", {}),
            ("roots changed", "notifications/roots/list_changed", {}),
        ):
            sent = message(era, method, params)
            del sent["id"]
            yield f"{word}/notifications/{what}", "POST", fields(era, sent), json.dumps(sent).encode()
        response = {"jsonrpc": "2.0", "id": "never asked", "result": {}}
        headers = {key: value for key, value in post("", era, "tools/list", {})[2].items() if key != "Mcp-Method"}
        yield f"{word}/notifications/response", "POST", headers, json.dumps(response).encode()


def handshakes() -> Iterator[Case]:
    for what, params in {
        "2024-11-05": {"protocolVersion": "2024-11-05"},
        "2025-03-26": {"protocolVersion": "2025-03-26"},
        "2025-06-18": {"protocolVersion": "2025-06-18"},
        "2025-11-25": {"protocolVersion": "2025-11-25"},
        "2026-07-28": {"protocolVersion": "2026-07-28"},
        "1999-01-01": {"protocolVersion": "1999-01-01"},
        "no version": {},
        "version number": {"protocolVersion": 1},
    }.items():
        sent = message(LEGACY, "initialize", params | {"capabilities": {}, "clientInfo": {"name": "a", "version": "1"}})
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        yield f"alone/initialize/{what}", "POST", headers, json.dumps(sent).encode()


def all_cases() -> list[Case]:
    return [*handshakes(), *requests(), *about_headers(), *about_meta(), *notifications()]
