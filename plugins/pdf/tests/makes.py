"""Makes PDF files, object by object, so that a test can make one wrong in exactly one place."""

from __future__ import annotations

import zlib
from pathlib import Path


class Maker:
    """A PDF file that is being written. Objects are numbered from 1; the first is the catalogue."""

    def __init__(self) -> None:
        self.objects: list[bytes] = []
        self.trailer = b""

    def add(self, body: str | bytes) -> int:
        """One more object; its number."""
        self.objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(self.objects)

    def stream(self, data: bytes, entries: str = "") -> int:
        """One more stream; its number."""
        head = f"<< /Length {len(data)} {entries} >>\nstream\n".encode()
        return self.add(head + data + b"\nendstream")

    def bytes(self) -> bytes:
        """The file."""
        out, offsets = bytearray(b"%PDF-1.7\n"), []
        for number, body in enumerate(self.objects, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(offsets) + 1, self.trailer)
        out += b"startxref\n%d\n%%%%EOF\n" % start
        return bytes(out)

    def write(self, path: Path) -> str:
        """Writes the file; its name."""
        path.write_bytes(self.bytes())
        return path.name


def drawing(text: str) -> bytes:
    """Content that draws a text, a line each."""
    lines = " ".join(f"({line}) Tj T*" for line in text.split("\n"))
    return f"BT /F1 12 Tf 14 TL 72 720 Td {lines} ET".encode("latin-1")


def book(texts: list[str], *, title: str | None = None, headings: list[tuple[str, int]] | None = None) -> Maker:
    """A document with a page for each text, and an outline of titles with the pages (from 1) that they point to."""
    maker = Maker()
    maker.add("")
    tree = maker.add("")
    font = maker.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    pages = []
    for text in texts:
        content = maker.stream(zlib.compress(drawing(text)), "/Filter /FlateDecode")
        pages.append(
            maker.add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 612 792] "
                f"/Resources << /Font << /F1 {font} 0 R >> >> /Contents {content} 0 R >>"
            )
        )
    kids = " ".join(f"{page} 0 R" for page in pages)
    maker.objects[tree - 1] = f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode()
    outlines = f"/Outlines {outline(maker, headings, pages)} 0 R" if headings else ""
    maker.objects[0] = f"<< /Type /Catalog /Pages {tree} 0 R {outlines} >>".encode()
    if title:
        information = maker.add(f"<< /Title ({title}) /Author (Ada) /CreationDate (D:20260102030405Z) >>")
        maker.trailer = f"/Info {information} 0 R".encode()
    return maker


def outline(maker: Maker, headings: list[tuple[str, int]], pages: list[int]) -> int:
    """A flat outline; its number."""
    root = maker.add("")
    first = root + 1
    for index, (title, page) in enumerate(headings):
        following = f"/Next {first + index + 1} 0 R" if index + 1 < len(headings) else ""
        maker.add(f"<< /Title ({title}) /Parent {root} 0 R /Dest [{pages[page - 1]} 0 R /Fit] {following} >>")
    last = root + len(headings)
    maker.objects[root - 1] = f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R >>".encode()
    return root


def with_content(content: bytes, entries: str = "") -> Maker:
    """One page with this content stream."""
    maker = book([""])
    head = f"<< /Length {len(content)} {entries} >>\nstream\n".encode()
    maker.objects[3] = head + content + b"\nendstream"
    return maker
