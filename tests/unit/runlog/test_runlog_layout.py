"""Where locks and status pages lie."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from weft.errors import Unavailable
from weft.runlog.layout import ensure_runtime_directory, find_runtime_directory


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
    for name, folder in variables.items():
        monkeypatch.setenv(name, str(tmp_path / folder) if folder else "")
    monkeypatch.setattr(tempfile, "tempdir", None)  # what it has found before
    assert ensure_runtime_directory().parent == Path(tempfile.gettempdir())


def test_it_is_found_without_loading_tempfile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.delitem(sys.modules, "tempfile")
    assert ensure_runtime_directory().is_dir()
    assert "tempfile" not in sys.modules


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the temporary one would have, where there is no runtime folder."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    return tmp_path / "temporary" / f"weft-{os.getuid()}"


def take(path: Path, kind: str, elsewhere: Path) -> None:
    if kind == "a file":
        path.write_text("")
    elif kind == "a link":
        elsewhere.mkdir()
        path.symlink_to(elsewhere)
    else:
        path.mkdir()
        path.chmod(0o777 if kind == "open to all" else 0o770)


@pytest.mark.parametrize("kind", ["a file", "a link", "open to all", "open to a group"])
def test_a_temporary_folder_that_is_taken_is_left(
    kind: str, temporary: Path, tmp_path: Path
) -> None:
    take(temporary, kind, tmp_path / "elsewhere")
    directory = find_runtime_directory()
    assert directory.path.is_relative_to(os.environ["XDG_STATE_HOME"])
    assert str(temporary) in (directory.trouble or "")
    assert stat.S_IMODE(directory.path.stat().st_mode) == 0o700
    assert find_runtime_directory() == directory


def test_where_no_folder_can_be_had_the_reasons_are_told(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(temporary, "a file", tmp_path)
    (tmp_path / "state").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with pytest.raises(Unavailable, match="XDG_RUNTIME_DIR") as caught:
        find_runtime_directory()
    assert str(temporary) in str(caught.value)
    assert str(tmp_path / "state") in str(caught.value)
