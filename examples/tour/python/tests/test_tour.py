"""The tour without a host."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from bulkhead import Failed, Invalid, LogLevel, MissingCapability, NotFound
from bulkhead.testing import Harness, Line, Progress

import plugin


@pytest.mark.parametrize(
    ("arguments", "text"), [({"name": "Ada"}, "Hello, Ada."), ({"name": "Ada", "excited": True}, "Hello, Ada!")]
)
def test_greet(arguments: dict[str, object], text: str) -> None:
    assert Harness().tool(plugin.greet, **arguments).text == text


def test_nobody_is_not_greeted() -> None:
    with pytest.raises(Invalid, match="name"):
        Harness().tool(plugin.greet, name="")


@pytest.mark.parametrize(("a", "b"), [(2, 3), (2**53 + 1, 1), (-(2**63), 2**63 - 1)])
def test_add_is_exact(a: int, b: int) -> None:
    assert Harness().tool(plugin.add, a=a, b=b).structured == {"sum": a + b}


def test_count_reports_on_the_way() -> None:
    harness = Harness()
    assert harness.tool(plugin.count, to=3).text == "3"
    assert harness.stage.reports == [Progress(1, 3, "1"), Progress(2, 3, "2"), Progress(3, 3, "3")]
    assert harness.stage.lines == [Line(LogLevel.INFO, None, "counted to 3")]


@pytest.mark.parametrize("to", [0, 101])
def test_count_has_bounds(to: int) -> None:
    with pytest.raises(Invalid, match="to"):
        Harness().tool(plugin.count, to=to)


def test_count_stops_for_a_caller_who_gave_up() -> None:
    harness = Harness().cancelled()
    with pytest.raises(Failed, match="stopped"):
        harness.tool(plugin.count, to=3)
    assert harness.stage.reports == []


def test_ask() -> None:
    harness = Harness().accept("who", {"name": "Ada"})
    assert harness.tool(plugin.ask).text == "Hello, Ada."
    assert harness.rounds == 2
    assert Harness().decline("who").tool(plugin.ask).text == "Nobody."
    assert Harness().answer("who", {"action": "cancel"}).tool(plugin.ask).text == "Nobody."
    with pytest.raises(MissingCapability, match="elicitation_form"):
        Harness().client(elicitation_form=False).tool(plugin.ask)


def test_fail() -> None:
    with pytest.raises(Failed, match=r"^this tool always fails$"):
        Harness().tool(plugin.fail)


PAGES = {
    "/": (200, b"<TITLE lang=de> F\xc3\xbcnf &amp; Halte\n</Title>"),
    "/bare": (200, b"<p>no title"),
    "/gone": (404, b"<title>Gone</title>"),
}


class Answers(BaseHTTPRequestHandler):
    """A small web site."""

    def do_GET(self) -> None:
        status, body = PAGES[self.path]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "status", "title"), [("/", 200, "Fünf & Halte"), ("/bare", 200, None), ("/gone", 404, "Gone")]
)
def test_title(site: str, path: str, status: int, title: str | None) -> None:
    assert Harness().tool(plugin.title, url=site + path).structured == {"status": status, "title": title}


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "data:text/html,<title>x</title>",
        "nonsense",
        "http://127.0.0.1:1/",
        "http://[",
        "http://a b/",
    ],
)
def test_what_cannot_be_reached_is_said(url: str) -> None:
    with pytest.raises(Failed, match="could not be reached"):
        Harness().tool(plugin.title, url=url)


def test_resources() -> None:
    facts = Harness().read("tour://facts").contents[0]
    assert (facts.body, facts.mime_type) == ("The tour has five stops.", "text/plain")
    assert [Harness().read(f"tour://stops/{n}").contents[0].body for n in (1, 5)] == ["Stop 1 of 5.", "Stop 5 of 5."]
    for nowhere in ("tour://stops/0", "tour://stops/6", "tour://nothing"):
        with pytest.raises(NotFound):
            Harness().read(nowhere)


def test_prompt_and_completion() -> None:
    messages = Harness().prompt(plugin.introduce, name="Ada").messages
    assert [(message.role, message.content.text) for message in messages] == [
        ("user", "Introduce Ada in a friendly way.")
    ]
    assert (
        Harness().prompt(plugin.introduce, name="Ada", tone="dry").messages[0].content.text
        == "Introduce Ada in a dry way."
    )
    assert Harness().complete("introduce", "tone", "f").values == ["formal", "friendly", "funny"]
    assert Harness().complete("introduce", "tone", "fr").values == ["friendly"]
    assert Harness().complete("introduce", "name", "f").values == []
