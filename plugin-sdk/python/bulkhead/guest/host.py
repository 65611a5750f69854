"""The real host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ..calls import ItemKind, LogLevel
from ..errors import Denied, Error, Failed
from . import wit

T = TypeVar("T")


class WitHost:
    """What `bulkhead:plugin/host` and WASI's stores offer."""

    def progress(self, progress: float, total: float | None, message: str | None) -> None:
        wit.host.progress(progress, total, message)

    def log(self, level: LogLevel, logger: str | None, data: str) -> None:
        wit.host.log(wit.types.LogLevel(level.value), logger, data)

    def cancelled(self) -> bool:
        return bool(wit.host.cancelled())

    def resource_updated(self, uri: str) -> None:
        wit.host.resource_updated(uri)

    def resources_changed(self) -> None:
        wit.host.resources_changed()

    def set_visible(self, kind: ItemKind, name: str, visible: bool) -> None:
        asked(lambda: wit.host.set_visible(wit.host.ItemKind(kind.value), name, visible))

    def task_status(self, message: str) -> None:
        wit.host.task_status(message)

    def close_stream(self, retry_ms: int | None) -> None:
        wit.host.close_stream(retry_ms)

    def config_get(self, key: str) -> str | None:
        return asked(lambda: wit.config.get(key))

    def config_all(self) -> dict[str, str]:
        return dict(asked(wit.config.get_all))

    def kv_get(self, key: str) -> bytes | None:
        return asked(lambda: bucket().get(key))

    def kv_set(self, key: str, value: bytes) -> None:
        asked(lambda: bucket().set(key, bytes(value)))

    def kv_delete(self, key: str) -> None:
        asked(lambda: bucket().delete(key))

    def kv_exists(self, key: str) -> bool:
        return asked(lambda: bucket().exists(key))

    def kv_increment(self, key: str, delta: int) -> int:
        return asked(lambda: wit.atomics.increment(bucket(), key, delta))

    def kv_keys(self) -> list[str]:
        return asked(lambda: list(keys_of(bucket())))


def keys_of(opened: Any) -> Iterator[str]:
    """The keys of a store, page by page."""
    cursor = None
    while True:
        page = opened.list_keys(cursor)
        yield from page.keys
        cursor = page.cursor
        if cursor is None:
            return


def bucket() -> Any:
    """The caller's own store."""
    return wit.keyvalue.open("")


def asked(ask: Callable[[], T]) -> T:
    """What the host answers. Its refusal becomes an `Error`."""
    try:
        return ask()
    except wit.Err as refusal:
        raise refused(refusal.value) from None


def refused(why: Any) -> Error:
    """A refusal of the host in the SDK's words."""
    if isinstance(why, wit.keyvalue.Error_AccessDenied):
        return Denied("kept values are not granted to this plugin")
    if isinstance(why, wit.keyvalue.Error_NoSuchStore):
        return Failed("there is no such key-value store")
    return Failed(str(getattr(why, "value", why)))
