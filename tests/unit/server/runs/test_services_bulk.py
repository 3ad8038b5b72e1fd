"""One action on many runs, deletion of metrics of many, and what all of it takes on disk."""

from __future__ import annotations

from random import Random

import pytest

from service_uploads import WriterLog
from weft.errors import ConfigError, Conflict, FilterError, LimitExceeded, Unavailable
from weft.records import record
from weft.records.record import Config, Exit
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services
from weft.server.services.runs import bulk, reversing
from weft.server.storage.metadata import RunRow, Transaction
from weft.wire.metrics.metrics import DeletedMetrics, MetricDeletion
from weft.wire.runs.bulk import (
    BulkAnswer,
    BulkChange,
    DeleteAction,
    EditAction,
    EditEachAction,
    StopAction,
    UndeleteAction,
    UndoAction,
)
from weft.wire.runs.runs import ConfigEdit, Run, RunEdit

PROJECT = ProjectPath("local", "p")


@pytest.fixture(autouse=True)
def runs(services: Services) -> None:
    for number in range(5):
        log_run(services, f"run{number}", number)


def log_run(services: Services, run: str, number: int, *, ended: bool = False) -> None:
    log = WriterLog("w1")
    records = [record.Run(run, "p", tags=["old"]), Config(0, [(["lr"], number)])]
    rows = [{"loss": 1.0, "acc": 0.5, "grad/a": 1.0}]
    services.ingest.apply_upload(LOCAL, path_of(run), log.upload(*records, rows=rows))
    if ended:
        services.ingest.apply_upload(LOCAL, path_of(run), log.upload(Exit(1, 0)))


def path_of(run: str) -> RunPath:
    return RunPath("local", "p", run)


def get(services: Services, run: str) -> Run:
    return services.runs.get(LOCAL, path_of(run))


def apply(
    services: Services,
    action: bulk.BulkAction,
    *runs: str,
    where: str | None = None,
    with_undo: bool = False,
) -> BulkAnswer:
    named = None if where else list(runs)
    change = BulkChange(runs=named, filter=where, action=action, with_undo=with_undo)
    return services.bulk.apply_change(LOCAL, PROJECT, change)


def take_back(services: Services, answer: BulkAnswer) -> BulkAnswer:
    assert answer.undo is not None
    return services.bulk.apply_change(
        LOCAL, PROJECT, BulkChange(action=UndoAction(undo=answer.undo))
    )


def codes(answer: BulkAnswer) -> dict[str, str]:
    return {failure.run: failure.code for failure in answer.failed}


def test_runs_are_edited_together_and_what_can_not_be_is_listed(services: Services) -> None:
    services.runs.delete(LOCAL, path_of("run4"))
    edit = EditAction(
        add_tags=["new"],
        remove_tags=["old"],
        notes="n",
        group="g",
        config=ConfigEdit(set=[(["seed"], 1)], removed=[["lr"]]),
        summary=ConfigEdit(set=[(["best"], 2)]),
    )
    answer = apply(services, edit, "run0", "run1", "run4", "none", "run0")
    assert (answer.n_done, answer.n_failed) == (2, 2)
    assert codes(answer) == {"run4": "gone", "none": "not_found"}
    for run in ("run0", "run1"):
        info = get(services, run)
        assert (info.tags, info.notes, info.group) == (["new"], "n", "g")
        assert (info.config, info.summary["best"]) == ({"seed": 1}, 2)
    assert get(services, "run2").tags == ["old"]


