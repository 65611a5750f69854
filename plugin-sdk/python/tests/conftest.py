"""Decorators fill one registry; each test has its own."""

from collections.abc import Iterator

import pytest

from bulkhead.registry import REGISTRY, Registry


@pytest.fixture(autouse=True)
def registry() -> Iterator[Registry]:
    """The registry, empty, and as it was when the test is over."""
    before = dict(REGISTRY.__dict__)
    REGISTRY.__init__()  # type: ignore[misc]
    yield REGISTRY
    REGISTRY.__dict__.update(before)
