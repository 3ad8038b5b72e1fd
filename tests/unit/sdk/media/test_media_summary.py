"""Media that a script sets in its summary."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import weft
from media_files import made_files, offline_run
from sdk_script import logs_in, records_of
from weft.records.record import Summary


def test_media_in_the_summary_are_stored_before_their_record(tmp_path: Path) -> None:
    with offline_run(tmp_path) as run:
        directory = run.directory
        image = weft.Image(np.zeros((4, 5, 3), np.uint8), caption="best")
        run.summary["best"] = image
        run.summary["deep"] = {"images": [image, weft.Image(np.ones((2, 2), np.uint8))]}
        run.summary["table"] = weft.Table(columns=["a"], data=[[1]])
        branch = run.summary["deep"]
        branch["again"] = image
        best = dict(run.summary["best"])
    files = made_files(directory)
    assert best["caption"] == "best"
    assert best["path"].startswith("media/images/best_summary_")
    assert set(files) >= {best["path"]}
    assert len(files) == 3, "a value that is set again refers to its first file"
    main, *_ = logs_in(directory)
    logged = {
        ".".join(path): value
        for record in records_of(main, Summary)
        for path, value in record.values
    }
    assert logged["best"] == best
    assert logged["deep.again"]["path"] == best["path"]
    assert logged["deep.images"]["filenames"][0] == best["path"]
    assert logged["table"]["path"] in files
