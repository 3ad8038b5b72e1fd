"""Where locks and status pages lie."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from weft.runlog.layout import ensure_runtime_directory


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"TMPDIR": "here"},
        {"TEMP": "here"},
        {"TMP": "here"},
        {"TMPDIR": "a file", "TMP": "here"},
        {"TMPDIR": "not there"},
        {"TMPDIR": ""},
    ],
)
def test_without_a_runtime_folder_it_is_the_temporary_one(
    variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "a file").write_text("")
    for name in ("XDG_RUNTIME_DIR", "TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    for name, place in variables.items():
        monkeypatch.setenv(name, str(tmp_path / place) if place else "")
    monkeypatch.setattr(tempfile, "tempdir", None)  # what it has found before
    assert ensure_runtime_directory().parent == Path(tempfile.gettempdir())


def test_it_is_found_without_loading_tempfile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.delitem(sys.modules, "tempfile")
    assert ensure_runtime_directory().is_dir()
    assert "tempfile" not in sys.modules
