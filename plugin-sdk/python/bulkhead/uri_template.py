"""Which URIs a template covers.

`{name}` stands for one path segment's worth of text, `{+name}` for the rest of a path with its
slashes. The longest value wins, so that `{+path}.txt` takes every dot but the last.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

VARIABLE = re.compile(r"\{(\+?)([A-Za-z_][A-Za-z0-9_]*)\}")
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Each variable may be tried at every length.
MAX_URI_CHARACTERS = 4096


class UriTemplate:
    """A template, read once. Raises `TypeError` for what is none."""

    def __init__(self, template: str) -> None:
        self.template = template
        self.names = [name for _, name in VARIABLE.findall(template)]
        literals = VARIABLE.split(template)[::3]
        if any("{" in literal or "}" in literal for literal in literals):
            raise TypeError(f"{template}: a variable is {{name}}, or {{+name}} with the slashes of a path")
        if len(set(self.names)) != len(self.names):
            raise TypeError(f"{template}: a variable stands there twice")
        self._pattern = re.compile(_pattern(template), re.DOTALL)

    def variables(self, uri: str) -> dict[str, str] | None:
        """The variables of `uri`, percent-decoded, if it fits."""
        if len(uri) > MAX_URI_CHARACTERS:
            return None
        found = self._pattern.fullmatch(uri)
        if found is None or any(BAD_ESCAPE.search(value) for value in found.groups()):
            return None
        try:
            return {name: unquote_to_bytes(value).decode() for name, value in found.groupdict().items()}
        except UnicodeDecodeError:
            return None


def _pattern(template: str) -> str:
    """A regular expression for what a template covers."""
    parts, end = [], 0
    for variable in VARIABLE.finditer(template):
        slashes, name = variable.groups()
        value = ".+" if slashes else "[^/?#]+"
        parts += [re.escape(template[end : variable.start()]), f"(?P<{name}>{value})"]
        end = variable.end()
    return "".join([*parts, re.escape(template[end:])])
