"""Opening a file in the granted folder, and wording what goes wrong in it."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from bulkhead import Denied, Error, Failed, Invalid, NotFound
from pypdf import PdfReader, apply_configuration
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

from .limits import CONFIGURATION, MAX_FILE_BYTES, MIB

# Where the operator mounts what is granted.
FOLDER = "/data"

# A damaged file has a remark for every object; none of them is the server's business.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@contextmanager
def opened(path: str) -> Iterator[PdfReader]:
    """The PDF at `path`. Whatever is wrong with it, inside the `with` as well, becomes an `Error`."""
    place = located(path)
    try:
        with apply_configuration(CONFIGURATION), open(place, "rb") as file:
            reader = PdfReader(file)
            unlock(reader)
            yield reader
    except (Error, ImportError, OSError):
        raise
    except LimitReachedError as problem:
        raise Failed(f"{path}: this PDF takes more than this plugin gives to one file: {problem}") from None
    except DependencyError:
        raise Failed(f"{path}: this PDF is encrypted in a way that this plugin cannot read") from None
    except PyPdfError as problem:
        raise Failed(f"{path}: this is no PDF that can be read: {problem}") from None
    except MemoryError:
        raise Failed(f"{path}: this PDF takes more memory than there is") from None
    except Exception as problem:  # noqa: BLE001 (a parser may raise anything on bytes that somebody chose)
        raise Failed(f"{path}: this PDF is damaged ({type(problem).__name__})") from None


def located(path: str) -> str:
    """Where a file lies. Raises `Denied` outside the folder, `NotFound`, or `Invalid` for no file."""
    place = os.path.realpath(os.path.join(FOLDER, checked(path)))
    if os.path.commonpath([place, os.path.realpath(FOLDER)]) != os.path.realpath(FOLDER):
        raise Denied(f"`{path}` is not in the granted folder, {FOLDER}")
    try:
        status = os.stat(place)
    except FileNotFoundError:
        raise NotFound(f"`{path}` does not exist; paths are relative to {FOLDER}") from None
    if not stat.S_ISREG(status.st_mode):
        raise Invalid(f"`{path}` is no file")
    if status.st_size > MAX_FILE_BYTES:
        raise Failed(f"`{path}` has {status.st_size} bytes, and {MAX_FILE_BYTES // MIB} MiB is the most")
    return place


def checked(path: str) -> str:
    """A path that says one thing. Raises `Invalid`."""
    if not path or "\0" in path:
        raise Invalid("expected the path of a PDF file, such as reports/2026.pdf")
    return path


def unlock(reader: PdfReader) -> None:
    """Opens what asks for no password. Raises `Failed` for the rest."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise Failed("this PDF asks for a password, which this plugin does not take")