def test_an_edit_of_many_is_undone_by_the_edits_that_it_answers(services: Services) -> None:
    first = EditAction(
        notes="n",
        group="g",
        config=ConfigEdit(
            set=[(["opt"], {"lr": 0.1, "big": 2**70, "l": [1]}), (["a.b"], 1), (["op"], 5)]
        ),
    )
    apply(services, first, "run0")
    numbers = [(["nan"], float("nan")), (["seed"], 2**53 + 1), (["beta"], 3.0), (["l"], [1.0])]
    apply(services, EditAction(config=ConfigEdit(set=numbers)), "run1")
    runs = ["run0", "run1", "run2"]
    before = [get(services, run) for run in runs]
    edit = EditAction(
        name="same",
        add_notes="and this",
        group=None,
        job_type="eval",
        color=3,
        add_tags=["new", "old"],
        config=ConfigEdit(
            set=[
                (["opt", "lr"], 1),
                (["lr", "inner"], 2),
                (["nan"], 0),
                (["a.b"], None),
                (["seed"], 1),
                (["beta"], 1),
                (["l"], 1),
            ],
            removed=[["opt", "l"]],
        ),
    )
    answer = apply(services, edit, *runs, "none", with_undo=True)
    assert (answer.n_done, codes(answer)) == (3, {"none": "not_found"})
    assert get(services, "run0").notes == "n\n\nand this"
    assert get(services, "run1").notes == "and this"
    assert get(services, "run0").config["opt"]["lr"] == 1
    assert get(services, "run2").config["lr"] == {"inner": 2}
    # Tags that others change meanwhile stay.
    apply(services, EditAction(add_tags=["theirs"]), "run0")
    back = take_back(services, answer)
    assert (back.n_done, back.n_failed, back.undo) == (3, 0, None)
    after = [get(services, run) for run in runs]
    assert after[0].tags == ["old", "theirs"]
    for earlier, later in zip(before, after, strict=True):
        for field in ("name", "notes", "group", "job_type", "color"):
            assert getattr(earlier, field) == getattr(later, field), field
        assert str(earlier.config) == str(later.config)
    assert [run.tags for run in before[1:]] == [run.tags for run in after[1:]]


