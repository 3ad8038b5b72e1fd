"""Deletion, the trash and undelete, of runs and projects: nothing is lost, nothing comes back."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from service_uploads import Clock, WriterLog
from weft.errors import Conflict, Gone, NotFound
from weft.records.record import Config, MetricDefinition, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services
from weft.server.services.removal.purging import resume_deletions
from weft.server.services.removal.trash import expire
from weft.server.storage.contract import SeriesQuery
from weft.wire.projects.projects import ProjectEdit
from weft.wire.runs.runs import ConfigEdit, RunEdit

PROJECT = ProjectPath("local", "p")

PATH = RunPath("local", "p", "ab12cd34")
CHILD = RunPath("local", "p", "child")
DAY = 86_400


def log_run(services: Services, path: RunPath, writer: str = "w1", **values: Any) -> WriterLog:
    log = WriterLog(writer)
    row = values or {"loss": 1.0}
    run = Run(path.run, path.project, tags=["kept"], notes="why")
    config = Config(0, [(["lr"], 0.1)])
    definition = MetricDefinition("loss", summary=["min"])
    services.ingest.apply_upload(LOCAL, path, log.upload(run, config, definition, rows=[row, row]))
    return log


def fork(services: Services, path: RunPath, parent: RunPath) -> None:
    run = Run(path.run, path.project, sources=[(parent.run, "w1", 1)])
    services.ingest.apply_upload(LOCAL, path, WriterLog("w2").upload(run))


def losses(services: Services, path: RunPath) -> list[Any]:
    return [row["loss"] for row in services.history.rows(LOCAL, path).rows]


def listed(services: Services, project: str = "p") -> list[str]:
    return [run.id for run in services.runs.list(LOCAL, ProjectPath("local", project)).runs]


def by_run(services: Services) -> dict[str, int]:
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        return store.usage().by_run


def test_a_deleted_run_is_nowhere_and_an_undeleted_one_as_it_was(services: Services) -> None:
    log = log_run(services, PATH)
    before = services.runs.get(LOCAL, PATH)
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        keys = store.keys()
    services.runs.delete(LOCAL, PATH)
    assert listed(services) == []
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        assert store.series(SeriesQuery([PATH.run], ["loss"])) == []
        assert store.keys() == {}
    for ask in (services.runs.get, services.history.rows, services.runs.writers):
        with pytest.raises(Gone):
            ask(LOCAL, PATH)
    with pytest.raises(Gone):
        services.runs.edit(LOCAL, PATH, RunEdit(name="x"))
    with pytest.raises(Gone):
        services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 2.0}]))
    with pytest.raises(Gone):
        services.runs.delete(LOCAL, PATH)
    assert services.runs.undelete(LOCAL, PATH)
    assert services.runs.get(LOCAL, PATH) == before
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        assert store.keys() == keys
    assert losses(services, PATH) == [1.0, 1.0]


def test_an_undeleted_run_takes_uploads_where_they_ended(services: Services) -> None:
    log = log_run(services, PATH)
    services.runs.delete(LOCAL, PATH)
    services.runs.undelete(LOCAL, PATH)
    position = services.ingest.position(LOCAL, PATH, "w1")
    assert position is not None
    assert position.position == log.position
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 0.5}], secs=60))
    assert losses(services, PATH) == [1.0, 1.0, 0.5]
    assert services.runs.get(LOCAL, PATH).summary["loss"]["min"] == 0.5


def test_undelete_of_a_run_that_is_there_changes_nothing(services: Services) -> None:
    log_run(services, PATH)
    assert services.runs.undelete(LOCAL, PATH)
    assert losses(services, PATH) == [1.0, 1.0]
    with pytest.raises(NotFound):
        services.runs.undelete(LOCAL, CHILD)


def test_once_the_trash_is_emptied_only_uploads_are_admitted(services: Services) -> None:
    log_run(services, PATH)
    services.runs.delete(LOCAL, PATH)
    assert services.trash.empty(LOCAL, PROJECT) == 1
    assert services.trash.list(LOCAL, PROJECT).total == 0
    assert by_run(services) == {}
    with pytest.raises(Gone):
        log_run(services, PATH, "w9")
    assert not services.runs.undelete(LOCAL, PATH)
    with pytest.raises(NotFound):
        services.runs.get(LOCAL, PATH)
    log_run(services, PATH, "w1", acc=0.5)
    (row, _) = services.history.rows(LOCAL, PATH).rows
    assert (row["acc"], "loss" in row) == (0.5, False)


def test_a_run_deleted_for_good_gives_its_space_back_at_once(
    services: Services, tmp_path: Path
) -> None:
    log_run(services, CHILD)
    project_id = services.stores.find_project(PROJECT)
    small = services.stores.metrics.file_bytes(project_id)
    log = WriterLog("w1")
    noise = Random(0)
    rows = [{f"m{key}": noise.random() for key in range(50)} for _ in range(2000)]
    services.ingest.apply_upload(LOCAL, PATH, log.upload(Run(PATH.run, "p"), rows=rows))
    with services.stores.metrics.use(project_id) as store:
        store.compact(until_idle=True)
    large = services.stores.metrics.file_bytes(project_id)
    assert large > small + 400_000
    services.runs.delete(LOCAL, PATH)
    assert services.trash.list(LOCAL, PROJECT).n_bytes > 100_000
    assert services.stores.metrics.file_bytes(project_id) > small + 400_000
    services.runs.delete(LOCAL, PATH, permanently=True)
    assert services.stores.metrics.file_bytes(project_id) < small + 100_000
    assert losses(services, CHILD) == [1.0, 1.0]


def test_without_a_trash_a_deletion_is_for_good(tmp_path: Path) -> None:
    services = open_services(tmp_path, now=Clock(), trash_micros=0)
    log_run(services, PATH)
    services.runs.delete(LOCAL, PATH)
    assert services.trash.list(LOCAL, PROJECT).total == 0
    assert by_run(services) == {}
    services.close()


def test_the_trash_is_listed_last_deleted_first_in_pages(services: Services, clock: Clock) -> None:
    for number in range(5):
        path = RunPath("local", "p", f"run{number}")
        log_run(services, path, loss=1.0)
        clock.forward(1)
        services.runs.delete(LOCAL, path)
    ids: list[str] = []
    cursor = None
    while True:
        page = services.trash.list(LOCAL, PROJECT, limit=2, cursor=cursor)
        assert page.total == 5
        ids += [run.id for run in page.runs]
        cursor = page.cursor
        if cursor is None:
            break
    assert ids == [f"run{number}" for number in (4, 3, 2, 1, 0)]
    last = services.trash.list(LOCAL, PROJECT).runs[0]
    assert last.trashed_micros == clock.micros
    assert last.purge_micros == clock.micros + 30 * DAY * 1_000_000


def test_what_lay_in_the_trash_for_long_enough_goes(services: Services, clock: Clock) -> None:
    log_run(services, PATH)
    log_run(services, CHILD)
    services.runs.delete(LOCAL, PATH)
    clock.forward(20 * DAY)
    services.runs.delete(LOCAL, CHILD)
    while expire(services.stores):
        pass
    assert services.trash.list(LOCAL, PROJECT).total == 2
    clock.forward(11 * DAY)
    while expire(services.stores):
        pass
    assert [run.id for run in services.trash.list(LOCAL, PROJECT).runs] == ["child"]
    assert not services.runs.undelete(LOCAL, PATH)
    assert services.runs.undelete(LOCAL, CHILD)


@pytest.mark.parametrize("permanently", [False, True])
def test_a_deleted_parent_keeps_serving_its_forks(services: Services, permanently: bool) -> None:
    log_run(services, PATH)
    fork(services, CHILD, PATH)
    services.runs.delete(LOCAL, PATH, permanently=permanently)
    assert losses(services, CHILD) == [1.0, 1.0]
    if permanently:
        with pytest.raises(Conflict, match="forks"):
            services.runs.undelete(LOCAL, PATH)
        services.runs.delete(LOCAL, CHILD, permanently=True)
        assert by_run(services) == {}
        assert not services.runs.undelete(LOCAL, PATH)
    else:
        assert services.runs.undelete(LOCAL, PATH)
        assert losses(services, PATH) == [1.0, 1.0]


def test_a_fork_comes_back_with_its_lineage(services: Services) -> None:
    log_run(services, PATH)
    fork(services, CHILD, PATH)
    services.runs.delete(LOCAL, CHILD)
    services.runs.delete(LOCAL, PATH)
    services.runs.undelete(LOCAL, CHILD)
    assert losses(services, CHILD) == [1.0, 1.0]


def test_a_project_goes_and_comes_back_with_its_runs(services: Services) -> None:
    log = log_run(services, PATH)
    log_run(services, CHILD)
    services.runs.delete(LOCAL, CHILD)
    services.projects.put(LOCAL, PROJECT, ProjectEdit(description="mine"))
    services.projects.delete(LOCAL, PROJECT)
    assert services.projects.list(LOCAL) == []
    with pytest.raises(NotFound):
        services.projects.get(LOCAL, PROJECT)
    late = log.upload(rows=[{"loss": 2.0}], secs=60)
    with pytest.raises(Gone):
        services.ingest.apply_upload(LOCAL, PATH, late)
    with pytest.raises(Conflict, match="its project"):
        services.runs.undelete(LOCAL, PATH)
    (trashed,) = services.trash.list_projects(LOCAL)
    assert (trashed.project, trashed.n_runs, trashed.n_bytes > 0) == ("p", 1, True)
    back = services.projects.undelete(LOCAL, PROJECT)
    assert (back.description, back.n_runs) == ("mine", 1)
    assert losses(services, PATH) == [1.0, 1.0]
    with pytest.raises(Gone):
        services.runs.get(LOCAL, CHILD)
    assert services.runs.undelete(LOCAL, CHILD)
    services.ingest.apply_upload(LOCAL, PATH, late)
    assert losses(services, PATH) == [1.0, 1.0, 2.0]


def test_a_new_project_may_have_a_trashed_ones_name(services: Services) -> None:
    log = log_run(services, PATH)
    log_run(services, CHILD)
    services.runs.delete(LOCAL, CHILD)
    services.projects.delete(LOCAL, PROJECT)
    new = RunPath("local", "p", "new")
    log_run(services, new)
    assert listed(services) == ["new"]
    with pytest.raises(Gone):
        log_run(services, PATH, "w9")
    with pytest.raises(Conflict, match="another name"):
        services.projects.undelete(LOCAL, PROJECT)
    services.projects.undelete(LOCAL, PROJECT, name="old")
    assert listed(services, "old") == [PATH.run]
    assert listed(services) == ["new"]
    there = RunPath("local", "old", PATH.run)
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 3.0}], secs=60))
    assert losses(services, there) == [1.0, 1.0, 3.0]
    with pytest.raises(Gone):
        services.runs.get(LOCAL, RunPath("local", "old", CHILD.run))
    assert services.runs.undelete(LOCAL, RunPath("local", "old", CHILD.run))


def test_a_project_deleted_for_good_leaves_tombstones_and_no_file(
    services: Services, tmp_path: Path
) -> None:
    for again in range(2):
        log_run(services, RunPath("local", "p", f"run{again}"))
        services.projects.delete(LOCAL, PROJECT)
    services.projects.delete(LOCAL, PROJECT, permanently=True)
    assert len(services.trash.list_projects(LOCAL)) == 1
    assert services.trash.empty_projects(LOCAL) == 1
    assert list((tmp_path / "metrics").glob("*.db*")) == []
    with pytest.raises(NotFound):
        services.projects.delete(LOCAL, PROJECT, permanently=True)
    for again in range(2):
        with pytest.raises(Gone):
            log_run(services, RunPath("local", "p", f"run{again}"))


def test_projects_expire_with_their_files(
    services: Services, clock: Clock, tmp_path: Path
) -> None:
    log_run(services, PATH)
    services.projects.delete(LOCAL, PROJECT)
    clock.forward(31 * DAY)
    expire(services.stores)
    assert services.trash.list_projects(LOCAL) == []
    assert list((tmp_path / "metrics").glob("*.db")) == []


def test_what_a_kill_left_shown_is_hidden_at_the_next_start(
    services: Services, tmp_path: Path, clock: Clock
) -> None:
    log_run(services, PATH)
    project_id = services.stores.find_project(PROJECT)
    services.runs.delete(LOCAL, PATH)
    with services.stores.metrics.use(project_id) as store:
        store.show_runs([PATH.run])  # as if killed between metadata and metric file
    services.close()
    again = open_services(tmp_path, now=clock)
    again.background.stop()
    resume_deletions(again.stores)
    with again.stores.metrics.use(project_id) as store:
        assert store.keys() == {}
    assert again.runs.undelete(LOCAL, PATH)
    assert losses(again, PATH) == [1.0, 1.0]
    again.close()


def test_edits_of_group_job_type_and_summary_hold_after_the_end(services: Services) -> None:
    log = log_run(services, PATH)
    edit = RunEdit(
        group="g",
        job_type="eval",
        add_tags=["new", "kept"],
        remove_tags=["none"],
        summary=ConfigEdit(set=[(["best"], 7), (["loss"], 0.25)]),
    )
    run = services.runs.edit(LOCAL, PATH, edit)
    assert (run.group, run.job_type, run.tags) == ("g", "eval", ["kept", "new"])
    assert (run.summary["best"], run.summary["loss"]) == (7, 0.25)
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 9.0}], secs=60))
    assert services.runs.get(LOCAL, PATH).summary["loss"] == 0.25
    edit = RunEdit(summary=ConfigEdit(removed=[["best"], ["loss"]]), group=None)
    run = services.runs.edit(LOCAL, PATH, edit)
    assert (run.group, "best" in run.summary) == (None, False)


def test_a_deletion_changes_nothing_if_metadata_takes_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_run(services, PATH)

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patched:
        patched.setattr(services.stores.metadata.trash, "put_runs", fail)
        with pytest.raises(OSError, match="disk"):
            services.runs.delete(LOCAL, PATH)
    assert losses(services, PATH) == [1.0, 1.0]
