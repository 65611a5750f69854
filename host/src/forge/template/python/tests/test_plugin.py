"""Tests of the plugin. They run natively, without a host."""

import plugin
import pytest

from bulkhead import Invalid
from bulkhead.testing import Harness


def test_greets_by_name() -> None:
    assert plugin.greet("Ada") == "Hello, Ada!"


def test_nobody_is_not_greeted() -> None:
    with pytest.raises(Invalid, match="who"):
        Harness().tool(plugin.greet, who="")
