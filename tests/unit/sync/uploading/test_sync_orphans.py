"""Logs of dead processes that a sidecar takes up."""

from __future__ import annotations

from pathlib import Path

from made_logs import append_rows, make_log, make_run_directory
from weft.sync.orphans import unfinished
from weft.sync.uploading.marker import LOCAL_SERVER, Marker, write_marker

URL = "http://127.0.0.1:8080"


def left(base: Path, run_id: str, server: str | None) -> Path:
    log = make_log(make_run_directory(base, run_id), run_id=run_id, is_dead=True)
    append_rows(log, 1)
    log.close()
    write_marker(log.path, Marker(0, server))
    return log.path


def test_ones_own_server_is_known_by_its_address_too(tmp_path: Path) -> None:
    expected = {
        left(tmp_path, "a", LOCAL_SERVER),
        left(tmp_path, "b", URL),
        left(tmp_path, "c", None),
    }
    left(tmp_path, "d", "http://weft.example.org")
    directories = set(unfinished(tmp_path / "weft", {LOCAL_SERVER, URL}))
    assert directories - {None} == expected
