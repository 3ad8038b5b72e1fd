"""The steps of an upload: when metadata has to be written, and whose failure is whose."""

from __future__ import annotations

from typing import Any

import pytest

from service_uploads import START, WriterLog
from weft.errors import Conflict
from weft.records.clock_offset import OffsetBounds
from weft.records.record import Config
from weft.server.services.access.actors import SYSTEM
from weft.server.services.access.paths import RunPath
from weft.server.services.ingest.steps import Failures, Placed, Received, received_or_placed
from weft.server.services.ingest.upload import Upload
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.storage.metadata import RunRow, WriterRow

PATH = RunPath("local", "mnist", "ab12cd34")
OLD = Config(START, [(["lr"], 0.1)])


def entry_of(*writers: WriterRow) -> RunEntry:
    values: dict[str, Any] = dict.fromkeys(RunRow.__dataclass_fields__)
    values.update(row_id=1, project_id=1)
    return RunEntry(PATH, RunRow(**values), list(writers))


def later(*records: Config, bounds: OffsetBounds | None = None) -> Upload:
    """The second upload of a log whose first one had a record."""
    log = WriterLog("w1")
    log.upload(OLD)
    return log.upload(*records, rows=[{"loss": 1.0}], offset_bounds=bounds)


@pytest.mark.parametrize(
    ("upload", "is_placed"),
    [
        (later(), True),
        (later(OLD), False),
        (later(bounds=OffsetBounds(5, 5)), False),
        (WriterLog("w2").upload(rows=[{"loss": 1.0}]), False),
    ],
    ids=["only rows", "a new record", "another clock offset", "another writer"],
)
def test_metadata_is_written_for_what_it_does_not_have(upload: Upload, is_placed: bool) -> None:
    entry = entry_of(WriterRow("w1", first_micros=START, record_position=100))
    step = received_or_placed(SYSTEM, PATH, upload, START, entry)
    assert type(step) is (Placed if is_placed else Received)
    assert type(received_or_placed(SYSTEM, PATH, upload, START, None)) is Received


def test_what_was_applied_before_is_not_written_again() -> None:
    entry = entry_of(WriterRow("w1", first_micros=START, record_position=200))
    for n_damaged, kind in ((50, Placed), (150, Received)):
        upload = later()  # from position 100
        upload.n_damaged = n_damaged
        assert type(received_or_placed(SYSTEM, PATH, upload, START, entry)) is kind
    assert type(received_or_placed(SYSTEM, PATH, later(OLD), START, entry)) is Placed


def test_a_step_leaves_out_the_uploads_that_fail() -> None:
    failures = Failures()

    def halve(number: int) -> int:
        if number % 2:
            raise Conflict(f"{number} is odd")
        return number // 2

    assert failures.step(range(4), halve) == {0: 0, 2: 1}
    assert {number: str(error) for number, error in failures.items()} == {
        1: "1 is odd", 3: "3 is odd",
    }  # fmt: skip

    def end(number: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failures.step([0], end)
