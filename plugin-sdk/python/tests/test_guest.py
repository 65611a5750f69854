"""The side that exists only inside a component, against the bindings that componentize-py makes."""

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bulkhead.registry import REGISTRY, Registry

HERE = Path(__file__).parent
WIT = HERE.parents[2] / "wit" / "0.1.0"


@pytest.fixture(scope="session")
def bindings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The modules that a component is built with."""
    tool = shutil.which("componentize-py", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")
    assert tool, "componentize-py is not installed: pip install componentize-py==0.25.1"
    folder = tmp_path_factory.mktemp("bindings")
    subprocess.run([tool, "-q", "-d", WIT, "-w", "plugin-with-http", "bindings", folder], check=True)
    return folder


@pytest.fixture
def component(bindings: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The component's module, with the sample plugin, its host replaced."""
    before = set(sys.modules)
    urllib = importlib.import_module("urllib.request")
    for name in ("HTTPHandler", "_opener"):
        monkeypatch.setattr(urllib, name, getattr(urllib, name))
    monkeypatch.setattr(urllib, "HTTPSHandler", urllib.HTTPSHandler)
    # Here it would follow the functions of pytest as well; test_lazy.py has its tests.
    monkeypatch.setattr("bulkhead.guest.lazy.complete", lambda: None)
    monkeypatch.syspath_prepend(str(bindings))
    monkeypatch.syspath_prepend(str(HERE / "sample"))
    yield importlib.import_module("bulkhead.component")
    for name in set(sys.modules) - before:
        if name.startswith(("bulkhead.component", "bulkhead.guest", "wit_world", "plugin")):
            del sys.modules[name]
    assert registry is REGISTRY


def call(component: ModuleType, **changes: Any) -> Any:
    """A call as the host makes it."""
    types = component.wit.types
    can = types.ClientCapabilities(*[True] * 6)
    given = {"call_id": "c", "era": types.Era.MODERN, "protocol_version": "2026-07-28", "client": can}
    given |= {"log_level": types.LogLevel.INFO, "progress": True, "as_task": False, "trace": None, "root": None}
    given |= {"sampling": None, "answers": [], "state": None, "meta": None}
    return types.CallContext(**(given | changes))


def test_the_contract_is_made_while_building(component: ModuleType) -> None:
    told = json.loads(component.Contract().describe())
    assert [tool["name"] for tool in told["tools"]] == ["greet", "draw", "roll", "fail", "keep"]


def test_a_question_goes_out_and_its_answer_comes_back(component: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(component.wit.host, "progress", lambda *report: told.append(report))
    monkeypatch.setattr(component.wit.host, "log", lambda *line: told.append(line))
    reply = component.Tools().call(call(component), "greet", "{}")
    assert type(reply).__name__ == "ToolReply_InputRequired"
    assert (reply.value.requests[0].key, reply.value.requests[0].kind.name) == ("who", "ELICITATION")
    assert json.loads(reply.value.requests[0].params)["message"] == "Who?"
    assert told == [(1.0, 2.0, "half"), (component.wit.types.LogLevel.INFO, None, '{"a": 1}')]
    answer = component.wit.types.Answer("who", '{"action":"accept","content":{"name":"Ada"}}')
    reply = component.Tools().call(call(component, answers=[answer]), "greet", "{}")
    assert reply.value.content[0].content.value == "Hello, Ada"


def test_blocks_become_records(component: ModuleType) -> None:
    content = component.Tools().call(call(component), "draw", "{}").value.content
    assert content[0].annotations is None
    assert (content[1].content.value.data, content[1].content.value.mime_type) == (b"\x89", "image/png")
    assert ([role.name for role in content[1].annotations.audience], content[1].annotations.priority) == (["USER"], 0.5)


def test_chance_is_not_the_image_s_own(component: ModuleType) -> None:
    state = component.random.getstate()
    rolled = []
    for _ in range(2):
        component.random.setstate(state)
        rolled.append(component.Tools().call(call(component), "roll", "{}").value.content[0].content.value)
    assert rolled[0] != rolled[1]


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "words"),
    [
        ("fail", "{}", "Error_Failed", "no"),
        ("fail", "{", "Error_Invalid", "not JSON"),
        ("fail", '{"a":1}', "Error_Invalid", "no such field"),
        ("none", "{}", "Error_NotFound", "no tool"),
    ],
)
def test_failures_become_the_contract_s_errors(
    component: ModuleType, name: str, arguments: str, kind: str, words: str
) -> None:
    with pytest.raises(component.wit.Err) as failure:
        component.Tools().call(call(component), name, arguments)
    assert type(failure.value.value).__name__ == kind
    assert words in failure.value.value.value


