"""The same service calls give the same answers on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from at_length import engines_at_length
from service_uploads import START, Clock, WriterLog
from weft.errors import ConfigError, Gone, Moved
from weft.queries.filter_text import parse_filter
from weft.records.record import Alert, Config, Exit, MetricDefinition, Run, Summary
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.ingest.steps import SentUpload
from weft.server.services.opening.services import Services, open_services
from weft.server.services.selecting.types import RunSelection
from weft.wire.runs.bulk import BulkChange, EditAction, MoveAction
from weft.wire.runs.runs import ConfigEdit, RunEdit

PROJECT = ProjectPath("local", "p")


PATH = RunPath("local", "p", "ab12cd34")


@pytest.fixture
def services_with_jobs(url: str | None, tmp_path: Path, clock: Clock) -> Iterator[Services]:
    services = open_services(tmp_path, url, now=clock)
    yield services
    services.close()


def test_a_runs_life(services_with_jobs: Services, url: str | None, tmp_path: Path) -> None:
    log = WriterLog("w1")
    run = Run(PATH.run, "p", tags=["a"], start_micros=START)
    first = log.upload(
        run,
        Config(START, [(["model"], {"depth": 3, "text": "nul\0"}), (["big"], 2**63)]),
        Summary(START, [(["best"], float("-inf"))]),
        rows=[{"loss": 0.5}],
    )
    services_with_jobs.ingest.apply_upload(LOCAL, PATH, first)
    edit = RunEdit(name="by hand", config=ConfigEdit(set=[(["model", "depth"], 4)]))
    services_with_jobs.runs.edit(LOCAL, PATH, edit)
    services_with_jobs.ingest.apply_upload(
        LOCAL, PATH, log.upload(Exit(START + 5, 1), rows=[{"loss": 0.25}])
    )
    services_with_jobs.close()

    again = open_services(tmp_path, url, now=Clock())
    info = again.runs.get(LOCAL, PATH)
    assert (info.name, info.state, info.exit_code, info.tags) == ("by hand", "failed", 1, ["a"])
    assert info.config == {"model": {"depth": 4, "text": "nul\0"}, "big": 2**63}
    assert info.summary == {"best": float("-inf"), "loss": 0.25}
    selection = RunSelection(tree=parse_filter("state = failed"), search="HAND")
    page = again.runs.list(LOCAL, PROJECT, selection)
    assert [run.id for run in page.runs] == [PATH.run]
    again.runs.delete(LOCAL, PATH)
    with pytest.raises(Gone):
        again.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 1.0}]))
    again.projects.delete(LOCAL, PROJECT)
    assert again.projects.list(LOCAL) == []
    again.close()


def test_sql_has_the_same_tables_where_rows_are_shared(services: Services) -> None:
    log = WriterLog("w1")
    rows: list[dict[str, Any]] = [{"loss": 1 / (step + 1), "acc": step} for step in range(20)]
    services.ingest.apply_upload(
        LOCAL, PATH, log.upload(Run(PATH.run, "p", tags=["a"]), rows=rows)
    )

    def ask(query: str) -> list[list[Any]]:
        answer = services.sql.prepare(LOCAL, PROJECT, query).run()
        answer_rows: list[list[Any]] = json.loads(answer.body)["rows"]
        return answer_rows

    assert ask("SELECT count(*), sum(acc), min(loss), max(step) FROM history") == [
        [20, 190, 0.05, 19]
    ]
    assert ask("SELECT id, tags FROM runs") == [[PATH.run, ["a"]]]


def test_many_writers_make_one_run_at_once(services: Services) -> None:
    """They meet at the run's creation, at its rows, and at new paths; none is lost."""
    n_writers, n_uploads = 8, 5
    barrier = threading.Barrier(n_writers)
    errors: list[BaseException] = []

    def write(nth: int) -> None:
        log = WriterLog(f"w{nth}")
        other = RunPath("local", "p", f"own{nth}")
        own = WriterLog("w")
        try:
            barrier.wait()
            for i in range(n_uploads):
                start = [Run(PATH.run, "p", start_micros=START)] if i == 0 else []
                config = Config(START + i, [([f"k{i}", f"w{nth}"], i), (["same"], nth)])
                alert = Alert(START, f"{nth}-{i}", "")
                upload = log.upload(*start, config, alert, rows=[{f"m{nth}": float(i)}])
                services.ingest.apply_upload(LOCAL, PATH, upload)
                services.ingest.apply_upload(
                    LOCAL, other, own.upload(Run(f"own{nth}", "p"), config)
                )
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(nth,)) for nth in range(n_writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    info = services.runs.get(LOCAL, PATH)
    assert info.config == {
        **{f"k{i}": {f"w{nth}": i for nth in range(n_writers)} for i in range(n_uploads)},
        # The latest moment's, and of those the one of the writer whose name comes last.
        "same": n_writers - 1,
    }
    assert info.summary == {f"m{nth}": float(n_uploads - 1) for nth in range(n_writers)}
    runs = services.runs.list(LOCAL, PROJECT).runs
    # Runs made at once have different colours, too.
    assert sorted(run.color for run in runs) == list(range(1, n_writers + 2))
    assert sorted(run.id for run in runs) == sorted(
        [PATH.run, *(f"own{n}" for n in range(n_writers))]
    )


def test_what_no_database_takes_as_it_is(services: Services) -> None:
    """NUL bytes, endless nesting, odd keys and overlong names stall no writer."""
    deep: dict[str, object] = {}
    for _ in range(300):
        deep = {"a": deep}
    endless: list[object] = []
    for _ in range(3000):
        endless = [endless]
    log = WriterLog("w1", host="box\0", parent=None)
    run = Run(
        PATH.run, "p", name="n\0" * 400, notes="\0", tags=["\0"], group="\0", job_type="\0",
        start_micros=START, user="u\0" * 400,
    )  # fmt: skip
    config = Config(
        START,
        [
            (["nul\0key"], "\0"),
            (["deep"], deep),
            (["endless"], endless),
            (["keys"], {"_type": "x", (1, 2): 3}),
            (["k" * 2000], 1),
            ([], 2),
            (["ok"], 3),
        ],
    )
    upload = log.upload(
        run,
        config,
        MetricDefinition("m\0" * 2000),
        MetricDefinition("m\0", summary=["\0"]),
        Alert(START, "\0", "\0"),
        Exit(START, 2**63, "odd\0" * 10),
        rows=[{"nul\0key": "\0"}],
    )
    services.ingest.apply_upload(LOCAL, PATH, upload)
    info = services.runs.get(LOCAL, PATH)
    assert info.config["ok"] == 3
    assert info.config["nul\0key"] == "\0"
    assert info.summary == {"nul\0key": "\0"}
    assert len(info.name) == 512
    assert info.state == "failed"
    services.background.stop()
    services.metrics.delete(LOCAL, PATH, "nul\0key")


@engines_at_length("postgresql")
def test_a_fork_a_rewind_and_the_end_of_both(services: Services) -> None:
    log = WriterLog("w1")
    first = Run(PATH.run, "p", start_micros=START)
    services.ingest.apply_upload(
        LOCAL, PATH, log.upload(first, rows=[{"loss": 3.0}, {"loss": 2.0}])
    )
    fork = RunPath("local", "p", "fork")
    sources = [(PATH.run, "w1", 2**62), (PATH.run, "w1", 0.5)]
    later = Run(fork.run, "p", fork_run=PATH.run, fork_step=0.5, sources=sources)
    services.ingest.apply_upload(LOCAL, fork, WriterLog("w2").upload(later))

    def losses(path: RunPath) -> list[float]:
        return [row["loss"] for row in services.history.rows(LOCAL, path).rows]

    assert (losses(PATH), losses(fork)) == ([3.0, 2.0], [3.0])
    rewind = Run(PATH.run, "p", sources=[(PATH.run, "w1", -1)])
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w3").upload(rewind, rows=[{"loss": 9.0}]))
    kid = WriterLog("kid", parent="w1")
    services.ingest.apply_upload(LOCAL, PATH, kid.upload(first, rows=[{"loss": 8.0}]))
    assert (losses(PATH), losses(fork)) == ([9.0], [3.0])
    assert services.continuation.get(LOCAL, fork).sources == [
        (PATH.run, "w1", 0.5),
        ("fork", "w2", None),
    ]
    services.runs.delete(LOCAL, PATH, permanently=True)
    assert losses(fork) == [3.0]
    services.runs.delete(LOCAL, fork, permanently=True)
    with services.stores.metadata.read() as tx:
        assert services.stores.metadata.tombstones.projects_to_purge(tx) == []


def test_a_summary_is_the_same_on_each_database(
    services_with_jobs: Services, url: str | None, tmp_path: Path
) -> None:
    log = WriterLog("w1")
    rules = [
        MetricDefinition("loss", summary=["min", "mean"], micros=START),
        MetricDefinition("val/*", summary=["none"], micros=START),
    ]
    summary = Summary(START, [(["acc"], 0.9), (["best", "epoch"], 3)])
    rows = [{"loss": 3, "acc": 0.1, "val/x": 1}, {"loss": 1, "acc": 0.2, "gone": 1}]
    services_with_jobs.ingest.apply_upload(
        LOCAL, PATH, log.upload(Run(PATH.run, "p", start_micros=START), summary, *rules, rows=rows)
    )
    gone = Summary(START + 60_000_000, [], [["gone"]])
    services_with_jobs.ingest.apply_upload(LOCAL, PATH, log.upload(gone))
    expected = {"loss": {"min": 1, "mean": 2.0}, "acc": 0.9, "best": {"epoch": 3}}
    assert services_with_jobs.runs.get(LOCAL, PATH).summary == expected
    services_with_jobs.close()

    again = open_services(tmp_path, url, now=Clock())
    assert again.runs.get(LOCAL, PATH).summary == expected
    rewound = Run(PATH.run, "p", resume="rewind", fork_run=PATH.run, fork_step=0,
                  start_micros=START + 1, sources=[(PATH.run, "w1", 0)])  # fmt: skip
    second = WriterLog("w2", anchor=START + 99_000_000)
    again.ingest.apply_upload(LOCAL, PATH, second.upload(rewound, Alert(START, "look", "here")))
    info = again.runs.get(LOCAL, PATH)
    assert info.summary == {**expected, "loss": {"min": 3, "mean": 3.0}}
    assert info.fork is not None
    assert (info.fork.run, info.fork.step, info.n_alerts) == (PATH.run, 0, 1)
    assert [definition.name for definition in info.definitions] == ["loss", "val/*"]
    assert [alert.title for alert in again.runs.alerts(LOCAL, PATH).alerts] == ["look"]
    assert [writer.writer for writer in again.runs.writers(LOCAL, PATH).writers] == ["w1", "w2"]
    again.close()


def test_runs_are_counted_by_the_day_they_were_made(url: str | None, tmp_path: Path) -> None:
    clock = Clock()
    services = open_services(tmp_path, url, now=clock)
    day = 86_400_000_000
    for i, days_later in enumerate([0, 0, 1, 3]):
        clock.micros = START + days_later * day
        path = RunPath("local", "p" if i else "q", f"run{i}")
        log = WriterLog(f"w{i}")
        run = Run(path.run, path.project, start_micros=clock.micros)
        services.ingest.apply_upload(LOCAL, path, log.upload(run))
    services.runs.delete(LOCAL, RunPath("local", "p", "run2"))
    clock.micros = START + 3 * day + 5
    counts = {a.project: a.n_new_runs for a in services.projects.activity(LOCAL, 4)}
    assert counts == {"p": [1, 0, 0, 1], "q": [1, 0, 0, 0]}
    assert {a.project for a in services.projects.activity(LOCAL, 3)} == {"p"}
    services.close()


@engines_at_length("postgresql")
def test_a_run_is_created_when_it_began(url: str | None, tmp_path: Path) -> None:
    """However late it arrives; but a clock that is wrong puts no run ahead of its arrival."""
    clock = Clock()
    services = open_services(tmp_path, url, now=clock)
    day, now = 86_400_000_000, START + 30 * 86_400_000_000
    clock.micros = now

    def send(run: str, start_micros: int, writer: str = "w") -> None:
        log = WriterLog(f"{writer}-{run}", anchor=start_micros)
        record = Run(run, "p", start_micros=start_micros)
        services.ingest.apply_upload(
            LOCAL, PROJECT.run(run), log.upload(record, rows=[{"loss": 1.0}])
        )

    def newest_first(filter_text: str = "") -> list[str]:
        selection = RunSelection(tree=parse_filter(filter_text)) if filter_text else RunSelection()
        return [run.id for run in services.runs.list(LOCAL, PROJECT, selection).runs]

    send("live", now)
    clock.forward(60)
    send("future", now + 400 * day)
    send("synced", now - 5 * day)
    send("imported", now - 1000 * day)
    send("no-clock", 0)
    runs = {run.id: run for run in services.runs.list(LOCAL, PROJECT).runs}
    ages = {name: clock.micros - run.created_micros for name, run in runs.items()}
    assert ages == {
        "live": 60_000_000,
        "future": 0,
        "synced": 5 * day + 60_000_000,
        "imported": 1000 * day + 60_000_000,
        "no-clock": 0,
    }
    assert {name for name, run in runs.items() if run.arrived_micros == clock.micros} == {
        *("future", "synced", "imported", "no-clock")
    }
    assert runs["live"].arrived_micros == now
    assert newest_first() == ["no-clock", "future", "live", "synced", "imported"]
    assert newest_first("created > -7d") == ["no-clock", "future", "live", "synced"]
    assert newest_first("arrived > -30s") == ["no-clock", "future", "synced", "imported"]

    # the log of another rank, which began first, arrives last
    send("live", now - 10 * day, "other")
    assert newest_first() == ["no-clock", "future", "synced", "live", "imported"]
    assert newest_first("created > -7d") == ["no-clock", "future", "synced"]
    page = services.runs.list(LOCAL, PROJECT, RunSelection(limit=3))
    assert page.cursor is not None
    rest = services.runs.list(LOCAL, PROJECT, RunSelection(limit=3, cursor=page.cursor))
    assert [run.id for run in (*page.runs, *rest.runs)] == newest_first()
    services.close()
    again = open_services(tmp_path, url, now=clock)
    assert again.runs.get(LOCAL, PROJECT.run("live")).created_micros == now - 10 * day
    again.close()


@engines_at_length("postgresql")
def test_a_run_keeps_the_colour_that_its_project_gives_it(services: Services) -> None:
    """Each new run gets the next number; resuming, the trash and moves change none."""
    paths = [RunPath("local", "p", f"run{nth:02}") for nth in range(14)]
    logs = [WriterLog("w") for _ in paths]
    uploads = [
        (path, log.upload(Run(path.run, "p"))) for path, log in zip(paths, logs, strict=True)
    ]
    services.ingest.apply_uploads(
        LOCAL, [SentUpload(LOCAL, path, upload) for path, upload in uploads[:3]]
    )
    for path, upload in uploads[3:13]:
        services.ingest.apply_upload(LOCAL, path, upload)
    services.runs.delete(LOCAL, paths[12], permanently=True)
    services.ingest.apply_upload(LOCAL, *uploads[13])
    colors = {run.id: run.color for run in services.runs.list(LOCAL, PROJECT).runs}
    assert [colors[f"run{nth:02}"] for nth in (*range(12), 13)] == [*range(1, 13), 3]

    elsewhere = RunPath("local", "q", "first")
    services.ingest.apply_upload(LOCAL, elsewhere, WriterLog("w").upload(Run("first", "q")))
    assert services.runs.get(LOCAL, elsewhere).color == 1

    assert services.runs.edit(LOCAL, paths[4], RunEdit(color=11)).color == 11
    for color in (0, 13):
        with pytest.raises(ConfigError, match="1 to 12"):
            services.runs.edit(LOCAL, paths[4], RunEdit(color=color))
    resumed = WriterLog("w2").upload(Run("run04", "p", name="again", resume="allow"))
    services.ingest.apply_upload(LOCAL, paths[4], resumed)
    services.runs.delete(LOCAL, paths[4])
    services.runs.undelete(LOCAL, paths[4])
    move = BulkChange(runs=["run04", "run05"], action=MoveAction(project="q"))
    assert services.bulk.apply_change(LOCAL, PROJECT, move).n_done == 2
    moved = services.runs.list(LOCAL, ProjectPath("local", "q")).runs
    assert {run.id: run.color for run in moved} == {"first": 1, "run04": 11, "run05": 6}


def test_runs_go_to_the_trash_and_to_other_projects(services: Services) -> None:
    run = Run(PATH.run, PATH.project, tags=["t"])
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(run, rows=[{"loss": 1.0}]))
    services.runs.delete(LOCAL, PATH)
    with pytest.raises(Gone):
        services.runs.get(LOCAL, PATH)
    assert services.trash.list(LOCAL, ProjectPath(PATH.entity, PATH.project)).total == 1
    assert services.runs.undelete(LOCAL, PATH)
    path_of_project = PATH.entity, PATH.project
    edit = EditAction(add_tags=["u"], config=ConfigEdit(set=[(["lr"], 0.5)]))
    for action in (edit, MoveAction(project="other")):
        change = BulkChange(runs=[PATH.run], action=action)
        assert services.bulk.apply_change(LOCAL, ProjectPath(*path_of_project), change).n_done == 1
    there = RunPath(PATH.entity, "other", PATH.run)
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 2.0}], secs=60))
    moved = services.runs.get(LOCAL, there)
    assert (moved.tags, moved.config, moved.summary) == (["t", "u"], {"lr": 0.5}, {"loss": 2.0})
    with pytest.raises(Moved):
        services.runs.get(LOCAL, PATH)
    services.projects.delete(LOCAL, ProjectPath(PATH.entity, "other"))
    services.projects.undelete(LOCAL, ProjectPath(PATH.entity, "other"), name="again")
    back = RunPath(PATH.entity, "again", PATH.run)
    for path in (PATH, there):
        with pytest.raises(Moved) as caught:
            services.runs.get(LOCAL, path)
        assert caught.value.path == str(back)
    services.runs.delete(LOCAL, back, permanently=True)
    for path in (PATH, there, back):
        with pytest.raises(Gone):
            services.runs.get(LOCAL, path)
    assert services.sizes.project(LOCAL, ProjectPath(PATH.entity, "again")).total == 0