def test_runs_are_renamed_each_in_its_own_way(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [get(services, run).name for run in ("run0", "run1")]
    edits = {run: RunEdit(name=f"{run}-new") for run in ("run0", "run1", "none")}
    change = BulkChange(action=EditEachAction(edits=edits), with_undo=True)
    answer = services.bulk.apply_change(LOCAL, PROJECT, change)
    assert (answer.n_done, codes(answer)) == (2, {"none": "not_found"})
    assert [get(services, run).name for run in ("run0", "run1")] == ["run0-new", "run1-new"]
    assert take_back(services, answer).n_done == 2
    assert [get(services, run).name for run in ("run0", "run1")] == names
    services.bulk.apply_change(LOCAL, PROJECT, change)
    for bad in (
        BulkChange(action=UndoAction(undo="")),
        BulkChange(action=UndoAction(undo='{"run0": {"name": 1}}')),
        BulkChange(action=UndoAction(undo='{"run0": {"name": " "}}')),
        BulkChange(action=UndoAction(undo="[" * 100_000)),
        BulkChange(runs=["run0"], action=UndoAction(undo=answer.undo or "")),
        BulkChange(runs=["run0"], action=EditEachAction(edits=edits)),
        BulkChange(filter="state = running", action=EditEachAction(edits=edits)),
        BulkChange(
            action=EditEachAction(edits={"run0": RunEdit(name="x"), "run1": RunEdit(name=" ")})
        ),
        BulkChange(
            runs=["run0"],
            action=EditAction(summary=ConfigEdit(set=[(["best"], 1)])),
            with_undo=True,
        ),
        BulkChange(runs=["run0"], action=EditAction(notes="a", add_notes="b")),
    ):
        with pytest.raises(ConfigError):
            services.bulk.apply_change(LOCAL, PROJECT, bad)
    assert get(services, "run0").name == "run0-new"
    monkeypatch.setattr(reversing, "MAX_UNDO_CHARS", 300)
    assert apply(services, EditAction(notes="n"), "run0", with_undo=True).undo is not None
    answer = apply(services, EditAction(notes="n" * 400), "run0", with_undo=True)
    assert answer.undo is not None
    answer = apply(services, EditAction(notes="n"), "run0", with_undo=True)
    assert (answer.n_done, answer.undo) == (1, None)


def test_the_undo_of_a_group_that_failed_is_left_out(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "RUNS_PER_GROUP", 2)
    change = services.stores.metadata.runs.change

    def fail(tx: Transaction, row: RunRow, *rest: object, editor: str) -> None:
        if row.run == "run3":
            raise Unavailable("disk full")
        change(tx, row, *rest, editor=editor)

    monkeypatch.setattr(services.stores.metadata.runs, "change", fail)
    answer = apply(services, EditAction(name="x"), "run0", "run1", "run2", "run3", with_undo=True)
    assert answer.n_done == 2
    monkeypatch.undo()
    assert take_back(services, answer).n_done == 2
    assert "x" not in {get(services, run).name for run in ("run0", "run1")}


def test_a_filter_says_which_runs(services: Services) -> None:
    assert apply(services, DeleteAction(), where="config.lr >= 3").n_done == 2
    assert [run.id for run in services.trash.list(LOCAL, PROJECT).runs] == [
        "run4",
        "run3",
    ]
    assert apply(services, DeleteAction(), where="config.lr >= 3").n_done == 0
    assert apply(services, UndeleteAction(), where="config.lr = 3").n_done == 1
    assert get(services, "run3").config == {"lr": 3}


def test_a_running_run_is_stopped_and_one_that_has_ended_is_not(services: Services) -> None:
    log_run(services, "ended", 9, ended=True)
    answer = apply(services, StopAction(), "run0", "ended")
    assert (answer.n_done, codes(answer)) == (1, {"ended": "conflict"})
    applied = services.ingest.note_heartbeat(LOCAL, path_of("run0"), "w1", position=300)
    assert applied.stop


def test_a_group_is_one_transaction_and_the_next_is_another(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "RUNS_PER_GROUP", 2)
    calls = 0
    change = services.stores.metadata.runs.change

    def fail_in_the_second_group(*args: object, editor: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise Unavailable("disk full")
        change(*args, editor=editor)

    monkeypatch.setattr(services.stores.metadata.runs, "change", fail_in_the_second_group)
    answer = apply(services, EditAction(name="x"), *(f"run{number}" for number in range(5)))
    assert (answer.n_done, answer.n_failed) == (2, 3)
    assert set(codes(answer).values()) == {"unavailable"}
    monkeypatch.undo()
    assert [get(services, f"run{number}").name == "x" for number in range(5)] == [
        True, True, False, False, False
    ]  # fmt: skip
    left = EditAction(name="x")
    assert apply(services, left, *(f"run{number}" for number in range(5))).n_done == 5


def test_bad_actions_are_refused_before_anything_changes(services: Services) -> None:
    for action in (
        EditAction(name=" "),
        EditAction(tags=["a"], add_tags=["b"]),
        EditAction(add_tags=[""]),
        EditAction(notes="x" * 10_000_000),
        EditAction(config=ConfigEdit(set=[([], 1)])),
        EditAction(summary=ConfigEdit(removed=[[""]])),
    ):
        with pytest.raises(ConfigError):
            apply(services, action, "run0")
    with pytest.raises(ConfigError, match="give runs or a filter"):
        services.bulk.apply_change(LOCAL, PROJECT, BulkChange(action=DeleteAction()))
    with pytest.raises(LimitExceeded):
        apply(services, DeleteAction(), *(f"r{number}" for number in range(100_001)))
    with pytest.raises(FilterError):
        apply(services, DeleteAction(), where="nonsense >")
    assert services.runs.list(LOCAL, PROJECT).total == 5
    answer = apply(services, EditAction(add_tags=[str(n) for n in range(1000)]), "run0")
    assert codes(answer) == {"run0": "invalid"}


def test_pages_are_told_of_each_run_that_changed(services: Services) -> None:
    listener = services.live.subscribe(LOCAL, PROJECT)
    apply(services, EditAction(notes="n"), "run0", "run1")
    news = listener.take()
    assert news is not None
    change, _ = news
    assert {run: change_of_run.meta for run, change_of_run in change.runs.items()} == {
        "run0": True,
        "run1": True,
    }
    apply(services, DeleteAction(), "run2")
    news = listener.take()
    assert news is not None
    change, _ = news
    assert change.runs["run2"].keys is None
    listener.close()


def keys(services: Services, run: str) -> list[str]:
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        return [info.key for info in store.keys([run]).get(run, [])]


def test_metrics_of_many_runs_are_deleted_by_name_and_by_pattern(services: Services) -> None:
    def delete(**target: object) -> DeletedMetrics:
        deletion = MetricDeletion(**target)
        return services.metric_deletion.delete(LOCAL, PROJECT, deletion)

    deleted = delete(runs=["run0", "run1", "none"], keys=["loss", "never"])
    assert deleted == DeletedMetrics(n_runs=2, n_metrics=2)
    assert (keys(services, "run0"), "loss" in keys(services, "run2")) == (["acc", "grad/a"], True)
    assert "loss" not in get(services, "run0").summary
    deleted = delete(filter="config.lr >= 3", regex="^grad/|acc")
    assert deleted == DeletedMetrics(n_runs=2, n_metrics=4)
    assert keys(services, "run4") == ["loss"]
    assert delete(runs=["run4"], regex="^grad/") == DeletedMetrics(n_runs=0, n_metrics=0)
    with pytest.raises(ConfigError):
        delete(runs=["run0"])
    with pytest.raises(ConfigError):
        delete(keys=["loss"])
    with pytest.raises(ConfigError):
        delete(runs=["run0"], keys=["loss"], regex="a")
    with pytest.raises(FilterError):
        delete(runs=["run0"], regex="(")


def test_sizes_add_up_and_follow_what_is_deleted(services: Services) -> None:
    project_id = services.stores.find_project(PROJECT)
    noise = Random(0)
    rows = [{"wide": noise.random(), "thin": 1} for _ in range(5000)]
    upload = WriterLog("w1").upload(record.Run("large", "p"), rows=rows)
    services.ingest.apply_upload(LOCAL, path_of("large"), upload)
    fresh = services.sizes.run(LOCAL, path_of("large"))
    assert fresh.n_bytes == fresh.fresh_bytes > 10_000
    with services.stores.metrics.use(project_id) as store:
        store.compact(until_idle=True)
    sizes = services.sizes.run(LOCAL, path_of("large"))
    assert [metric.key for metric in sizes.metrics] == ["wide", "thin"]
    parts = sizes.fresh_bytes + sizes.console_bytes + sizes.shared_bytes + sizes.file_bytes
    assert sizes.n_bytes == parts + sum(metric.n_bytes for metric in sizes.metrics)
    assert (sizes.fresh_bytes, sizes.shared_bytes > 0) == (0, True)
    first = services.sizes.run(LOCAL, path_of("large"), limit=1)
    rest = services.sizes.run(LOCAL, path_of("large"), limit=1, cursor=first.cursor)
    assert (first.metrics + rest.metrics, rest.cursor) == (sizes.metrics, None)
    assert services.sizes.run(LOCAL, path_of("large"), search="THI").total == 1
    project = services.sizes.project(LOCAL, PROJECT, limit=2)
    assert (project.runs[0].id, project.runs[0].n_bytes) == ("large", sizes.n_bytes)
    assert (project.total, project.trash_bytes, project.cursor is None) == (6, 0, False)
    services.metrics.delete(LOCAL, path_of("large"), "wide")
    after = services.sizes.run(LOCAL, path_of("large"))
    assert after.n_bytes == sizes.n_bytes - sizes.metrics[0].n_bytes
    services.runs.delete(LOCAL, path_of("large"))
    project = services.sizes.project(LOCAL, PROJECT)
    assert (project.total, project.trash_bytes) == (5, after.n_bytes)
    services.trash.empty(LOCAL, PROJECT)
    assert services.sizes.project(LOCAL, PROJECT).trash_bytes == 0


def test_locked_runs_are_not_deleted_and_are_named(services: Services) -> None:
    ada = Actor("user", "ada", is_admin=True)
    services.runs.edit(ada, path_of("run1"), RunEdit(is_locked=True))
    locked = get(services, "run1")
    assert (locked.locked_by, locked.edited_by) == ("ada", "ada")
    answer = apply(services, DeleteAction(), "run0", "run1")
    assert (answer.n_done, [failure.run for failure in answer.failed]) == (1, ["run1"])
    assert "run1 is locked by ada: unlock it" in answer.failed[0].detail
    for is_final in (False, True):
        with pytest.raises(Conflict, match="locked by ada"):
            services.runs.delete(LOCAL, path_of("run1"), permanently=is_final)
    # an edit that says nothing of it leaves the lock, and filters know both columns
    services.runs.edit(LOCAL, path_of("run1"), RunEdit(name="new"))
    assert get(services, "run1").locked_by == "ada"
    assert get(services, "run1").edited_by == "local"
    where = "locked_by = ada and edited_by = local"
    assert apply(services, EditAction(is_locked=False), where=where).n_done == 1
    services.runs.delete(LOCAL, path_of("run1"))
