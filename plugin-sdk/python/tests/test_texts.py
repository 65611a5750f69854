"""Resources, templates, prompts, completions."""

import pytest

from bulkhead import (
    Cache,
    Conflict,
    Context,
    Invalid,
    Message,
    NotFound,
    Reading,
    ResourceEntry,
    ResourcePage,
    check_if_match,
    completion,
    lister,
    prompt,
    resource,
    scheme,
    starting,
    template,
    tool,
    writer,
)
from bulkhead.errors import Denied, Failed
from bulkhead.testing import Harness
from bulkhead.uri_template import UriTemplate

COVERED = [
    ("test://template/{id}/data", "test://template/123/data", {"id": "123"}),
    ("test://template/{id}/data", "test://template//data", None),
    ("test://template/{id}/data", "test://template/1/2/data", None),
    ("a://{x}-{y}", "a://1-2-3", {"x": "1-2", "y": "3"}),
    ("file:///{+path}", "file:///a/b%20c.txt", {"path": "a/b c.txt"}),
    ("file:///{+path}.txt", "file:///a.b.txt", {"path": "a.b"}),
    ("file:///{path}", "file:///a/b", None),
    ("file:///{path}", "file:///a%2Fb", {"path": "a/b"}),
    ("a://{x}", "a://%zz", None),
    ("a://{x}", "a://%ff", None),
    ("a://{x}", "a://ü", {"x": "ü"}),
    ("a://{x}", "a://" + "b" * 5000, None),
]


@pytest.mark.parametrize(("pattern", "uri", "variables"), COVERED)
def test_a_template_covers_what_it_says(pattern: str, uri: str, variables: dict[str, str] | None) -> None:
    assert UriTemplate(pattern).variables(uri) == variables


@pytest.mark.parametrize("pattern", ["a://{x", "a://{x}{x}", "a://{?x}", "a://{}"])
def test_what_is_no_template_is_refused(pattern: str) -> None:
    with pytest.raises(TypeError):
        UriTemplate(pattern)


def test_resources_are_read_under_their_uri() -> None:
    @resource("shop://hours", mime_type="text/plain", cache=Cache(60, public=True))
    def hours() -> str:
        """The opening hours."""
        return "9 to 5"

    @resource("shop://logo")
    def logo() -> Reading:
        """The sign over the door."""
        return Reading(b"\x89", mime_type="image/png", etag="v1")

    @resource("shop://list")
    def goods() -> list[str]:
        """What there is."""
        return ["tea"]

    read = Harness().read("shop://hours")
    assert (read.contents[0].uri, read.contents[0].body, read.contents[0].mime_type, len(read.etag)) == (
        "shop://hours",
        "9 to 5",
        "text/plain",
        32,
    )
    assert (Harness().read("shop://logo").etag, Harness().read("shop://logo").contents[0].body) == ("v1", b"\x89")
    assert (Harness().read("shop://list").contents[0].body, Harness().read("shop://list").contents[0].mime_type) == (
        '["tea"]',
        "application/json",
    )
    entry = {"uri": "shop://hours", "name": "hours", "description": "The opening hours.", "mimeType": "text/plain"}
    assert Harness().contract()["resources"][0] == entry | {"cache": {"ttlMs": 60000, "scope": "public"}}
    with pytest.raises(NotFound, match="shop://no"):
        Harness().read("shop://no")


def test_templates_take_their_variables() -> None:
    @template("notes://{year}/{name}")
    def note(year: int, name: str, uri: str) -> str:
        """A note."""
        return f"{year} {name} {uri}"

    assert Harness().read("notes://2026/a%20b").contents[0].body == "2026 a b notes://2026/a%20b"
    with pytest.raises(Invalid, match="`year`"):
        Harness().read("notes://soon/a")
    with pytest.raises(TypeError, match="takes"):

        @template("notes://{id}")
        def other(name: str) -> str:
            """Another."""
            return name


def test_schemes_listing_and_writing() -> None:
    kept = {"mem://a": "1"}

    @scheme("MEM")
    def read(uri: str) -> str:
        return kept[uri]

    @lister
    def entries(cursor: str | None, ctx: Context) -> ResourcePage:
        return ResourcePage([ResourceEntry(uri, uri[6:]) for uri in kept], next=None if cursor else "more")

    @writer
    def write(uri: str, body: str | bytes, if_match: str | None) -> str:
        check_if_match(if_match, "v1" if uri in kept else None)
        kept[uri] = str(body)
        return "v2"

    harness = Harness()
    assert harness.read("Mem://a".replace("Mem", "mem")).contents[0].body == "1"
    assert harness.list_resources().next == "more"
    assert harness.write("mem://a", "2", "v1") == "v2"
    assert kept["mem://a"] == "2"
    for uri, etag in [("mem://a", "v0"), ("mem://b", "*")]:
        with pytest.raises(Conflict):
            harness.write(uri, "3", etag)
    assert (harness.contract()["schemes"], harness.contract()["dynamicResources"]) == (["mem"], True)


def test_what_is_not_offered_is_denied_or_empty() -> None:
    with pytest.raises(Denied, match="cannot be written"):
        Harness().write("a://b", "c")
    assert Harness().list_resources().entries == []
    assert Harness().complete("no", "x").values == []


def test_prompts_and_completions() -> None:
    @prompt(title="Letter")
    def letter(to: str, lines: int = 3) -> list[Message]:
        """A letter."""
        return [Message("user", f"{lines} lines to {to}"), Message("assistant", "Gladly.")]

    @completion(letter, "to")
    def people(typed: str, filled: dict[str, str]) -> list[str]:
        return starting(typed, ["Ann", "Anton", filled.get("lines", "-")])

    messages = Harness().prompt(letter, to="Ann", lines="5").messages
    assert [(message.role, message.content) for message in messages] == [
        ("user", "5 lines to Ann"),
        ("assistant", "Gladly."),
    ]
    assert Harness().complete("letter", "to", "An").values == ["Ann", "Anton"]
    assert Harness().complete("letter", "to", "7", lines="7").values == ["7"]
    assert Harness().contract()["prompts"] == [
        {
            "name": "letter",
            "title": "Letter",
            "description": "A letter.",
            "arguments": [{"name": "to", "required": True}, {"name": "lines", "required": False}],
        }
    ]
    with pytest.raises(TypeError, match="no argument `from`"):
        completion(letter, "from")
    with pytest.raises(Invalid, match="`to` is missing"):
        Harness().prompt(letter)


def test_an_operation_that_cannot_wait_says_so() -> None:
    @lister
    def entries(ctx: Context) -> ResourcePage:
        ctx.roots("where")
        return ResourcePage([])

    with pytest.raises(Failed, match="can ask nothing"):
        Harness().list_resources()


def test_arguments_of_texts_are_texts() -> None:
    with pytest.raises(TypeError, match="comes as text"):

        @prompt
        def odd(items: list[str]) -> str:
            """Odd."""
            return ""

    with pytest.raises(TypeError, match="at most a Context"):

        @resource("a://b")
        def taking(a: int) -> str:
            """Takes."""
            return ""

    with pytest.raises(TypeError, match="expected a function"):
        tool(3)  # type: ignore[call-overload]