def test_a_client_that_cannot_answer_is_told_what_is_missing(
    component: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("progress", "log"):
        monkeypatch.setattr(component.wit.host, name, lambda *told: None)
    cannot = component.wit.types.ClientCapabilities(*[False] * 6)
    with pytest.raises(component.wit.Err) as failure:
        component.Tools().call(call(component, client=cannot), "greet", "{}")
    needed = failure.value.value.value
    assert (needed.elicitation_form, needed.sampling) == (True, False)


def test_resources_prompts_and_completions(component: ModuleType) -> None:
    wit = component.wit
    read = component.Resources().read(call(component), "a://b").value
    assert (read.contents[0].body.value, read.contents[0].mime_type, len(read.etag)) == ("text", "text/plain", 32)
    assert component.Resources().list(call(component), None).entries == []
    for what, kind in [("a://c", "Error_NotFound")]:
        with pytest.raises(wit.Err) as failure:
            component.Resources().read(call(component), what)
        assert type(failure.value.value).__name__ == kind
    with pytest.raises(wit.Err) as failure:
        component.Resources().write(call(component), "a://b", wit.types.Body_Text("x"), None)
    assert type(failure.value.value).__name__ == "Error_Denied"
    message = component.Prompts().get(call(component), "letter", [("to", "Ann")]).value.messages[0]
    assert (message.role.name, message.content.content.value) == ("USER", "To Ann")
    reference = wit.completions.Reference_Prompt("letter")
    assert component.Completions().complete(call(component), reference, "to", "A", []).values == ["Ann"]


def test_stores_are_asked_and_their_refusals_worded(component: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    wit = component.wit
    pages = [SimpleNamespace(keys=["a"], cursor=1), SimpleNamespace(keys=["n"], cursor=None)]
    bucket = SimpleNamespace(list_keys=lambda cursor: pages[cursor or 0])
    monkeypatch.setattr(wit.config, "get", lambda key: "Bern")
    monkeypatch.setattr(wit.keyvalue, "open", lambda name: bucket)
    monkeypatch.setattr(wit.atomics, "increment", lambda store, key, delta: 7)
    reply = component.Tools().call(call(component), "keep", "{}")
    assert reply.value.content[0].content.value == "Bern 7 ['a', 'n']"

    def refuse(name: str) -> None:
        raise wit.Err(wit.keyvalue.Error_AccessDenied())

    monkeypatch.setattr(wit.keyvalue, "open", refuse)
    with pytest.raises(wit.Err) as failure:
        component.Tools().call(call(component), "keep", "{}")
    assert type(failure.value.value).__name__ == "Error_Denied"


class Handle(SimpleNamespace):
    """A resource of the host's."""

    def __enter__(self) -> "Handle":
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True


@pytest.fixture
def upstream(component: ModuleType, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A host that answers requests."""
    from componentize_py_types import Ok

    http, seen = component.http, SimpleNamespace(sent=b"", headers=[], answer=None, requests=[])

    class Outgoing:
        def __init__(self, headers: Any) -> None:
            seen.headers = headers
            seen.requests.append(self)

        def __getattr__(self, name: str) -> Any:
            return lambda value: setattr(self, name.removeprefix("set_"), value)

        def body(self) -> Handle:
            return Handle(write=lambda: Handle(blocking_write_and_flush=sent))

    def sent(chunk: bytes) -> None:
        assert len(chunk) <= 4096
        seen.sent += chunk

    def handle(request: Any, options: Any) -> Handle:
        seen.options = options
        return Handle(subscribe=lambda: Handle(block=lambda: None), get=lambda: Ok(seen.answer))

    monkeypatch.setattr(http.wasi, "OutgoingRequest", Outgoing)
    monkeypatch.setattr(http.wasi.Fields, "from_list", classmethod(lambda cls, pairs: pairs))
    monkeypatch.setattr(http.wasi.OutgoingBody, "finish", classmethod(lambda cls, body, trailers: None))
    monkeypatch.setattr(http, "options", lambda timeout: timeout)
    monkeypatch.setattr(http.outgoing_handler, "handle", handle)
    return seen


def answered(component: ModuleType, status: int, body: bytes, *headers: tuple[str, bytes]) -> Any:
    """An answer of the host's."""
    from componentize_py_types import Ok

    chunks = [body[at : at + 3] for at in range(0, len(body), 3)]

    def read(length: int) -> bytes:
        if not chunks:
            raise component.wit.Err(component.http.streams.StreamError_Closed())
        return chunks.pop(0)

    stream = Handle(blocking_read=read)
    fields = Handle(entries=lambda: list(headers))
    return Ok(Handle(status=lambda: status, headers=lambda: fields, consume=lambda: Handle(stream=lambda: stream)))


def test_urlopen_asks_the_host(component: ModuleType, upstream: SimpleNamespace) -> None:
    from urllib.request import Request, urlopen

    upstream.answer = answered(component, 200, b"hello world", ("content-type", b"text/plain"))
    request = Request(
        "https://example.com:8443?q=1", data=b"x" * 10_000, headers={"X-A": "b", "Connection": "keep-alive"}
    )
    with urlopen(request, timeout=3) as response:
        assert (response.status, response.reason, response.read(2), response.read()) == (200, "OK", b"he", b"llo world")
        assert (response.getheader("Content-Type"), response.geturl()) == ("text/plain", "https://example.com:8443?q=1")
    asked = upstream.requests[0]
    assert (type(asked.method).__name__, type(asked.scheme).__name__) == ("Method_Post", "Scheme_Https")
    assert (asked.authority, asked.path_with_query) == ("example.com:8443", "/?q=1")
    assert (len(upstream.sent), upstream.options) == (10_000, 3)
    names = {name for name, _ in upstream.headers}
    assert {"x-a", "content-length", "user-agent"} <= names
    assert not names & {"connection", "host", "transfer-encoding"}


def test_statuses_and_refusals_are_urllib_s_own(component: ModuleType, upstream: SimpleNamespace) -> None:
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    upstream.answer = answered(component, 404, b"gone")
    with pytest.raises(HTTPError) as answer:
        urlopen("http://example.com/")
    assert (answer.value.code, answer.value.read()) == (404, b"gone")
    wasi = component.http.wasi
    for code, kind, words in [
        (wasi.ErrorCode_HttpRequestDenied(), PermissionError, "not granted"),
        (wasi.ErrorCode_ConnectionTimeout(), TimeoutError, "in time"),
        (wasi.ErrorCode_LoopDetected(), str, "loop detected"),
    ]:
        upstream.answer = component.wit.Err(code)
        with pytest.raises(URLError) as refusal:
            urlopen("http://example.com/")
        assert isinstance(refusal.value.reason, kind)
        assert words in str(refusal.value.reason)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/", "data:text/plain,x"])
def test_urlopen_opens_nothing_but_the_web(component: ModuleType, upstream: SimpleNamespace, url: str) -> None:
    from urllib.error import URLError
    from urllib.request import urlopen

    with pytest.raises(URLError, match="unknown url type"):
        urlopen(url)
    assert upstream.requests == []
