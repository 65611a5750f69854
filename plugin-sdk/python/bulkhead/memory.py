"""What a call remembers between its rounds: it rides in the state that the host seals."""

from __future__ import annotations

import json
from typing import Any

from .errors import Failed

# The host refuses a larger state, which a client would have to carry.
MAX_STATE_BYTES = 12 * 1024


class Memory:
    """Kept values of one call. Read when first needed; what came goes on unread otherwise."""

    def __init__(self, state: str | None) -> None:
        self._came = state
        self._kept: dict[str, Any] | None = None

    def open(self) -> dict[str, Any]:
        """What is kept: `once` by key, and `state`."""
        if self._kept is None:
            self._kept = read(self._came)
        return self._kept

    def seal(self) -> str | None:
        """The state for the next round."""
        if self._kept is None:
            return self._came
        kept = {name: value for name, value in self._kept.items() if value}
        if not kept:
            return None
        text = json.dumps(kept, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode())
        if size > MAX_STATE_BYTES:
            raise Failed(f"this call keeps {size} bytes between its rounds, and {MAX_STATE_BYTES} is the most")
        return text


def read(state: str | None) -> dict[str, Any]:
    """What an earlier round sealed."""
    if state is None:
        return {"once": {}}
    try:
        kept = json.loads(state)
        return {**kept, "once": dict(kept.get("once", {}))}
    except (ValueError, TypeError, AttributeError):
        raise Failed("the state of this call was not made by this plugin") from None
