"""What the tools read of honest files."""

from pathlib import Path

import pytest
from bulkhead import Denied, Failed, Invalid, NotFound
from bulkhead.testing import Harness
from makes import book

from reading import limits
from reading.pages import chosen, named

TEXTS = ["The whale surfaced.\nIt breathed.", "Nothing here.", "A White   Whale\nagain, and a whale."]


@pytest.fixture
def novel(folder: Path) -> str:
    return book(TEXTS, title="Novel", headings=[("One", 1), ("Two", 3)]).write(folder / "novel.pdf")


def test_information_is_told(novel: str) -> None:
    told = Harness().tool("info", path=novel).structured
    assert (told["pages"], told["version"], told["encrypted"]) == (3, "1.7", False)
    assert told["metadata"] == {"title": "Novel", "author": "Ada", "created": "2026-01-02T03:04:05+00:00"}
    assert told["outline"] == [{"title": "One", "level": 1, "page": 1}, {"title": "Two", "level": 1, "page": 3}]
    assert told["problem"] is None


def test_text_comes_page_by_page_and_progress_with_it(novel: str) -> None:
    harness = Harness()
    told = harness.tool("text", path=novel).structured
    assert [page["page"] for page in told["pages"]] == [1, 2, 3]
    assert told["pages"][0]["text"] == "The whale surfaced.\nIt breathed."
    assert (told["of"], told["more"], told["cut"]) == (3, None, False)
    assert [(report.progress, report.total) for report in harness.stage.reports] == [(1, 3), (2, 3), (3, 3)]


def test_what_does_not_fit_is_named(novel: str) -> None:
    told = Harness().tool("text", path=novel, max_characters=40).structured
    assert ([page["page"] for page in told["pages"]], told["more"], told["cut"]) == ([1], "2-3", False)
    told = Harness().tool("text", path=novel, pages="3", max_characters=7).structured
    assert (told["pages"], told["more"], told["cut"]) == ([{"page": 3, "text": "A White"}], None, True)


def test_time_that_is_over_leaves_the_rest(novel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SECONDS", -1)
    told = Harness().tool("text", path=novel).structured
    assert ([page["page"] for page in told["pages"]], told["more"]) == ([1], "2-3")
    assert Harness().tool("search", path=novel, query="whale").structured["more"] == "2-3"


def test_a_caller_who_gave_up_is_not_read_to(novel: str) -> None:
    with pytest.raises(Failed, match="gave up"):
        Harness().cancelled().tool("text", path=novel)


def test_search_tells_page_and_surroundings(novel: str) -> None:
    told = Harness().tool("search", path=novel, query="white whale").structured
    assert told == {
        "matches": [{"page": 3, "before": "A ", "match": "White Whale", "after": " again, and a whale."}],
        "more": None,
    }
    assert len(Harness().tool("search", path=novel, query="whale").structured["matches"]) == 3
    assert not Harness().tool("search", path=novel, query="WHALE", ignore_case=False).structured["matches"]


def test_search_says_where_it_stopped(novel: str) -> None:
    told = Harness().tool("search", path=novel, query="whale", max_matches=1).structured
    assert ([match["page"] for match in told["matches"]], told["more"]) == ([1], "3")


def test_a_query_is_a_text_and_no_pattern(novel: str) -> None:
    assert not Harness().tool("search", path=novel, query=".*").structured["matches"]
    with pytest.raises(Invalid, match="besides spaces"):
        Harness().tool("search", path=novel, query=" \n ")


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (None, [1, 2, 3]),
        ("2", [2]),
        ("1-2", [1, 2]),
        ("2-", [2, 3]),
        ("3,1", [1, 3]),
        ("1-99999", [1, 2, 3]),
        ("2,2-3", [2, 3]),
    ],
)
def test_pages_are_chosen(pages: str | None, expected: list[int]) -> None:
    assert chosen(pages, 3) == expected


@pytest.mark.parametrize("pages", ["0", "4", "3-1", "4-9"])
def test_a_range_without_pages_is_an_error(pages: str) -> None:
    with pytest.raises(Invalid, match="there are 3"):
        chosen(pages, 3)


def test_pages_are_named() -> None:
    assert [named(pages) for pages in ([], [4], [1, 2, 3], [1, 2, 5, 7, 8])] == [None, "4", "1-3", "1-2,5,7-8"]


@pytest.mark.parametrize("pages", ["", "a", "1-2-3", "-3", "1,,2", "1;2", "99999999", "1" + ",1" * 50])
def test_the_schema_refuses_what_is_no_range(novel: str, pages: str) -> None:
    with pytest.raises(Invalid, match="pages"):
        Harness().tool("text", path=novel, pages=pages)


@pytest.mark.parametrize("path", ["../secret.pdf", "/etc/passwd", "a/../../secret.pdf", "..", "link.pdf"])
def test_nothing_outside_the_folder_is_read(folder: Path, path: str) -> None:
    book(["secret"]).write(folder.parent / "secret.pdf")
    (folder / "link.pdf").symlink_to(folder.parent / "secret.pdf")
    with pytest.raises(Denied, match="not in the granted folder"):
        Harness().tool("text", path=path)


def test_what_is_no_file_is_said(folder: Path) -> None:
    (folder / "sub.pdf").mkdir()
    for path, error, words in [
        ("sub.pdf", Invalid, "is no file"),
        ("none.pdf", NotFound, "does not exist"),
        ("a\0b", Invalid, "path"),
    ]:
        with pytest.raises(error, match=words):
            Harness().tool("info", path=path)


def test_what_is_asked_of_the_model_is_bounded() -> None:
    tools = {tool["name"]: tool for tool in Harness().contract()["tools"]}
    assert set(tools) == {"info", "text", "search"}
    assert tools["text"]["inputSchema"]["properties"]["max_characters"]["maximum"] == limits.MAX_CHARACTERS
    assert all(tool["annotations"]["readOnlyHint"] for tool in tools.values())
