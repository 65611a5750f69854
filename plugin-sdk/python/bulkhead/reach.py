"""What the operator granted: configuration and kept values."""

from __future__ import annotations

from dataclasses import dataclass

from .host import Host


@dataclass(frozen=True)
class Config:
    """The plugin's configuration: texts by key, for the keys that `plugin.toml` asks for."""

    _host: Host

    def get(self, key: str, default: str | None = None) -> str | None:
        """The value of `key`, or `default` where the operator gave none."""
        value = self._host.config_get(key)
        return default if value is None else value

    def all(self) -> dict[str, str]:
        """All of it."""
        return self._host.config_all()


@dataclass(frozen=True)
class Kv:
    """Values that outlive the call: the caller's own, unless the operator shares them.

    Each method raises `Denied` where kept values are not granted.
    """

    _host: Host

    def get(self, key: str) -> bytes | None:
        """The value of `key`."""
        return self._host.kv_get(key)

    def set(self, key: str, value: bytes) -> None:
        """Sets the value of `key`."""
        self._host.kv_set(key, value)

    def delete(self, key: str) -> None:
        """Forgets `key`."""
        self._host.kv_delete(key)

    def __contains__(self, key: str) -> bool:
        return self._host.kv_exists(key)

    def increment(self, key: str, delta: int = 1) -> int:
        """Adds `delta`, at least 0, to the number at `key`, 0 at first, in one step."""
        return self._host.kv_increment(key, delta)

    def keys(self) -> list[str]:
        """All keys."""
        return self._host.kv_keys()
