"""What is done once, while the component is built: its image holds the interpreter as it is then.

Nothing can be imported later. So whatever the standard library would import when it is first needed
is imported here.
"""

from __future__ import annotations

import gc
import importlib

from ..registry import Registry

# Codecs and modules that others reach for in the middle of a call.
LAZY = (
    "_strptime",
    "base64",
    "bisect",
    "calendar",
    "copy",
    "csv",
    "datetime",
    "decimal",
    "difflib",
    "encodings.ascii",
    "encodings.cp1252",
    "encodings.cp437",
    "encodings.idna",
    "encodings.iso8859_1",
    "encodings.latin_1",
    "encodings.utf_16",
    "encodings.utf_16_be",
    "encodings.utf_16_le",
    "encodings.utf_32",
    "encodings.utf_8_sig",
    "fractions",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "html.parser",
    "ipaddress",
    "linecache",
    "locale",
    "random",
    "secrets",
    "shutil",
    "statistics",
    "stringprep",
    "tempfile",
    "textwrap",
    "tokenize",
    "traceback",
    "unicodedata",
    "urllib.parse",
    "uuid",
    "zlib",
)


def preload() -> None:
    """Imports what would come too late. What this build of Python lacks is left out."""
    for name in LAZY:
        try:
            importlib.import_module(name)
        except ImportError:
            continue


def settle(registry: Registry) -> str:
    """Takes everything that exists out of the garbage collector's sight, and tells the contract.

    A collection would touch every page of the image that an instance shares with the others.
    """
    contract = registry.describe()
    gc.collect()
    gc.freeze()
    return contract
