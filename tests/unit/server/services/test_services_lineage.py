"""Forks and rewinds as the services show them: nothing is copied, nothing is lost."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from service_uploads import SECOND, START, Clock, WriterLog
from weft.errors import ConfigError, Conflict, Gone, NotFound
from weft.records.record import Alert, Config, Exit, MetricDefinition, Run, Summary
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services
from weft.wire.metrics.charts import Grouping, NamedExpression, PanelQuery
from weft.wire.projects.live import RunChange
from weft.wire.runs.continuation import Continuation

PROJECT = ProjectPath("local", "p")

PARENT = RunPath("local", "p", "parent")
CHILD = RunPath("local", "p", "child")


def log_run(
    services: Services,
    path: RunPath,
    writer: str,
    values: list[float],
    *records: Any,
    secs: float = 0.0,
    parent: str | None = None,
    live: bool = False,
    **run: Any,
) -> WriterLog:
    """Begin a log `secs` after the start, with a row a second, steps from 0."""
    anchor = START + int(secs * SECOND)
    log = WriterLog(writer, parent=parent, anchor=anchor)
    first = Run(path.run, path.project, start_micros=anchor, micros=anchor, **run)
    rows = [{"loss": value} for value in values]
    services.ingest.apply_upload(LOCAL, path, log.upload(first, *records, rows=rows, live=live))
    return log


def history(services: Services, path: RunPath, key: str = "loss", **more: Any) -> list[Any]:
    """(step, runtime in s, value) of each row."""
    page = services.history.rows(LOCAL, path, **more)
    return [(row["_step"], row["_runtime"], row[key]) for row in page.rows]


def chart(services: Services, path: RunPath, **more: Any) -> dict[int, float]:
    """The last value of each bucket."""
    query = PanelQuery(runs=[path.run], keys=["loss"], n_buckets=64, **more)
    (panel,) = services.series.panels(LOCAL, ProjectPath(path.entity, path.project), [query])
    drawn = [curve.series for curve in panel.drawn if curve.series.run == path.run]
    if not drawn:
        return {}
    return dict(zip(drawn[0].buckets.tolist(), drawn[0].last.tolist(), strict=True))


def go_on(services: Services, path: RunPath, step: float | None = None) -> Continuation:
    return services.continuation.get(LOCAL, path, step)


def sources_at(continuation: Continuation, step: float) -> list[tuple[str, str, float]]:
    """As a client writes them into the log of a fork or a rewind at `step`."""
    return [
        (run, writer, step if limit is None else min(limit, step))
        for run, writer, limit in continuation.sources
    ]


def test_a_fork_begins_with_its_parents_rows(services: Services) -> None:
    log_run(services, PARENT, "w1", [5, 4, 3, 2, 1])
    continuation = go_on(services, PARENT, 2)
    assert (continuation.last_step, continuation.runtime_micros, continuation.summary) == (
        2,
        2 * SECOND,
        {"loss": 3},
    )
    assert continuation.sources == [("parent", "w1", None)]
    log = WriterLog("w2", anchor=START + 100 * SECOND)
    log.n_rows = 3
    first = Run(
        "child", "p", start_micros=log.anchor, micros=log.anchor,
        runtime_micros=continuation.runtime_micros, fork_run="parent", fork_step=2,
        sources=sources_at(continuation, 2),
    )  # fmt: skip
    rows = [{"loss": 30.0}, {"loss": 20.0}]
    services.ingest.apply_upload(LOCAL, CHILD, log.upload(first, rows=rows, secs=1))
    expected = [(0, 0, 5), (1, 1, 4), (2, 2, 3), (3, 3, 30), (4, 4, 20)]
    assert history(services, CHILD) == expected
    assert history(services, CHILD, limit=1000, keys=["loss"]) == expected
    assert chart(services, CHILD) == {0: 5, 1: 4, 2: 3, 3: 30, 4: 20}
    assert history(services, PARENT)[3:] == [(3, 3, 2), (4, 4, 1)]
    by_time = chart(services, CHILD, axis="time")
    assert list(by_time.values()) == [5, 4, 3, 30, 20]
    widths = [after - before for before, after in zip(by_time, list(by_time)[1:], strict=False)]
    assert max(widths) - min(widths) <= 1, "time goes on without a pause"
    (metric,) = services.metrics.list(LOCAL, PROJECT, ["child"]).metrics
    assert (metric.key, metric.n_points) == ("loss", 5)


def test_a_rewound_runs_later_rows_are_there_but_do_not_count(services: Services) -> None:
    log_run(services, PARENT, "w1", [5, 4, 3, 2, 1], Exit(START + 5 * SECOND, 0))
    log_run(services, PARENT, "kid", [5, 4, 3], parent="w1")
    continuation = go_on(services, PARENT, 1)
    sources = [source for source in sources_at(continuation, 1) if source[1] != "kid"]
    log = log_run(
        services, PARENT, "w2", [], secs=50, runtime_micros=SECOND, resume="rewind",
        fork_run="parent", fork_step=1, sources=sources,
    )  # fmt: skip
    log.n_rows = 2
    services.ingest.apply_upload(LOCAL, PARENT, log.upload(rows=[{"loss": 30.0}], secs=1))
    assert history(services, PARENT) == [
        (0, 0, 5), (0, 0, 5), (1, 1, 4), (1, 1, 4), (2, 2, 30),
    ]  # fmt: skip
    every = history(services, PARENT, superseded=True)
    assert [value for _, _, value in every] == [5, 5, 4, 4, 3, 3, 30, 2, 1]
    assert chart(services, PARENT) == {0: 5, 1: 4, 2: 30}
    again = go_on(services, PARENT)
    assert (again.last_step, again.summary) == (2, {"loss": 30})
    assert sorted(again.sources) == [
        ("parent", "kid", 1), ("parent", "w1", 1), ("parent", "w2", None),
    ]  # fmt: skip


def assert_time_is_runtime(services: Services, path: RunPath) -> None:
    """The chart by process time has the points of the history at their runtimes."""
    expected: dict[int, float] = {}
    for _, runtime, value in history(services, path):
        expected[round(runtime * SECOND)] = value
    ends: dict[str, Any] = {"lo": min(expected), "hi": max(expected) + 1}
    query = PanelQuery(
        runs=[path.run],
        expressions=[NamedExpression("same", "loss + 0")],
        keys=["loss"],
        axis="time",
        n_buckets=10_000,
        **ends,
    )
    (panel,) = services.series.panels(LOCAL, ProjectPath(path.entity, path.project), [query])
    assert [curve.series.key for curve in panel.drawn] == ["loss", "same"]
    for curve in panel.drawn:
        level = curve.series.level
        assert level < 20, "a bucket is shorter than the second between two rows"
        assert dict(
            zip(curve.series.buckets.tolist(), curve.series.last.tolist(), strict=True)
        ) == {micros >> level: value for micros, value in expected.items()}


def test_time_since_the_start_is_the_same_next_to_a_panel_by_step(services: Services) -> None:
    log_run(services, PARENT, "late", [2, 1], secs=5000)
    log_run(services, PARENT, "early", [5, 4])  # it arrives last, with the run's start
    queries = [
        PanelQuery(runs=["parent"], keys=["loss"], n_buckets=64, axis=axis)
        for axis in ("step", "time_wall")
    ]
    _, by_wall = services.series.panels(LOCAL, PROJECT, queries)
    series = by_wall.drawn[0].series
    since_start = dict(zip(series.buckets.tolist(), series.last.tolist(), strict=True))
    assert since_start == chart(services, PARENT, axis="time_wall")


def test_charts_by_time_leave_out_the_pause_of_a_resumed_run(services: Services) -> None:
    log_run(services, PARENT, "w1", [5, 4, 3], Exit(START + 3 * SECOND, 1))
    resumed = log_run(
        services, PARENT, "w2", [2, 1], secs=5000, runtime_micros=3 * SECOND, resume="must"
    )
    log_run(services, PARENT, "rank", [20, 10], secs=5000.25)
    assert_time_is_runtime(services, PARENT)
    query = PanelQuery(runs=["parent"], keys=["loss"], axis="time_wall", n_buckets=10_000)
    (panel,) = services.series.panels(LOCAL, PROJECT, [query])
    (curve,) = panel.drawn
    width = 2**curve.series.level
    times = [0, 1, 2, 5000, 5000.25, 5001, 5001.25]
    assert curve.series.buckets.tolist() == list(
        dict.fromkeys(int(secs * SECOND) // width for secs in times)
    )
    # A row that comes late, with the clock of its own life.
    services.ingest.apply_upload(LOCAL, PARENT, resumed.upload(rows=[{"loss": 0.5}], secs=60))
    assert_time_is_runtime(services, PARENT)


def test_charts_by_time_leave_out_a_pause_that_only_exits_tell_of(services: Services) -> None:
    log_run(services, PARENT, "w2", [2, 1], secs=900, resume="allow")
    log_run(services, PARENT, "w1", [5, 4, 3], Exit(START + 3 * SECOND, 1))
    assert [runtime for _, runtime, _ in history(services, PARENT)] == [0, 3, 1, 4, 2]
    assert_time_is_runtime(services, PARENT)


def test_a_fork_of_a_resumed_run_goes_on_with_its_process_time(services: Services) -> None:
    log_run(services, PARENT, "w1", [5, 4, 3], Exit(START + 3 * SECOND, 1))
    log_run(services, PARENT, "w2", [], secs=5000, runtime_micros=3 * SECOND, resume="must")
    late = WriterLog("w3", parent="w2", anchor=START + 5000 * SECOND)
    late.n_rows = 3
    services.ingest.apply_upload(
        LOCAL, PARENT, late.upload(Run("parent", "p"), rows=[{"loss": 2.0}, {"loss": 1.0}])
    )
    continuation = go_on(services, PARENT, 3)
    assert continuation.runtime_micros == 3 * SECOND
    log = log_run(
        services, CHILD, "c1", [], secs=9000, runtime_micros=continuation.runtime_micros,
        fork_run="parent", fork_step=3, sources=sources_at(continuation, 3),
    )  # fmt: skip
    log.n_rows = 4
    services.ingest.apply_upload(LOCAL, CHILD, log.upload(rows=[{"loss": 30.0}], secs=1))
    assert [runtime for _, runtime, _ in history(services, CHILD)] == [0, 1, 2, 3, 4]
    assert_time_is_runtime(services, CHILD)
    assert_time_is_runtime(services, PARENT)


def test_groups_and_alerts_are_by_process_time(services: Services) -> None:
    log_run(services, PARENT, "w1", [5, 4, 3], Exit(START + 3 * SECOND, 1))
    alert = Alert(START + 5001 * SECOND, "high", "", "WARN")
    log_run(
        services, PARENT, "w2", [2, 1], alert,
        secs=5000, runtime_micros=3 * SECOND, resume="must",
    )  # fmt: skip
    log_run(services, CHILD, "c1", [50, 40, 30, 20, 10], secs=70)
    query = PanelQuery(runs=["parent", "child"], keys=["loss"], axis="time", group=Grouping())
    (panel,) = services.series.panels(LOCAL, PROJECT, [query])
    (group,) = panel.drawn
    assert group.n_runs == 2
    counts = [n for n in group.series.count.tolist() if n]
    assert counts == [2] * 5, "both runs have a row each second"
    events = services.run_events.events(LOCAL, PROJECT, ["parent"]).events
    (event,) = (event for event in events if event.kind == "alert")
    assert (event.runtime_micros, event.end_runtime_micros) == (4 * SECOND, 4 * SECOND)


def test_a_fork_of_a_rewound_run_shows_what_counted_there(services: Services) -> None:
    log_run(services, PARENT, "w1", [5, 4, 3, 2, 1])
    log_run(services, PARENT, "w2", [50, 40, 30, 20], sources=[("parent", "w1", 0)])
    continuation = go_on(services, PARENT, 2)
    log_run(services, CHILD, "w3", [], sources=sources_at(continuation, 2))
    assert [value for _, _, value in history(services, CHILD)] == [5, 50, 40, 30]


def test_a_childs_log_may_come_before_its_parents(services: Services) -> None:
    log_run(services, CHILD, "w2", [], sources=[("parent", "w1", 2)], runtime_micros=2 * SECOND)
    assert (history(services, CHILD), chart(services, CHILD)) == ([], {})
    log_run(services, PARENT, "w1", [5, 4, 3, 2, 1])
    assert history(services, CHILD) == [(0, 0, 5), (1, 1, 4), (2, 2, 3)]
    assert chart(services, CHILD) == {0: 5, 1: 4, 2: 3}


def test_charts_are_told_of_rows_that_come_or_go_with_a_source(services: Services) -> None:
    services.background.stop()  # it would tell of the summaries that it writes
    log_run(services, PARENT, "w1", [5, 4, 3])
    heard = services.live.subscribe(LOCAL, PROJECT)
    log_run(services, CHILD, "w2", [], sources=[("parent", "w3", 1)])
    news = heard.take()
    assert news is not None
    change, _ = news
    assert change.runs == {"child": RunChange(keys=None, meta=True)}
    log_run(services, PARENT, "w3", [2, 1])
    news = heard.take()
    assert news is not None
    change, _ = news
    assert change.runs == {
        "child": RunChange(keys=None, meta=False),
        "parent": RunChange(keys=["loss"], meta=True),
    }
    heard.close()


def test_runs_of_other_projects_are_no_sources(services: Services) -> None:
    log_run(services, RunPath("local", "q", "parent"), "w1", [5, 4, 3])
    log_run(services, CHILD, "w2", [], sources=[("parent", "w1", 2)])
    assert history(services, CHILD) == []


def test_a_deleted_parents_rows_stay_for_its_forks(services: Services, clock: Clock) -> None:
    log_run(services, PARENT, "w1", [5, 4, 3, 2, 1])
    log_run(services, CHILD, "w2", [], sources=[("parent", "w1", 2)])
    other = RunPath("local", "p", "other")
    log_run(services, other, "w3", [], sources=[("parent", "w1", 1)])
    services.runs.delete(LOCAL, PARENT, permanently=True)
    with pytest.raises(Gone):
        services.history.rows(LOCAL, PARENT)
    assert history(services, CHILD) == [(0, 0, 5), (1, 1, 4), (2, 2, 3)]
    assert chart(services, CHILD) == {0: 5, 1: 4, 2: 3}
    assert chart(services, PARENT) == {}
    with pytest.raises(Gone):
        log_run(services, PARENT, "w1", [1])
    project = services.stores.find_project(PROJECT)
    services.runs.delete(LOCAL, CHILD, permanently=True)
    assert chart(services, other) == {0: 5, 1: 4}
    services.runs.delete(LOCAL, other, permanently=True)
    with services.stores.metrics.use(project) as store:
        assert not store.usage().by_run
    with services.stores.metadata.read() as tx:
        assert services.stores.metadata.tombstones.projects_to_purge(tx) == []


def test_an_inherited_metric_is_deleted_where_it_lies(services: Services) -> None:
    log_run(services, PARENT, "w1", [5, 4, 3])
    log_run(services, CHILD, "w2", [], sources=[("parent", "w1", 2)])
    with pytest.raises(Conflict, match="run parent"):
        services.metrics.delete(LOCAL, CHILD, "loss")
    with pytest.raises(NotFound):
        services.metrics.delete(LOCAL, CHILD, "other")
    services.metrics.delete(LOCAL, PARENT, "loss")
    assert chart(services, CHILD) == {}


def test_what_is_hidden_survives_a_restart_until_nobody_shows_it(
    services: Services, clock: Clock, tmp_path: Path
) -> None:
    log_run(services, PARENT, "w1", [5, 4, 3, 2, 1])
    log_run(services, CHILD, "w2", [], sources=[("parent", "w1", 2)])
    services.runs.delete(LOCAL, PARENT, permanently=True)
    services.close()
    again = open_services(tmp_path, now=clock)
    try:
        assert history(again, CHILD) == [(0, 0, 5), (1, 1, 4), (2, 2, 3)]
        again.runs.delete(LOCAL, CHILD, permanently=True)
        with again.stores.metrics.use(again.stores.find_project(PROJECT)) as store:
            assert not store.usage().by_run
    finally:
        again.close()


def test_a_continuation_tells_all_that_a_script_needs(services: Services, clock: Clock) -> None:
    log = log_run(
        services, PARENT, "w1", [3, 2],
        Config(START, [(["model", "depth"], 3)]),
        Summary(START, [(["best", "loss"], 0.5)]),
        MetricDefinition("loss", "epoch", True, ["min"], "minimize", micros=START),
        live=True, name="calm", tags=["a"], notes="n", group="g", job_type="train",
    )  # fmt: skip
    continuation = go_on(services, PARENT)
    assert (continuation.run_id, continuation.name, continuation.state) == (
        "parent",
        "calm",
        "running",
    )
    assert (continuation.notes, continuation.tags, continuation.group, continuation.job_type) == (
        "n",
        ["a"],
        "g",
        "train",
    )
    assert continuation.config == {"model": {"depth": 3}}
    assert continuation.summary == {"loss": 2}
    assert continuation.summary_set == {"best": {"loss": 0.5}}
    assert continuation.running == ["w1"]
    (definition,) = continuation.definitions
    assert definition["name"] == "loss"
    assert (definition["step_metric"], definition["summary"]) == ("epoch", ["min"])
    clock.forward(600)
    assert go_on(services, PARENT).running == []
    services.ingest.apply_upload(LOCAL, PARENT, log.upload(Exit(START + 60 * SECOND, 0)))
    continuation = go_on(services, PARENT)
    assert (continuation.running, continuation.runtime_micros) == ([], 60 * SECOND)
    assert go_on(services, PARENT, 0).runtime_micros == 0
    assert go_on(services, PARENT, -1).last_step is None


def test_a_continuation_has_the_aggregates_of_what_counts(services: Services) -> None:
    kinds = MetricDefinition("loss", summary=["min", "max", "mean", "first"], micros=START)
    log_run(services, PARENT, "w1", [math.nan, 4.0, 1.0, 100.0], kinds)
    (aggregate,) = go_on(services, PARENT, 2).aggregates.values()
    # The first number need not be finite, as in the summary.
    assert math.isnan(aggregate.pop("first"))
    assert aggregate == {"count": 2, "mean": 2.5, "min": 1.0, "max": 4.0}
    (aggregate,) = go_on(services, PARENT, 0).aggregates.values()
    assert [*aggregate] == ["first"]


def test_a_continuation_of_what_can_not_be_gone_on_with(services: Services) -> None:
    with pytest.raises(NotFound):
        go_on(services, PARENT)
    log_run(services, PARENT, "w1", [1])
    for step in (float("nan"), float("inf"), 2**63):
        with pytest.raises(ConfigError):
            go_on(services, PARENT, step)
    services.runs.delete(LOCAL, PARENT)
    with pytest.raises(Gone):
        go_on(services, PARENT)


def test_ranks_that_resume_at_once_do_not_stop_each_others_clocks(services: Services) -> None:
    for rank in range(2):
        log_run(services, PARENT, f"a{rank}", [1, 1], Exit(START + 2 * SECOND, 0))
    for rank in range(2):
        log_run(
            services, PARENT, f"b{rank}", [1, 1], secs=100 + rank,
            resume="must", runtime_micros=2 * SECOND,
        )  # fmt: skip
    log_run(services, PARENT, "kid", [1], secs=103, parent="b0")
    log_run(services, PARENT, "late", [1], secs=104)
    times = sorted(runtime for _, runtime, _ in history(services, PARENT))
    assert times == [0, 0, 1, 1, 2, 2, 3, 3, 5, 5]


def test_a_runs_runtime_leaves_out_its_pauses_whichever_life_comes_first(
    services: Services,
) -> None:
    lives: list[tuple[str, int, dict[str, Any]]] = [
        ("a", 0, {}),
        ("b", 100, {"resume": "must", "runtime_micros": 2 * SECOND}),
        ("c", 1000, {"resume": "must", "runtime_micros": 3 * SECOND}),
        ("rank", 1004, {}),
    ]
    for run, order in (("in-order", lives), ("backwards", lives[::-1])):
        path = RunPath("local", "p", run)
        for writer, secs, more in order:
            log_run(services, path, writer, [1], secs=secs, **more)
        info = services.runs.get(LOCAL, path)
        assert info.started_micros == START
        assert info.runtime_from_micros == START + (1000 - 3) * SECOND


def test_a_forks_runtime_goes_on_from_its_parents(services: Services) -> None:
    log_run(services, CHILD, "w", [1], secs=50, runtime_micros=7 * SECOND, fork_run="parent")
    run = services.runs.get(LOCAL, CHILD)
    assert run.runtime_from_micros == run.started_micros - 7 * SECOND


def test_a_runs_runtime_begins_with_it(services: Services) -> None:
    log_run(services, PARENT, "w1", [1], secs=5)
    log_run(services, PARENT, "w2", [1], secs=3)
    run = services.runs.get(LOCAL, PARENT)
    assert run.runtime_from_micros == run.started_micros == START + 3 * SECOND
