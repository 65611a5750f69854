"""Files that are made to do harm: each ends in a clear error, soon."""

import contextlib
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from bulkhead import Error, Failed
from bulkhead.testing import Harness
from makes import Maker, book, with_content

from reading import limits

MAX_SECONDS = 10
MAX_BYTES = 150 << 20


def bomb(size: int) -> bytes:
    """`size` spaces, compressed a thousandfold."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(size >> 20))
    return packed + packer.flush()


def nested_bomb() -> Maker:
    """A bomb in a bomb: a few kilobytes for hundreds of megabytes."""
    return with_content(zlib.compress(bomb(256 << 20), 9), "/Filter [/FlateDecode /FlateDecode]")


def xref_loop() -> Maker:
    maker = book(["text"])
    at = maker.bytes().rindex(b"xref\n0")
    maker.trailer = b"/Prev %d" % at
    return maker


def page_tree_loop() -> Maker:
    maker = book(["text"])
    maker.objects[1] = b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>"
    return maker


def one_page_a_million_times() -> Maker:
    maker = book(["text"])
    maker.objects[1] = b"<< /Type /Pages /Count 1000000 /Kids [" + b"5 0 R " * 40_000 + b"] >>"
    return maker


def tree_that_doubles() -> Maker:
    """Forty levels, each of which has the next one twice."""
    maker = book(["text"])
    first = len(maker.objects) + 1
    for level in range(40):
        maker.add(f"<< /Type /Pages /Count 1 /Kids [{first + level + 1} 0 R {first + level + 1} 0 R] >>")
    maker.add("<< /Type /Page >>")
    maker.objects[1] = f"<< /Type /Pages /Count 1 /Kids [{first} 0 R] >>".encode()
    return maker


def deep_tree() -> Maker:
    maker = book(["text"])
    first = len(maker.objects) + 1
    for level in range(3000):
        maker.add(f"<< /Type /Pages /Count 1 /Kids [{first + level + 1} 0 R] >>")
    maker.objects[1] = f"<< /Type /Pages /Count 1 /Kids [{first} 0 R] >>".encode()
    return maker


def endless_operators() -> Maker:
    return with_content(zlib.compress(b"BT (x) Tj ET " * 500_000, 9), "/Filter /FlateDecode")


def deep_arrays() -> Maker:
    return with_content(b"BT (x) Tj " + b"[" * 200_000)


def forms_that_draw_each_other() -> Maker:
    """Each form draws the next one ten times."""
    maker = book(["text"])
    first = len(maker.objects) + 1
    for level in range(12):
        following = f"/Resources << /XObject << /X {first + level + 1} 0 R >> >>"
        maker.stream(b"/X Do " * 10, f"/Type /XObject /Subtype /Form /BBox [0 0 1 1] {following}")
    maker.stream(b"BT (x) Tj ET", "/Type /XObject /Subtype /Form /BBox [0 0 1 1]")
    maker.objects[4] = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R "
        f"/Resources << /XObject << /X {first} 0 R >> >> >>"
    ).encode()
    maker.objects[3] = b"<< /Length 5 >>\nstream\n/X Do\nendstream"
    return maker


def too_many_filters() -> Maker:
    data = b" "
    for _ in range(40):
        data = zlib.compress(data)
    return with_content(data, "/Filter [" + "/FlateDecode " * 40 + "]")


def reference_to_itself() -> Maker:
    maker = book(["text"])
    maker.objects[1] = b"2 0 R"
    return maker


def password() -> Maker:
    maker = book(["text"])
    key = "00" * 32
    number = maker.add(f"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <{key}> /U <{key}> >>")
    maker.trailer = f"/Encrypt {number} 0 R /ID [<00> <00>]".encode()
    return maker


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: with_content(bomb(512 << 20), "/Filter /FlateDecode"), "takes more than"),
        (nested_bomb, "takes more than"),
        (page_tree_loop, "no PDF that can be read|takes more than|damaged"),
        (one_page_a_million_times, "takes more than"),
        (tree_that_doubles, "takes more than"),
        (deep_tree, "takes more than"),
        (endless_operators, "takes more than"),
        (deep_arrays, "damaged|takes more than|no PDF"),
        (too_many_filters, "takes more than"),
        (reference_to_itself, "damaged|takes more than|no PDF"),
        (password, "asks for a password"),
    ],
)
def test_a_hostile_file_is_an_error(folder: Path, make: object, words: str) -> None:
    name = make().write(folder / "hostile.pdf")  # type: ignore[operator]
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(Failed, match=words):
        Harness().tool("text", path=name)
    spent, (_, most) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < MAX_SECONDS
    assert most < MAX_BYTES


@pytest.mark.parametrize("make", [xref_loop, forms_that_draw_each_other])
def test_a_loop_ends(folder: Path, make: object) -> None:
    name = make().write(folder / "loop.pdf")  # type: ignore[operator]
    began = time.monotonic()
    assert len(Harness().tool("text", path=name).structured["pages"]) == 1
    assert time.monotonic() - began < MAX_SECONDS


def outline_loop() -> Maker:
    maker = book(["text"], headings=[("One", 1), ("Two", 1)])
    root = next(index for index, body in enumerate(maker.objects) if b"/Type /Outlines" in body)
    back = b"/Next %d 0 R /First %d 0 R >>" % (root + 2, root + 2)
    maker.objects[root + 2] = maker.objects[root + 2].replace(b">>", back)
    return maker


def long_outline() -> Maker:
    return book(["text"], headings=[(f"Entry {number}", 1) for number in range(limits.MAX_OUTLINE_ENTRIES + 10)])


@pytest.mark.parametrize("make", [outline_loop, long_outline])
def test_an_outline_without_end_is_cut_and_said(folder: Path, make: object) -> None:
    name = make().write(folder / "outline.pdf")  # type: ignore[operator]
    told = Harness().tool("info", path=name).structured
    assert told["pages"] == 1
    assert len(told["outline"]) <= limits.MAX_OUTLINE_ENTRIES


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7\n", b"%PDF-1.7\nstartxref\n99999999\n%%EOF", b"\0" * 5000])
def test_what_is_no_pdf_is_said(folder: Path, data: bytes) -> None:
    (folder / "no.pdf").write_bytes(data)
    with pytest.raises(Failed, match=r"no\.pdf: this"):
        Harness().tool("info", path="no.pdf")


def test_a_file_that_is_too_large_is_not_opened(folder: Path) -> None:
    with (folder / "large.pdf").open("wb") as file:
        file.truncate(limits.MAX_FILE_BYTES + 1)
    with pytest.raises(Failed, match="64 MiB is the most"):
        Harness().tool("info", path="large.pdf")


def test_every_cut_of_a_file_is_an_answer_or_an_error(folder: Path) -> None:
    """No cut and no flipped byte ends in anything but an answer or an `Error`."""
    whole = book(["The whale surfaced."], title="Novel", headings=[("One", 1)]).bytes()
    for at in range(0, len(whole), 37):
        flipped = bytearray(whole)
        flipped[at] ^= 0x5A
        for data in (whole[:at], bytes(flipped)):
            (folder / "cut.pdf").write_bytes(data)
            for tool in ("text", "info"):
                with contextlib.suppress(Error):
                    Harness().tool(tool, path="cut.pdf")
