"""Imports inside functions are done while a component is built."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bulkhead.guest import lazy

FILES = {
    "lazyone/__init__.py": "def use():\n    from ._part import value\n    return value\n",
    "lazyone/_part.py": (
        "value = 1\nclass C:\n    def f(self):\n        def g():\n            from . import deep\n        return g\n"
    ),
    "lazyone/deep.py": "def use():\n    import lazynone\n    from .... import nowhere\n    import lazyone.broken\n",
    "lazyone/broken.py": "raise RuntimeError('optional')\n",
    "lazyone/other.py": "",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    # The functions of this test's own process are not to be followed.
    monkeypatch.setattr(lazy, "found", lambda real=lazy.found: (it for it in real() if it[0].startswith("lazy")))
    yield
    for name in [name for name in sys.modules if name.startswith("lazyone")]:
        del sys.modules[name]


def test_what_functions_import_is_imported(package: None) -> None:
    import lazyone  # type: ignore[import-not-found]

    assert "lazyone._part" not in sys.modules
    lazy.complete()
    assert {"lazyone._part", "lazyone.deep"} <= set(sys.modules)
    assert not {"lazyone.other", "lazyone.broken", "lazynone"} & set(sys.modules)
    assert lazyone.use() == 1
