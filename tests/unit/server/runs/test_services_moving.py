"""Runs to another project: wholly, with their forks; their old paths lead to the new ones."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from service_uploads import Clock, WriterLog
from weft.errors import ConfigError, Gone, Moved, NotFound, Unavailable, WeftError
from weft.records.record import Config, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.opening.services import Services, open_services
from weft.server.services.removal import moving
from weft.server.services.removal.purging import resume_deletions
from weft.server.storage.contract import ConsoleLine
from weft.server.storage.metrics.schema import create_file
from weft.server.storage.metrics.upkeep.copying import COPIED, LEFT_OUT
from weft.wire.runs.bulk import BulkChange, MoveAction

PROJECT = ProjectPath("local", "a")

A = RunPath("local", "a", "ab12cd34")
B = RunPath("local", "b", "ab12cd34")
FORK = RunPath("local", "a", "fork")


def log_run(services: Services, path: RunPath, writer: str = "w1") -> WriterLog:
    log = WriterLog(writer)
    upload = log.upload(
        Run(path.run, path.project), Config(0, [(["lr"], 0.1)]), rows=[{"loss": 1.0}, {"loss": 2}]
    )
    upload.console = [ConsoleLine("stdout", 0, 5, "hello")]
    services.ingest.apply_upload(LOCAL, path, upload)
    return log


def fork_of(services: Services, path: RunPath, parent: RunPath) -> None:
    run = Run(path.run, path.project, sources=[(parent.run, "w1", 1)])
    services.ingest.apply_upload(LOCAL, path, WriterLog("w2").upload(run, rows=[{"acc": 1}]))


def move(services: Services, *runs: str, source: str = "a", to: str = "b") -> dict[str, str]:
    change = BulkChange(runs=list(runs), action=MoveAction(project=to))
    answer = services.bulk.apply_change(LOCAL, ProjectPath("local", source), change)
    assert answer.n_done + answer.n_failed == len(runs)
    return {failure.run: failure.code for failure in answer.failed}


def losses(services: Services, path: RunPath) -> list[Any]:
    rows = services.history.rows(LOCAL, path).rows
    return [row["loss"] for row in rows if "loss" in row]


def ids(services: Services, project: str) -> list[str]:
    return sorted(run.id for run in services.runs.list(LOCAL, ProjectPath("local", project)).runs)


def by_run(services: Services, project: str) -> dict[str, int]:
    with services.stores.metrics.use(
        services.stores.find_project(ProjectPath("local", project))
    ) as store:
        return store.usage().by_run


@pytest.mark.parametrize("compacted", [False, True])
def test_a_moved_run_is_whole_under_its_new_path(services: Services, compacted: bool) -> None:
    log = log_run(services, A)
    log_run(services, RunPath("local", "b", "other"), "w7")
    project_id = services.stores.find_project(PROJECT)
    if compacted:
        with services.stores.metrics.use(project_id) as store:
            store.compact(until_idle=True)
    before = services.runs.get(LOCAL, A)
    assert move(services, A.run) == {}
    after = services.runs.get(LOCAL, B)
    assert (after.project, after.config, after.summary) == ("b", before.config, before.summary)
    assert (losses(services, B), ids(services, "a")) == ([1.0, 2], [])
    assert by_run(services, "a") == {}
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        assert store.keys() == {}
    with services.stores.metrics.use(
        services.stores.find_project(ProjectPath("local", "b"))
    ) as store:
        (line,) = store.console(B.run, "w1", "stdout", 0, 9)
        assert line.text == "hello"
        kinds = {info.key: info.kinds for info in store.keys([B.run])[B.run]}
        assert kinds == {"loss": {"int", "float"}}
    services.ingest.apply_upload(LOCAL, A, log.upload(rows=[{"loss": 3.0}], secs=60))
    assert losses(services, B) == [1.0, 2, 3.0]
    assert services.runs.get(LOCAL, B).summary["loss"] == 3.0


def test_reads_of_the_old_path_are_told_the_new_one(services: Services) -> None:
    log_run(services, A)
    move(services, A.run)
    for ask in (services.runs.get, services.history.rows, services.runs.delete):
        with pytest.raises(Moved) as caught:
            ask(LOCAL, A)
        assert caught.value.path == str(B)
    move(services, A.run, source="b", to="c")
    with pytest.raises(Moved) as caught:
        services.runs.get(LOCAL, A)
    assert caught.value.path == "local/c/ab12cd34"
    move(services, A.run, source="c", to="a")
    assert losses(services, A) == [1.0, 2]
    with pytest.raises(Moved):
        services.runs.get(LOCAL, B)
    services.runs.delete(LOCAL, A, permanently=True)
    for path in (A, B):
        with pytest.raises(Gone):
            services.runs.get(LOCAL, path)


def test_beats_and_positions_follow_a_moved_run(services: Services) -> None:
    log = log_run(services, A)
    move(services, A.run)
    position = services.ingest.position(LOCAL, A, "w1")
    assert position is not None
    assert position.position == log.position
    beat = services.ingest.note_heartbeat(LOCAL, A, "w1", position=log.position)
    assert beat.position == log.position


def test_a_taken_id_is_refused(services: Services) -> None:
    log_run(services, A)
    log_run(services, B, "w9")
    assert move(services, A.run) == {A.run: "conflict"}
    assert losses(services, A) == [1.0, 2]
    services.runs.delete(LOCAL, B)
    assert move(services, A.run) == {A.run: "conflict"}
    services.runs.delete(LOCAL, B, permanently=True)
    assert move(services, A.run) == {A.run: "conflict"}
    services.runs.undelete(LOCAL, B)
    assert move(services, A.run) == {}
    assert losses(services, B) == [1.0, 2]


def test_moves_that_no_run_can_make_are_refused(services: Services) -> None:
    log_run(services, A)
    with pytest.raises(ConfigError, match="already"):
        move(services, A.run, to="a")
    with pytest.raises(WeftError, match="project"):
        move(services, A.run, to="no/name")
    with pytest.raises(NotFound):
        move(services, A.run, source="none")
    assert move(services, A.run, "none") == {"none": "not_found"}


def test_a_moved_parent_keeps_serving_the_forks_it_left(services: Services) -> None:
    log_run(services, A)
    fork_of(services, FORK, A)
    assert move(services, A.run) == {}
    assert (losses(services, FORK), losses(services, B)) == ([1.0, 2], [1.0, 2])
    services.runs.delete(LOCAL, FORK, permanently=True)
    assert by_run(services, "a") == {}
    assert losses(services, B) == [1.0, 2]


def test_a_moved_fork_takes_its_inherited_curve_along(services: Services) -> None:
    log_run(services, A)
    fork_of(services, FORK, A)
    assert move(services, "fork") == {}
    there = RunPath("local", "b", "fork")
    assert losses(services, there) == [1.0, 2]
    assert losses(services, A) == [1.0, 2]
    with pytest.raises(Moved) as caught:
        services.runs.get(LOCAL, B)
    assert caught.value.path == str(A)
    assert move(services, A.run) == {}
    assert (losses(services, there), losses(services, B)) == ([1.0, 2], [1.0, 2])
    services.runs.delete(LOCAL, B, permanently=True)
    assert losses(services, there) == [1.0, 2]
    services.runs.delete(LOCAL, there, permanently=True)
    assert by_run(services, "b") == {}


def test_parent_and_fork_move_together(services: Services) -> None:
    log_run(services, A)
    fork_of(services, FORK, A)
    assert move(services, "fork", A.run) == {}
    assert losses(services, RunPath("local", "b", "fork")) == [1.0, 2]
    assert losses(services, B) == [1.0, 2]
    assert by_run(services, "a") == {}
    assert move(services, "fork", source="b", to="a") == {}
    assert losses(services, FORK) == [1.0, 2]


def test_a_fork_whose_parents_id_is_anothers_there_stays(services: Services) -> None:
    log_run(services, A)
    fork_of(services, FORK, A)
    log_run(services, B, "w9")
    assert move(services, "fork") == {"fork": "conflict"}
    assert losses(services, FORK) == [1.0, 2]


def test_a_deleted_metric_stays_deleted_in_its_new_project(services: Services) -> None:
    log = log_run(services, A)
    services.metrics.delete(LOCAL, A, "loss")
    move(services, A.run)
    assert losses(services, B) == []
    services.ingest.apply_upload(LOCAL, A, log.upload(rows=[{"loss": 3.0}], secs=60))
    assert losses(services, B) == [3.0]


def test_uploads_during_a_move_wait_and_none_is_lost(services: Services) -> None:
    log = log_run(services, A)
    names = ["a", "b", "c"]
    stop = threading.Event()
    errors: list[BaseException] = []

    def go() -> None:
        try:
            here = 0
            while not stop.is_set():
                there = (here + 1) % 3
                assert move(services, A.run, source=names[here], to=names[there]) == {}
                here = there
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    for number in range(60):
        upload = log.upload(rows=[{"loss": float(number)}], secs=60 + number)
        while True:
            try:
                services.ingest.apply_upload(LOCAL, A, upload)
                break
            except Unavailable:
                stop.wait(0.002)
    stop.set()
    thread.join(30)
    assert errors == []
    existing = {project.project for project in services.projects.list(LOCAL)}
    (where,) = [name for name in names if name in existing and ids(services, name)]
    path = RunPath("local", where, A.run)
    assert losses(services, path)[2:] == [float(number) for number in range(60)]


def test_an_upload_goes_after_a_run_that_is_moved_on_meanwhile(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_run(services, A)
    move(services, A.run)
    registry = services.stores.registry
    find = registry.find_run
    moves = iter([("b", "c")])

    def find_too_early(path: RunPath) -> RunEntry | None:
        try:
            return find(path)
        except Moved:
            for source, to in moves:
                move(services, A.run, source=source, to=to)
            raise

    with monkeypatch.context() as patched:
        patched.setattr(registry, "find_run", find_too_early)
        services.ingest.apply_upload(LOCAL, A, log.upload(rows=[{"loss": 3.0}]))
    assert losses(services, RunPath("local", "c", A.run)) == [1.0, 2, 3.0]


def leave_as_it_is(_: object) -> None:
    """Instead of finishing: the server is dead."""


@pytest.mark.parametrize(("failing", "stop"), [("commit", "a"), ("end", "b")])
def test_what_a_kill_leaves_of_a_move_is_undone_or_finished(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, stop: str
) -> None:
    log_run(services, A)
    log_run(services, RunPath("local", "b", "other"), "w7")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(services.stores.metadata.moves, failing, die)
        patched.setattr(moving, "finish_moves", leave_as_it_is)
        with pytest.raises(KeyboardInterrupt):
            move(services, A.run)
    services.close()
    again = open_services(tmp_path, now=Clock())
    assert [project for project in ("a", "b") if A.run in ids(again, project)] == [stop]
    assert losses(again, RunPath("local", stop, A.run)) == [1.0, 2]
    again.background.stop()
    resume_deletions(again.stores)
    assert by_run(again, "b" if stop == "a" else "a").keys() <= {"other"}
    again.close()


def test_a_move_that_fails_is_undone(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_run(services, A)

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patched:
        patched.setattr(services.stores.metadata.moves, "commit", fail)
        with pytest.raises(OSError, match="disk"):
            move(services, A.run)
    services.ingest.apply_upload(LOCAL, A, log.upload(rows=[{"loss": 3.0}], secs=60))
    assert losses(services, A) == [1.0, 2, 3.0]
    assert by_run(services, "b") == {}
    assert move(services, A.run) == {}
    assert losses(services, B) == [1.0, 2, 3.0]


def test_every_table_of_a_metric_file_is_copied_or_left_out(tmp_path: Path) -> None:
    db = create_file(tmp_path / "m.db")
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    db.close()
    tables = {name for (name,) in rows if not name.startswith("sqlite_")}
    assert tables == COPIED | LEFT_OUT


def test_conflicts_name_what_is_in_the_way(services: Services) -> None:
    log_run(services, A)
    log_run(services, B, "w9")
    answer = services.bulk.apply_change(
        LOCAL, PROJECT, BulkChange(runs=[A.run], action=MoveAction(project="b"))
    )
    assert answer.failed[0].detail == "there is a run local/b/ab12cd34 already"
