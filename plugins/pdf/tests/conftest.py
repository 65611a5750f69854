"""A folder in the place of the granted one."""

from pathlib import Path

import pytest

import plugin  # noqa: F401
from reading import document


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the operator granted."""
    granted = tmp_path / "data"
    granted.mkdir()
    monkeypatch.setattr(document, "FOLDER", str(granted))
    return granted
