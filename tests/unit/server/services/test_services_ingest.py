"""Uploads become runs, fields and points; repeated ones change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from at_length import at_length
from service_uploads import SECOND, START, Clock, WriterLog
from weft.errors import Conflict, Gone, NotFound, PositionConflict
from weft.records.clock_offset import OffsetBounds
from weft.records.names import name_from_id
from weft.records.record import Alert, Config, Exit, Gap, Preempting, Run, Summary
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.ingest import service as ingest_service
from weft.server.services.ingest.steps import Applied, Failures, Placed, SentStream, SentUpload
from weft.server.services.ingest.upload import Upload
from weft.server.services.opening.services import Services, open_services
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries import run_states
from weft.server.services.summaries.printed_errors import PrintedError, printed_error
from weft.server.storage.contract import ConsoleLine, StreamPosition
from weft.server.storage.metadata import Job
from weft.wire.ingest.uploads import Ack
from weft.wire.metrics.charts import PanelQuery
from weft.wire.runs.bulk import BulkChange, MoveAction
from weft.wire.runs.runs import ConfigEdit, RunEdit

PROJECT = ProjectPath("local", "mnist")

PATH = RunPath("local", "mnist", "ab12cd34")
RUN = Run("ab12cd34", "mnist", start_micros=START, micros=START)


def not_appended(
    _stores: Stores, placed: dict[int, Placed], _failures: Failures
) -> dict[int, Applied]:
    """In place of `append_rows`: the server was killed before it."""
    return {
        number: Applied(step.target, step.upload, step.entry, step.writer, step.warning)
        for number, step in placed.items()
    }


def reopen(services: Services, tmp_path: Path, clock: Clock) -> Services:
    services.close()
    return open_services(tmp_path, now=clock)


def test_a_first_upload_makes_the_run(services: Services) -> None:
    log = WriterLog("w1")
    applied = services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, rows=[{"loss": 0.5}]))
    assert (applied.position, applied.stopped_by, applied.pause_millis) == (200, None, 0)
    run = services.runs.get(LOCAL, PATH)
    assert (run.id, run.state, run.host) == ("ab12cd34", "running", "box")
    assert run.name == name_from_id("ab12cd34")
    assert run.summary == {"loss": 0.5}
    (project,) = services.projects.list(LOCAL)
    assert (project.entity, project.project, project.n_runs, project.n_running) == (
        "local", "mnist", 1, 1,
    )  # fmt: skip
    assert services.ingest.position(LOCAL, PATH, "w1") is not None


def test_a_record_without_a_start_leaves_the_logs(services: Services) -> None:
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w1").upload(Run("ab12cd34", "mnist")))
    assert services.runs.get(LOCAL, PATH).started_micros == START


def test_uploads_applied_together_fail_by_themselves(services: Services) -> None:
    behind, gone, both = (RunPath("local", "mnist", run) for run in ("behind", "gone", "both"))
    log, late = WriterLog("w"), WriterLog("w")
    services.ingest.apply_upload(
        LOCAL, behind, log.upload(Run("behind", "mnist"), rows=[{"loss": 1.0}])
    )
    services.ingest.apply_upload(LOCAL, gone, late.upload(Run("gone", "mnist")))
    services.runs.delete(LOCAL, gone, permanently=True)
    log.upload(rows=[{"loss": 2.0}])
    outcomes = services.ingest.apply_uploads(
        LOCAL,
        [
            SentUpload(
                LOCAL, both, WriterLog("w1").upload(Run("both", "mnist"), rows=[{"loss": 5.0}])
            ),
            SentUpload(
                LOCAL, behind, log.upload(Config(START, [(["late"], 1)]), rows=[{"loss": 3.0}])
            ),
            SentUpload(LOCAL, behind, log.upload(rows=[{"loss": 4.0}])),
            SentUpload(LOCAL, gone, late.upload(rows=[{"loss": 3.0}])),
            SentUpload(LOCAL, both, WriterLog("w2").upload(Run("both", "mnist"), Exit(START, 0))),
        ],
    )
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [Ack, PositionConflict, PositionConflict, Gone, Ack]
    run = services.runs.get(LOCAL, both)
    assert run.summary == {"loss": 5.0}
    assert services.runs.get(LOCAL, behind).summary == {"loss": 1.0}
    assert services.runs.get(LOCAL, behind).config == {}


def test_a_run_deleted_meanwhile_keeps_no_other_of_its_group_from_being_made(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = RunPath("local", "mnist", "victim")
    log = WriterLog("w")
    services.ingest.apply_upload(LOCAL, victim, log.upload(Run("victim", "mnist")))
    metadata = services.stores.metadata
    begin = metadata.write_together

    def delete_first(jobs: Sequence[Job]) -> list[Any]:
        monkeypatch.setattr(metadata, "write_together", begin)
        services.runs.delete(LOCAL, victim, permanently=True)
        return begin(jobs)

    monkeypatch.setattr(metadata, "write_together", delete_first)
    paths = (("mnist", "a"), ("cifar", "b"), ("mnist", "c"))
    new = [RunPath("local", project, run) for project, run in paths]
    uploads = [
        SentUpload(
            LOCAL, path, WriterLog("w").upload(Run(path.run, path.project), rows=[{"loss": 2.0}])
        )
        for path in new
    ]
    late = log.upload(Config(START, [(["lr"], 1)]))
    outcomes = services.ingest.apply_uploads(
        LOCAL, [uploads[0], SentUpload(LOCAL, victim, late), *uploads[1:]]
    )
    assert [type(outcome) for outcome in outcomes] == [Ack, Gone, Ack, Ack]
    runs = [services.runs.get(LOCAL, path) for path in new]
    assert [run.summary for run in runs] == [{"loss": 2.0}] * 3


def test_runs_looked_up_together_are_found_where_they_are_now(services: Services) -> None:
    here, moved, gone, other = (RunPath("local", "mnist", run) for run in ("h", "m", "g", "o"))
    for path in (here, moved, gone):
        services.ingest.apply_upload(LOCAL, path, WriterLog("w").upload(Run(path.run, "mnist")))
    services.runs.delete(LOCAL, gone, permanently=True)
    services.bulk.apply_change(
        LOCAL,
        PROJECT,
        BulkChange(runs=["m"], action=MoveAction(project="cifar")),
    )
    for path in (here, moved, gone):
        services.stores.registry.forget(path)
    positions = services.ingest.positions(
        LOCAL, [SentStream(LOCAL, path, "w") for path in (here, moved, gone, other)]
    )
    ends = [
        position.position if isinstance(position, StreamPosition) else type(position)
        for position in positions
    ]
    assert ends == [100, 100, Gone, type(None)]


def test_new_runs_applied_together_share_transactions(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[None] = []
    begin = services.stores.metadata.write_together

    def count(jobs: Sequence[Job]) -> list[Any]:
        writes.append(None)
        return begin(jobs)

    monkeypatch.setattr(services.stores.metadata, "write_together", count)
    uploads = [
        SentUpload(
            LOCAL, RunPath("local", "mnist", f"r{i}"), WriterLog("w").upload(Run(f"r{i}", "mnist"))
        )
        for i in range(50)
    ]
    outcomes = services.ingest.apply_uploads(LOCAL, uploads)
    assert all(isinstance(outcome, Ack) for outcome in outcomes)
    assert len(writes) <= 2
    names = [services.runs.get(LOCAL, path).name for _, path, _ in uploads]
    assert names == [name_from_id(path.run) for _, path, _ in uploads]


def test_a_run_has_the_name_of_its_id_in_every_project_unless_it_was_given_one(
    services: Services,
) -> None:
    for project in ("mnist", "cifar"):
        path = RunPath("local", project, "r1")
        services.ingest.apply_upload(LOCAL, path, WriterLog("w").upload(Run("r1", project)))
        assert services.runs.get(LOCAL, path).name == name_from_id("r1")
    named = Run("r4", "mnist", name="baseline")
    path = RunPath("local", "mnist", "r4")
    services.ingest.apply_upload(LOCAL, path, WriterLog("w").upload(named))
    assert services.runs.get(LOCAL, path).name == "baseline"


def test_records_become_config_summary_and_warnings(services: Services) -> None:
    run = Run(
        "ab12cd34", "mnist", notes="n", tags=["a"], group="g", job_type="train",
        start_micros=START, micros=START,
    )  # fmt: skip
    upload = WriterLog("w1").upload(
        run,
        Config(START, [(["lr"], 0.1), (["model", "depth"], 3), (["model", "width"], 64)]),
        Config(START + 1, [(["lr"], 0.2)], [["model", "width"]]),
        Summary(START + 2, [(["best", "loss"], float("inf"))]),
        Alert(START, "title", "text"),
        Gap(5, START, START + 1),
    )
    services.ingest.apply_upload(LOCAL, PATH, upload)
    info = services.runs.get(LOCAL, PATH)
    assert info.config == {"lr": 0.2, "model": {"depth": 3}}
    assert info.summary == {"best": {"loss": float("inf")}}
    assert (info.notes, info.tags, info.group, info.job_type) == ("n", ["a"], "g", "train")
    assert any("5 rows" in warning for warning in info.warnings)


def test_RL46_a_runs_user_is_that_of_the_log_that_began_first(services: Services) -> None:
    def log(writer: str, start: int, user: str | None) -> None:
        run = Run("ab12cd34", "mnist", start_micros=start, user=user)
        services.ingest.apply_upload(LOCAL, PATH, WriterLog(writer).upload(run))

    log("w1", START + 1 * SECOND, None)
    assert services.runs.get(LOCAL, PATH).user is None
    log("w2", START + 3 * SECOND, "carl")
    assert services.runs.get(LOCAL, PATH).user == "carl"
    log("w3", START + 2 * SECOND, "bo\0b")
    log("w4", START + 4 * SECOND, "dora")
    assert services.runs.get(LOCAL, PATH).user == "bo\ufffdb"


def test_a_wrong_position_changes_nothing(services: Services) -> None:
    log = WriterLog("w1")
    first = log.upload(RUN)
    services.ingest.apply_upload(LOCAL, PATH, first)
    log.position += 50
    with pytest.raises(PositionConflict) as caught:
        services.ingest.apply_upload(LOCAL, PATH, log.upload(Config(START, [(["lr"], 1)])))
    assert caught.value.position == 100
    assert services.runs.get(LOCAL, PATH).config == {}
    with pytest.raises(PositionConflict):
        services.ingest.apply_upload(LOCAL, PATH, first)
    unknown = RunPath("local", "mnist", "other")
    with pytest.raises(PositionConflict) as caught:
        services.ingest.apply_upload(LOCAL, unknown, log.upload(RUN))
    assert caught.value.position == 0
    with pytest.raises(NotFound):
        services.runs.get(LOCAL, unknown)


def test_an_edit_survives_an_older_record(services: Services, clock: Clock) -> None:
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN))
    clock.forward(10)
    edit = RunEdit(
        name="by hand", tags=["x"], config=ConfigEdit(set=[(["lr"], 5)], removed=[["gone"]])
    )
    services.runs.edit(LOCAL, PATH, edit)
    late = WriterLog("w2").upload(
        Run("ab12cd34", "mnist", name="by script", tags=["y"], notes="kept", start_micros=START),
        Config(START + SECOND, [(["lr"], 1), (["gone"], 1), (["depth"], 2)]),
    )
    services.ingest.apply_upload(LOCAL, PATH, late)
    info = services.runs.get(LOCAL, PATH)
    assert (info.name, info.tags, info.notes) == ("by hand", ["x"], "kept")
    assert info.config == {"lr": 5, "depth": 2}


def test_a_changed_run_record_changes_only_what_differs(services: Services, clock: Clock) -> None:
    log = WriterLog("w1")
    first = Run("ab12cd34", "mnist", name="first", tags=["a"], start_micros=START, micros=START)
    services.ingest.apply_upload(LOCAL, PATH, log.upload(first))
    clock.forward(5)
    services.runs.edit(LOCAL, PATH, RunEdit(name="by hand"))
    changed = Run("ab12cd34", "mnist", name="first", start_micros=START, micros=START + 9 * SECOND)
    services.ingest.apply_upload(LOCAL, PATH, log.upload(changed))
    info = services.runs.get(LOCAL, PATH)
    assert (info.name, info.tags) == ("by hand", [])


def test_two_edits_at_one_moment_keep_their_order(services: Services) -> None:
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w1").upload(RUN))
    for name in ("one", "two", "three"):
        config = ConfigEdit(set=[(["name"], name)])
        info = services.runs.edit(LOCAL, PATH, RunEdit(name=name, config=config))
        assert (info.name, info.config) == (name, {"name": name})


def test_the_summary_outlives_a_restart(tmp_path: Path, clock: Clock) -> None:
    services = open_services(tmp_path, now=clock)  # whose jobs write summaries at the end
    log = WriterLog("w1")
    rows = [{"loss": 1.0, "text": "a"}, {"loss": 2, "flag": True}]
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, rows=rows))
    expected = {"loss": 2, "text": "a", "flag": True}
    assert services.runs.get(LOCAL, PATH).summary == expected
    again = reopen(services, tmp_path, clock)
    assert again.runs.get(LOCAL, PATH).summary == expected
    again.close()


def test_system_samples_are_no_summary(services: Services) -> None:
    log = WriterLog("w1")
    rows = [{"system.cpu": 50.0}]
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, rows=rows, system=True))
    assert services.runs.get(LOCAL, PATH).summary == {}
    assert [info.key for info in services.metrics.list(LOCAL, PROJECT).metrics] == ["system.cpu"]
    assert services.history.rows(LOCAL, PATH).rows == []


def test_clock_offsets_are_set_live_and_kept(services: Services, clock: Clock) -> None:
    off = OffsetBounds(-60 * SECOND, -60 * SECOND)
    ahead = WriterLog("w1", anchor=START + 60 * SECOND)
    upload = ahead.upload(RUN, rows=[{"a": 1.0}], offset_bounds=off)
    services.ingest.apply_upload(LOCAL, PATH, upload)
    late = WriterLog("w2", anchor=START + 60 * SECOND)
    upload = late.upload(RUN, rows=[{"b": 1.0}], live=False)
    services.ingest.apply_upload(LOCAL, PATH, upload)
    rows = services.history.rows(LOCAL, PATH).rows
    stamps = {key: row["_timestamp"] for row in rows for key in ("a", "b") if key in row}
    assert stamps == {"a": START / SECOND, "b": START / SECOND + 60}
    info = services.runs.get(LOCAL, PATH)
    assert any("clock of box" in warning for warning in info.warnings)


def test_beats_keep_a_run_running_and_carry_stop(services: Services, clock: Clock) -> None:
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN))
    clock.forward(10)
    beat = services.ingest.note_heartbeat(LOCAL, PATH, "w1", position=100)
    assert (beat.position, beat.stop) == (100, False)
    assert services.runs.get(LOCAL, PATH).heartbeat_micros == clock()
    services.runs.stop(LOCAL, PATH)
    assert services.ingest.note_heartbeat(LOCAL, PATH, "w1", position=100).stop
    upload = log.upload(Exit(clock(), 255, "killed"), live=False)
    assert not services.ingest.apply_upload(LOCAL, PATH, upload).stop
    info = services.runs.get(LOCAL, PATH)
    assert (info.state, info.exit_code, info.ended_micros) == ("killed", 255, clock())
    with pytest.raises(Conflict):
        services.runs.stop(LOCAL, PATH)


def test_a_beat_of_an_unknown_log_asks_for_it(services: Services) -> None:
    with pytest.raises(PositionConflict) as caught:
        services.ingest.note_heartbeat(LOCAL, PATH, "w1", position=500)
    assert caught.value.position == 0


def test_a_beat_is_told_where_the_log_truly_ends(
    services: Services, tmp_path: Path, clock: Clock
) -> None:
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, rows=[{"loss": 1.0}]))
    for service in (services, reopen(services, tmp_path, clock)):
        if service is services:
            continue
        for position in (100, 300):  # as after a restore, or as a client that lost its marker
            with pytest.raises(PositionConflict) as caught:
                service.ingest.note_heartbeat(LOCAL, PATH, "w1", position=position)
            assert caught.value.position == 200
        upload = log.upload(rows=[{"loss": 2.0}])
        service.ingest.apply_upload(LOCAL, PATH, upload)
        beat = service.ingest.note_heartbeat(LOCAL, PATH, "w1", position=300)
        assert beat.position == 300
        service.close()


def test_an_empty_upload_of_a_dead_writer_is_no_beat(services: Services, clock: Clock) -> None:
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN))
    began = clock()
    clock.forward(10)
    services.ingest.note_heartbeat(LOCAL, PATH, "w1", position=100, live=False)
    assert services.runs.get(LOCAL, PATH).heartbeat_micros == began


def test_refused_records_are_counted_once_and_shown(
    services: Services, tmp_path: Path, clock: Clock
) -> None:
    def refused(log: WriterLog, *positions: int) -> Upload:
        upload = log.upload(RUN)
        upload.refused = [(position, f"reason {position}") for position in positions]
        return upload

    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, refused(log, 40, 90, 100))
    # A kill between metadata and metrics has the client send the same bytes once more.
    upload = refused(log, 150)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest_service, "append_rows", not_appended)
        services.ingest.apply_upload(LOCAL, PATH, upload)
    services.ingest.apply_upload(LOCAL, PATH, upload)
    for service in (services, reopen(services, tmp_path, clock)):
        if service is services:
            continue
        warnings = service.runs.get(LOCAL, PATH).warnings
        assert warnings == ["4 records of the log were refused: reason 40"]
        service.close()


def test_silence_counts_only_while_the_server_is_up(
    services: Services, tmp_path: Path, clock: Clock
) -> None:
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w1").upload(RUN))
    clock.forward(299)
    services.background.refresh_states()
    assert services.runs.get(LOCAL, PATH).state == "running"
    services.close()
    clock.forward(3600)
    again = open_services(tmp_path, now=clock)
    again.background.resume()
    clock.forward(299)
    again.background.refresh_states()
    assert again.runs.get(LOCAL, PATH).state == "running"
    clock.forward(2)
    again.background.refresh_states()
    info = again.runs.get(LOCAL, PATH)
    assert (info.state, info.ended_micros) == ("crashed", START)
    again.close()


def test_a_later_traceback_replaces_the_reason_and_output_is_searched_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_searches = 0

    def count(*args: Any) -> PrintedError | None:
        nonlocal n_searches
        n_searches += 1
        return printed_error(*args)

    monkeypatch.setattr(run_states, "printed_error", count)
    log = WriterLog("w1")
    n_lines = 0

    def print_lines(*texts: str, ended: Exit | None = None) -> str | None:
        nonlocal n_lines
        upload = log.upload(ended) if ended else log.upload(rows=[{"a": 1.0}])
        upload.console = [
            ConsoleLine("stderr", n_lines + n, START, text) for n, text in enumerate(texts)
        ]
        n_lines += len(texts)
        services.ingest.apply_upload(LOCAL, PATH, upload)
        return services.runs.get(LOCAL, PATH).reason

    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN))
    assert print_lines("error: no space left") is None
    assert print_lines(ended=Exit(START + SECOND, 1)) == "error: no space left"
    for _ in range(3):
        services.ingest.note_heartbeat(LOCAL, PATH, "w1", position=log.position)
        print_lines()
    assert n_searches == 1
    trace = "Traceback (most recent call last):", '  File "a.py"'
    assert print_lines(*trace) == "error: no space left"
    assert print_lines("KeyError: 'x'") == "KeyError: 'x'"
    assert print_lines("error: rank 3 is gone", *["bye"] * 500) == "KeyError: 'x'"
    assert print_lines("error: rank 4 is gone") == "KeyError: 'x'"
    assert print_lines(*trace, "OSError: y") == "OSError: y"
    assert n_searches == 6


def test_a_run_synced_late_was_never_running(services: Services, clock: Clock) -> None:
    clock.forward(86400)
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, rows=[{"a": 1.0}], live=False))
    assert services.runs.get(LOCAL, PATH).state == "pending"
    upload = log.upload(Exit(START + 50 * SECOND, 0), live=False)
    services.ingest.apply_upload(LOCAL, PATH, upload)
    info = services.runs.get(LOCAL, PATH)
    assert (info.state, info.exit_code, info.ended_micros, info.heartbeat_micros) == (
        "finished", 0, START + 50 * SECOND, None,
    )  # fmt: skip


def test_a_deleted_run_stays_deleted(services: Services, tmp_path: Path, clock: Clock) -> None:
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, rows=[{"loss": 1.0}]))
    services.runs.delete(LOCAL, PATH)
    for service in (services, reopen(services, tmp_path, clock)):
        if service is not services:
            for late in (log.upload(rows=[{"loss": 2.0}]), WriterLog("w2").upload(RUN)):
                with pytest.raises(Gone):
                    service.ingest.apply_upload(LOCAL, PATH, late)
            with pytest.raises(Gone):
                service.ingest.note_heartbeat(LOCAL, PATH, "w1", position=1)
            with pytest.raises(Gone):
                service.runs.get(LOCAL, PATH)
            assert service.runs.list(LOCAL, PROJECT).total == 0
            assert service.metrics.list(LOCAL, PROJECT).metrics == []
            service.close()


def test_a_project_of_a_deleted_ones_name_is_welcome(services: Services, tmp_path: Path) -> None:
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w1").upload(RUN, rows=[{"loss": 1.0}]))
    services.projects.delete(LOCAL, PROJECT, permanently=True)
    assert list((tmp_path / "metrics").glob("*.db*")) == []
    with pytest.raises(NotFound):
        services.projects.get(LOCAL, PROJECT)
    with pytest.raises(Gone):
        services.ingest.apply_upload(LOCAL, PATH, WriterLog("w1").upload(RUN))
    new = RunPath("local", "mnist", "new")
    services.ingest.apply_upload(LOCAL, new, WriterLog("w1").upload(Run("new", "mnist")))
    assert services.runs.list(LOCAL, PROJECT).total == 1


def test_deleting_a_metric_leaves_the_others(services: Services) -> None:
    log = WriterLog("w1")
    rows = [{"loss": 1.0, "acc": 0.5}, {"loss": 2.0}]
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, rows=rows))
    services.metrics.delete(LOCAL, PATH, "loss")
    assert services.runs.get(LOCAL, PATH).summary == {"acc": 0.5}
    assert [info.key for info in services.metrics.list(LOCAL, PROJECT).metrics] == ["acc"]
    with pytest.raises(NotFound):
        services.metrics.delete(LOCAL, PATH, "loss")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 9.0}], secs=5))
    assert services.runs.get(LOCAL, PATH).summary == {"acc": 0.5, "loss": 9.0}


def test_series_and_history_read_points_back(services: Services) -> None:
    rows = [{"loss": float(i)} for i in range(10)]
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w1").upload(RUN, rows=rows))
    query = PanelQuery(runs=["ab12cd34", "missing"], keys=["loss"])
    (panel,) = services.series.panels(LOCAL, PROJECT, [query])
    assert [curve.series.count.sum() for curve in panel.drawn] == [10]
    assert [curve.origin_micros for curve in panel.drawn] == [START]
    page = services.history.rows(LOCAL, PATH, limit=4)
    seen = page.rows
    while page.cursor is not None:
        page = services.history.rows(LOCAL, PATH, limit=4, cursor=page.cursor)
        seen += page.rows
    assert [(row["_step"], row["_runtime"], row["loss"]) for row in seen] == [
        (i, float(i), float(i)) for i in range(10)
    ]


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_whole_steps_are_ints_whatever_was_uploaded_with_them(
    services: Services, limit: int
) -> None:
    log = WriterLog("w1")
    expected = [0, 1, 2, 2.5, 3, 10.5, 20, -4]
    for first, steps in ((0, [0, 1]), (2, [2.0, 2.5, 3.0]), (5, [10.5, 20.0, -4.0])):
        upload = log.upload(
            *([RUN] if first == 0 else []), rows=[{"loss": 1.0}] * len(steps), secs=first
        )
        (segment,) = upload.segments
        segment.rows.steps = np.array(steps)
        services.ingest.apply_upload(LOCAL, PATH, upload)
    seen: list[object] = []
    cursor: str | None = None
    while True:
        page = services.history.rows(LOCAL, PATH, limit=limit, cursor=cursor)
        seen += [row["_step"] for row in page.rows]
        cursor = page.cursor
        if cursor is None:
            break
    assert [(step, type(step)) for step in seen] == [
        (step, type(step)) for step in sorted(expected)
    ]


def test_runtime_goes_on_after_a_pause(services: Services, clock: Clock) -> None:
    log = WriterLog("w1")
    end = Exit(START + 10 * SECOND, 1)
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, end, rows=[{"a": 1.0}], secs=8))
    assert services.runs.get(LOCAL, PATH).state == "failed"
    clock.forward(1000)
    resumed = WriterLog("w2", anchor=clock())
    record = Run("ab12cd34", "mnist", start_micros=clock(), resume="must", micros=clock())
    services.ingest.apply_upload(LOCAL, PATH, resumed.upload(record, rows=[{"a": 2.0}], secs=1))
    info = services.runs.get(LOCAL, PATH)
    assert (info.state, info.exit_code, info.started_micros) == ("running", None, START)
    rows = services.history.rows(LOCAL, PATH).rows
    assert sorted(row["_runtime"] for row in rows) == [8.0, 11.0]
    services.ingest.apply_upload(
        LOCAL, PATH, resumed.upload(Exit(clock() + SECOND, 0), live=False)
    )
    assert services.runs.get(LOCAL, PATH).state == "finished"


@pytest.mark.parametrize("code", [0, 3])
def test_a_resumed_life_that_comes_with_its_end_moves_the_end_of_the_run(
    services: Services, clock: Clock, code: int
) -> None:
    log = WriterLog("w1")
    end = Exit(START + 10 * SECOND, code)
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, end, rows=[{"a": 1.0}], secs=8))
    clock.forward(1000)
    resumed = WriterLog("w2", anchor=clock())
    record = Run("ab12cd34", "mnist", start_micros=clock(), resume="must", micros=clock())
    exit_micros = clock() + 5 * SECOND
    clock.forward(6)
    again = resumed.upload(record, Exit(exit_micros, code and 4), rows=[{"a": 2.0}], secs=1)
    services.ingest.apply_upload(LOCAL, PATH, again)
    info = services.runs.get(LOCAL, PATH)
    assert info.state == ("failed" if code else "finished")
    assert (info.ended_micros, info.exit_code) == (exit_micros, code and 4)


def test_preempting_shows_while_running_and_after(services: Services, clock: Clock) -> None:
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, Preempting(START)))
    assert services.runs.get(LOCAL, PATH).state == "preempting"
    clock.forward(301)
    services.background.refresh_states()
    assert services.runs.get(LOCAL, PATH).state == "preempted"


@at_length
def test_a_config_beyond_its_limit_is_refused_in_part_and_the_run_says_so(
    services: Services,
) -> None:
    ten_mb = ["x" * 10**6] * 10
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, Config(START, [(["lr"], 0.1)])))
    for number in range(4):
        values = [([f"large{number}"], ten_mb), ([f"small{number}"], number)]
        services.ingest.apply_upload(LOCAL, PATH, log.upload(Config(START + number, values)))
    run = services.runs.get(LOCAL, PATH)
    assert sorted(run.config) == [
        "large0",
        "large1",
        "large2",
        "lr",
        *map("small{}".format, range(4)),
    ]
    (warning,) = run.warnings
    assert warning.startswith("1 record of the log was refused: with it, the config of the run")
    assert "more than 32 MB" in warning
    # a value that is replaced makes room, and the summary has a limit of its own
    smaller = Config(START + 10, [(["large0"], 1), (["large3"], ten_mb)])
    summary = Summary(START + 10, [(["best"], ten_mb)])
    services.ingest.apply_upload(LOCAL, PATH, log.upload(smaller, summary))
    run = services.runs.get(LOCAL, PATH)
    assert (run.config["large0"], run.config["large3"]) == (1, ten_mb)
    assert run.summary["best"] == ten_mb
    assert run.warnings == [warning]


def test_long_texts_of_a_run_are_cut_and_short_in_lists(services: Services) -> None:
    notes = "n" * (2 * 2**20)
    tags = [f"t{number}" for number in range(1001)]
    log = WriterLog("w1")
    values = [(["list"], ["é" * 100] * 100), (["text"], "ab\0" * 5000), (["short"], [1, "é"])]
    run = Run("ab12cd34", "mnist", start_micros=START, micros=START, notes=notes, tags=tags)
    services.ingest.apply_upload(LOCAL, PATH, log.upload(run, Config(START, values)))
    whole = services.runs.get(LOCAL, PATH)
    assert (whole.notes, whole.tags) == (notes[: 2**20], tags[:1000])
    (warning,) = whole.warnings
    assert "its notes and tags were cut: texts have at most 1 MB" in warning
    assert whole.config == {"list": ["é" * 100] * 100, "text": "ab\0" * 5000, "short": [1, "é"]}
    (listed,) = services.runs.list(LOCAL, PROJECT).runs
    assert listed.truncated
    assert listed.config["short"] == [1, "é"]
    assert [len(listed.config[name]) for name in ("list", "text")] == [1000, 1000]
