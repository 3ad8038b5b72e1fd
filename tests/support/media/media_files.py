"""Runs of this process, and the files that their sidecar makes of what they log, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import weft
from sdk_script import log_rows, logs_in, records_of
from server_process import wait_until
from weft.records.files.file_paths import MEDIA_FOLDER
from weft.records.record import File
from weft.runlog.spool import spool_files
from weft.sdk.run import Run
from weft.sync.unrecorded_files import make_unrecorded_files


@contextmanager
def offline_run(folder: Path, **settings: Any) -> Iterator[Run]:
    """A run of this process, recorded in `folder`."""
    with weft.init(mode="offline", dir=folder, **settings) as run:
        yield run


def make_files(run: Path) -> list[str]:
    """Wait until a run that has ended has all of its files; returns the paths of its media.

    Those of its environment, which may or may not be gathered by then, are left out.
    """
    make_unrecorded_files(logs_in(run), pytest.fail, lambda _: None)  # if its process was killed
    wait_until(lambda: not spool_files(run), what="the files of the run")
    _, *others = logs_in(run)
    records = [record for log in others for record in records_of(log, File)]
    assert [record for record in records if record.error] == []
    media = [record.path for record in records if record.path.startswith(MEDIA_FOLDER)]
    return list(dict.fromkeys(media))


def made_files(run: Path) -> dict[str, Path]:
    """The media of a run that has ended, by their paths."""
    paths = make_files(run)
    return {path: run / "files" / path for path in paths}


def rows_of(run: Path) -> list[dict[str, Any]]:
    """The rows of a run's main log."""
    main, *_ = logs_in(run)
    return log_rows(main)
