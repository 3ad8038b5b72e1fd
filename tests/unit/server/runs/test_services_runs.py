"""Lists, searches and edits of runs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service_uploads import START, Clock, WriterLog
from weft.errors import ConfigError, LimitExceeded, NotFound
from weft.queries.filter_text import parse_filter
from weft.records.record import Config, Exit, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services
from weft.server.services.selecting.types import RunSelection
from weft.server.services.summaries.projection import project_summaries
from weft.wire.metrics.charts import PanelQuery
from weft.wire.runs.runs import ConfigEdit, RunEdit, RunList

PROJECT = ProjectPath("local", "p")


@pytest.fixture(scope="module")
def services_with_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    clock = Clock()
    services = open_services(Path(tmp_path_factory.mktemp("data")), now=clock)
    for i in range(10):
        clock.forward(1)
        log = WriterLog("w")
        path = RunPath("local", "p", f"run{i}")
        run = Run(
            path.run,
            "p",
            name=f"Größe-{i}",
            tags=["even"] if i % 2 == 0 else [],
            start_micros=START,
        )
        config = Config(START, [(["n"], i)])
        ends = [Exit(START, 0)] if i < 3 else []
        services.ingest.apply_upload(
            LOCAL, path, log.upload(run, config, *ends, rows=[{"loss": 1.0}])
        )
    yield services
    services.close()


def listed(services: Services, text: str = "", **query: Any) -> RunList:
    selection = RunSelection(tree=parse_filter(text), **query)
    return services.runs.list(LOCAL, PROJECT, selection)


def ids(services: Services, text: str = "", **query: Any) -> list[str]:
    return [run.id for run in listed(services, text, **query).runs]


def test_newest_come_first_page_by_page(services_with_runs: Services) -> None:
    page = listed(services_with_runs, limit=4)
    seen = [run.id for run in page.runs]
    assert page.total == 10
    while page.cursor is not None:
        page = listed(services_with_runs, limit=4, cursor=page.cursor)
        seen += [run.id for run in page.runs]
    assert seen == [f"run{i}" for i in reversed(range(10))]


def test_search_folds_case_and_looks_everywhere(services_with_runs: Services) -> None:
    assert ids(services_with_runs, search="GRÖSSE-7") == ["run7"]
    assert ids(services_with_runs, search="EVEN") == ["run8", "run6", "run4", "run2", "run0"]
    assert ids(services_with_runs, search="run3") == ["run3"]
    # each word in any of the texts, in any order
    assert ids(services_with_runs, search=" run4 even ") == ["run4"]
    assert ids(services_with_runs, search="even run3") == []
    assert ids(services_with_runs, search="r.n", regex=True) == ids(services_with_runs)
    assert ids(services_with_runs, search="^größe-[12]$", regex=True) == ["run2", "run1"]
    page = listed(services_with_runs, search="even", limit=2)
    assert (page.total, [run.id for run in page.runs]) == (5, ["run8", "run6"])
    page = listed(services_with_runs, search="even", limit=9, cursor=page.cursor)
    assert ([run.id for run in page.runs], page.cursor) == (["run4", "run2", "run0"], None)


def test_state_and_search_combine(services_with_runs: Services) -> None:
    assert ids(services_with_runs, "state = finished") == ["run2", "run1", "run0"]
    assert ids(services_with_runs, "state = finished", search="even") == ["run2", "run0"]
    assert ids(services_with_runs, "state = failed") == []


@pytest.mark.parametrize(
    "query",
    [
        {"search": "(", "regex": True},
        {"search": "a" * 1001, "regex": True},
        {"search": "(?<=a)b", "regex": True},
        {"search": "\ud800", "regex": True},
        {"cursor": "nonsense"},
        {"cursor": "!"},
        {"limit": 0},
        {"limit": 10**9},
    ],
)
def test_bad_queries_are_refused(services_with_runs: Services, query: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        ids(services_with_runs, **query)


def test_what_is_not_there_is_not_found(services_with_runs: Services) -> None:
    with pytest.raises(NotFound):
        services_with_runs.runs.list(LOCAL, ProjectPath("local", "missing"))
    for missing in (RunPath("local", "p", "missing"), RunPath("other", "p", "run1")):
        with pytest.raises(NotFound):
            services_with_runs.runs.get(LOCAL, missing)
        with pytest.raises(NotFound):
            services_with_runs.runs.edit(LOCAL, missing, RunEdit(name="x"))
        with pytest.raises(NotFound):
            services_with_runs.runs.delete(LOCAL, missing)
        with pytest.raises(NotFound):
            services_with_runs.runs.stop(LOCAL, missing)
        with pytest.raises(NotFound):
            services_with_runs.history.rows(LOCAL, missing)
        with pytest.raises(NotFound):
            services_with_runs.metrics.delete(LOCAL, missing, "loss")


@pytest.mark.parametrize(
    "edit",
    [
        RunEdit(name=""),
        RunEdit(name="  "),
        RunEdit(name="x" * 513),
        RunEdit(notes="x" * (2**20 + 1)),
        RunEdit(tags=[""]),
        RunEdit(tags=["x"] * 1001),
    ],
)
def test_bad_edits_are_refused(services_with_runs: Services, edit: RunEdit) -> None:
    with pytest.raises(ConfigError):
        services_with_runs.runs.edit(LOCAL, RunPath("local", "p", "run1"), edit)


def test_edits_show_at_once(services_with_runs: Services) -> None:
    path = RunPath("local", "p", "run9")
    edit = RunEdit(
        name=" new name ",
        notes="half a pair: \ud83d and a NUL: \0",
        tags=["b", "a", "b"],
        config=ConfigEdit(set=[(["model"], {"depth": 3, "act": {"f": "relu"}})], removed=[["n"]]),
    )
    info = services_with_runs.runs.edit(LOCAL, path, edit)
    assert (info.name, info.tags) == ("new name", ["b", "a"])
    assert info.notes is not None
    assert info.notes.startswith("half a pair: ")
    assert info.config == {"model": {"depth": 3, "act": {"f": "relu"}}}
    info = services_with_runs.runs.edit(
        LOCAL, path, RunEdit(notes=None, config=ConfigEdit(set=[(["model"], 5)]))
    )
    assert (info.notes, info.name, info.config) == (None, "new name", {"model": 5})
    info = services_with_runs.runs.edit(
        LOCAL, path, RunEdit(config=ConfigEdit(set=[(["model", "a"], 6)]))
    )
    assert info.config == {"model": {"a": 6}}


@pytest.mark.parametrize(
    "query",
    [
        PanelQuery(runs=["run1"], keys=["loss"], n_buckets=63),
        PanelQuery(runs=["run1"], keys=["loss"], n_buckets=10_001),
        PanelQuery(runs=["run1"], keys=["loss"], lo=2.0, hi=1.0),
        PanelQuery(runs=["run1"], keys=["loss"], lo=float("nan")),
        PanelQuery(runs=["run1"], keys=["loss"], axis="metric"),
    ],
)
def test_bad_questions_are_refused_before_any_answer(
    services_with_runs: Services, query: PanelQuery
) -> None:
    with pytest.raises(ConfigError):
        services_with_runs.series.panels(LOCAL, PROJECT, [query])


def test_too_many_series_are_refused(services_with_runs: Services) -> None:
    with pytest.raises(LimitExceeded):
        services_with_runs.series.panels(
            LOCAL,
            PROJECT,
            [PanelQuery(runs=["r"] * 1000, keys=[f"k{n}" for n in range(1000)])],
        )


def test_metrics_are_counted_over_runs(services_with_runs: Services) -> None:
    (metric,) = services_with_runs.metrics.list(LOCAL, PROJECT).metrics
    assert (metric.key, metric.kinds, metric.n_runs, metric.n_points) == (
        "loss",
        ["float"],
        10,
        10,
    )
    (metric,) = services_with_runs.metrics.list(
        LOCAL, PROJECT, ["run1", "run2", "missing"]
    ).metrics
    assert (metric.n_runs, metric.n_points) == (2, 2)


def test_lists_shorten_what_is_long(tmp_path: Path) -> None:
    services = open_services(tmp_path, now=Clock())
    path = RunPath("local", "p", "wide")
    log = WriterLog("w")
    config = Config(START, [(["note"], "n" * 5000), (["seeds"], [5] * 5000), (["lr"], 0.5)])
    values = {f"k{i}": i for i in range(1000)}
    services.ingest.apply_upload(LOCAL, path, log.upload(Run("wide", "p"), config, rows=[values]))
    other = RunPath("local", "p", "narrow")
    services.ingest.apply_upload(
        LOCAL, other, WriterLog("w").upload(Run("narrow", "p"), rows=[{"loss": math.nan}])
    )
    for _ in range(2):  # while the summary is in memory only, and once it is written
        narrow, wide = services.runs.list(LOCAL, PROJECT).runs
        assert (narrow.id, narrow.truncated, len(narrow.summary)) == ("narrow", False, 1)
        assert (wide.truncated, len(wide.summary)) == (True, 200)
        assert wide.summary.items() <= values.items()
        assert wide.config["note"] == "n" * 1000
        assert wide.config["seeds"] == ("[" + "5," * 500)[:1000]
        assert wide.config["lr"] == 0.5
        whole = services.runs.get(LOCAL, path)
        assert (whole.truncated, whole.summary) == (False, values)
        assert whole.config == {"note": "n" * 5000, "seeds": [5] * 5000, "lr": 0.5}
        project_summaries(services.stores, at_end=True)
    services.close()
