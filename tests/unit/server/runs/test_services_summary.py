"""A run's summary: what was logged, what was defined, what the script set, forks and rewinds."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from at_length import case_at_length
from service_uploads import SECOND, START, Clock, WriterLog
from weft.queries.filter_text import parse_filter
from weft.records.definition import AGGREGATES, aggregates_of, definition_of
from weft.records.record import Exit, MetricDefinition, Run, Summary
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services
from weft.server.services.selecting.types import RunSelection
from weft.server.services.summaries.projection import clean_quiet_runs, project_summaries
from weft.server.storage.metadata import Transaction

PATH = RunPath("local", "p", "ab12cd34")
RUN = Run("ab12cd34", "p", start_micros=START)

OpenServices = Callable[[], Services]


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[OpenServices]:
    """Opens services on the same data, and closes those that were open."""
    opened: list[Services] = []

    def again() -> Services:
        if opened:
            opened.pop().close()
        # Only the test writes summaries: a job of the background would hide what reads lack.
        services = open_services(tmp_path, now=Clock())
        services.background.stop()
        opened.append(services)
        return services

    yield again
    opened.pop().close()


def summary(services: Services, path: RunPath = PATH) -> dict[str, Any]:
    """The summary; the same before and after it is written, alone and in a list."""
    shown = services.runs.get(LOCAL, path).summary
    assert repr(listed(services, path)) == repr(shown)
    while not project_summaries(services.stores, at_end=True):
        pass
    assert repr(services.runs.get(LOCAL, path).summary) == repr(shown)
    assert repr(listed(services, path)) == repr(shown)
    return shown


def listed(services: Services, path: RunPath) -> dict[str, Any]:
    runs = services.runs.list(LOCAL, ProjectPath(path.entity, path.project)).runs
    (summary,) = (run.summary for run in runs if run.id == path.run)
    return summary


def set_values(secs: float, **values: Any) -> Summary:
    return Summary(START + int(secs * SECOND), [([key], value) for key, value in values.items()])


def removal(secs: float, *path: str) -> Summary:
    return Summary(START + int(secs * SECOND), [], [list(path)])


def defined(name: str, *kinds: str, goal: str | None = None, secs: float = 0) -> MetricDefinition:
    return MetricDefinition(
        name, summary=list(kinds), goal=goal, micros=START + int(secs * SECOND)
    )


def test_RL44_a_value_that_the_script_set_stays(
    services: Services,
) -> None:
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, set_values(5, acc=0.9)))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"acc": 0.1, "loss": 1.0}], secs=9))
    assert summary(services) == {"acc": 0.9, "loss": 1.0}
    services.ingest.apply_upload(LOCAL, PATH, log.upload(set_values(10, acc=0.95)))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"acc": 0.2}], secs=11))
    assert summary(services) == {"acc": 0.95, "loss": 1.0}


def test_RL44_a_deleted_value_shows_again_once_it_is_logged(services: Services) -> None:
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, set_values(1, acc=0.9)))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"acc": 0.1, "loss": 1.0}], secs=2))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(removal(5, "acc"), removal(5, "loss")))
    assert summary(services) == {}
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"acc": 0.2}], secs=9))
    assert summary(services) == {"acc": 0.2}


def test_RL44_a_set_value_hides_logged_ones_above_and_below_it(services: Services) -> None:
    log = WriterLog("w1")
    nested = Summary(START, [(["loss", "mine"], 1)])
    records = (RUN, defined("acc", "min", "max"), nested, set_values(0, acc=5))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(*records))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"acc": 0.1, "loss": 1.0}], secs=2))
    assert summary(services) == {"acc": 5, "loss": {"mine": 1}}


def test_a_list_has_the_summary_of_a_run_whose_end_is_acknowledged(reopen: OpenServices) -> None:
    services, log = reopen(), WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, defined("loss", "min")))
    for secs, loss in enumerate((2.0, 1.0, 3.0)):
        row = {"loss": loss, "acc": 0.5 + secs / 10}
        services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[row], secs=secs))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(Exit(START + 3 * SECOND, 0)))
    high = RunSelection(tree=parse_filter("summary.acc > 0.6"))
    columns = ("summary.loss.min", "summary.acc")
    (row,) = services.selecting.table(LOCAL, PATH.of_project, high, columns).rows
    assert row.values == [1.0, 0.7]


def test_each_kind_of_summary(services: Services) -> None:
    log = WriterLog("w1")
    names = {kind: defined(kind, kind) for kind in (*AGGREGATES, "copy", "none")}
    top = defined("top", "best", goal="maximize")
    glob = defined("val/*", "min", "max")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, *names.values(), top, glob))
    for i, value in enumerate([3, 1, math.nan, 5, 2]):
        row = dict.fromkeys([*names, "top", "val/x", "plain"], value)
        services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[row], secs=i))
    assert summary(services) == {
        "min": {"min": 1},
        "max": {"max": 5},
        "mean": {"mean": 2.75},
        "first": {"first": 3},
        "last": {"last": 2},
        "best": {"best": 1},
        "top": {"best": 5},
        "val/x": {"min": 1, "max": 5},
        "copy": 2,
        "plain": 2,
    }


def test_a_definition_counts_for_rows_that_came_before_it(services: Services) -> None:
    log = WriterLog("w1")
    rows = [{"loss": value, "noise": 1, "epoch": i} for i, value in enumerate([3.5, 1.5, 2.5])]
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, rows=rows))
    assert summary(services) == {"loss": 2.5, "noise": 1, "epoch": 2}
    late = (defined("loss", "min", "mean", "first", secs=5), defined("noise", "none", secs=5))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(*late))
    assert summary(services) == {"loss": {"min": 1.5, "mean": 2.5, "first": 3.5}, "epoch": 2}
    services.ingest.apply_upload(LOCAL, PATH, log.upload(defined("loss", "copy", secs=6)))
    assert summary(services) == {"loss": 2.5, "epoch": 2}


def test_a_definition_that_says_nothing_new_costs_no_read(services: Services) -> None:
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, defined("loss", "min")))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 1.0}]))
    assert summary(services) == {"loss": {"min": 1.0}}
    services.ingest.apply_upload(LOCAL, PATH, log.upload(defined("loss", "min", secs=5)))
    entry = services.stores.find_run(PATH)
    assert not entry.summary.is_stale


def test_aggregates_of_two_writers_outlive_a_restart(reopen: OpenServices) -> None:
    services = reopen()
    first, other = WriterLog("w1"), WriterLog("w2")
    kinds = defined("loss", "min", "max", "mean", "first", "last")
    services.ingest.apply_upload(
        LOCAL, PATH, first.upload(RUN, kinds, rows=[{"loss": 4}], secs=10)
    )
    services.ingest.apply_upload(LOCAL, PATH, other.upload(RUN, rows=[{"loss": 9}], secs=20))
    assert summary(services)["loss"] == {"min": 4, "max": 9, "mean": 6.5, "first": 4, "last": 9}
    services = reopen()
    services.ingest.apply_upload(LOCAL, PATH, other.upload(rows=[{"loss": 2}], secs=15))
    assert summary(services)["loss"] == {"min": 2, "max": 9, "mean": 5.0, "first": 4, "last": 9}
    services.ingest.apply_upload(LOCAL, PATH, first.upload(rows=[{"loss": 1}], secs=5))
    assert summary(services)["loss"] == {"min": 1, "max": 9, "mean": 4.0, "first": 1, "last": 9}


def test_the_first_value_may_be_no_finite_number(reopen: OpenServices) -> None:
    log = WriterLog("w1")
    rules = [defined(key, "first", "min") for key in ("nan", "inf", "text", "late")]
    rows = [
        {"nan": math.nan, "inf": -math.inf, "text": "none yet", "late": 0.5},
        {"nan": 1.0, "inf": math.nan, "text": 7, "late": math.nan},
        {"nan": math.inf, "inf": 3.0, "text": 5, "late": math.nan},
    ]
    reopen().ingest.apply_upload(LOCAL, PATH, log.upload(RUN, *rules, rows=rows))
    for nth in range(2):
        services = reopen()
        late = [dict.fromkeys(rows[0], 9 + nth)]
        services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=late, secs=50 + nth))
        shown = summary(services)
        assert math.isnan(shown["nan"].pop("first"))
        assert shown == {
            "nan": {"min": 1.0},
            "inf": {"first": -math.inf, "min": 3.0},
            "text": {"first": 7, "min": 5},
            "late": {"first": 0.5, "min": 0.5},
        }


def test_aggregates_of_a_deleted_metric_begin_anew(services: Services) -> None:
    log = WriterLog("w1")
    rows = [{"loss": 1.0, "acc": 5}]
    services.ingest.apply_upload(
        LOCAL, PATH, log.upload(RUN, defined("*", "min", "mean"), rows=rows)
    )
    assert summary(services) == {"loss": {"min": 1.0, "mean": 1.0}, "acc": {"min": 5, "mean": 5}}
    services.metrics.delete(LOCAL, PATH, "loss")
    assert summary(services) == {"acc": {"min": 5, "mean": 5}}
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 3.0}], secs=9))
    assert summary(services)["loss"] == {"min": 3.0, "mean": 3.0}


def test_a_rewind_takes_values_back_and_leaves_what_was_set(services: Services) -> None:
    log = WriterLog("w1")
    rows = [{"loss": 10 - i} for i in range(5)] + [{"late": 1}]
    records = (RUN, defined("low*", "min"), set_values(3, mine=1))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(*records, rows=rows))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"low": -7}], secs=8))
    assert summary(services) == {"loss": 6, "late": 1, "mine": 1, "low": {"min": -7}}

    again = WriterLog("w2", anchor=START + 60 * SECOND)
    rewound = Run(
        PATH.run, "p", resume="rewind", fork_run=PATH.run, fork_step=2,
        start_micros=START + 60 * SECOND, sources=[(PATH.run, "w1", 2)],
    )  # fmt: skip
    services.ingest.apply_upload(LOCAL, PATH, again.upload(rewound))
    assert summary(services) == {"loss": 8, "mine": 1}
    services.ingest.apply_upload(LOCAL, PATH, again.upload(rows=[{"low": 5}]))
    assert summary(services) == {"loss": 8, "mine": 1, "low": {"min": 5}}
    # What the first process still had to send counts no more either.
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"low": -9, "late": 2}], secs=99))
    assert summary(services) == {"loss": 8, "mine": 1, "low": {"min": 5}}


def test_a_fork_begins_with_its_parents_values_whichever_log_comes_first(
    services: Services,
) -> None:
    fork = RunPath("local", "p", "fork1234")
    child = WriterLog("c1", anchor=START + 100 * SECOND)
    forked = Run(
        fork.run, "p", fork_run=PATH.run, fork_step=1, start_micros=START + 100 * SECOND,
        sources=[(PATH.run, "w1", 1)], runtime_micros=5 * SECOND,
    )  # fmt: skip
    services.ingest.apply_upload(LOCAL, fork, child.upload(forked, defined("loss", "max", "last")))
    services.ingest.apply_upload(LOCAL, fork, child.upload(rows=[{"acc": 1}]))
    assert summary(services, fork) == {"acc": 1}

    parent = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, parent.upload(RUN, rows=[{"loss": 7, "lr": 0.1}]))
    assert summary(services, fork) == {"acc": 1, "loss": {"max": 7, "last": 7}, "lr": 0.1}
    rows = [{"loss": 5}, {"loss": 99, "after": 1}]
    services.ingest.apply_upload(LOCAL, PATH, parent.upload(rows=rows, secs=1))
    assert summary(services, fork) == {"acc": 1, "loss": {"max": 7, "last": 5}, "lr": 0.1}
    services.ingest.apply_upload(LOCAL, fork, child.upload(rows=[{"loss": 3}], secs=9))
    assert summary(services, fork)["loss"] == {"max": 7, "last": 3}
    assert summary(services) == {"loss": 99, "lr": 0.1, "after": 1}
    services.metrics.delete(LOCAL, PATH, "lr")
    assert summary(services, fork) == {"acc": 1, "loss": {"max": 7, "last": 3}}
    origin = services.stores.find_run(fork).origin_micros
    assert origin == START + 95 * SECOND


@pytest.mark.parametrize("n_values", [4, case_at_length(12)])
def test_a_value_is_seen_whatever_the_projection_does_meanwhile(
    services: Services, n_values: int
) -> None:
    """Of each value a read sees what memory or what metadata has, never neither."""
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN))
    is_done = threading.Event()

    def project() -> None:
        while not is_done.is_set():
            project_summaries(services.stores, at_end=True)

    thread = threading.Thread(target=project)
    thread.start()
    try:
        for n in range(n_values):
            services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{f"m{n}": n}], secs=n))
            for _ in range(4):
                assert f"m{n}" in services.runs.get(LOCAL, PATH).summary
                assert f"m{n}" in listed(services, PATH)
    finally:
        is_done.set()
        thread.join()


def test_a_pass_that_writes_late_leaves_the_mean_of_a_later_one(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row with an earlier time changes a mean, but not the stamp of its metric."""
    log = WriterLog("w1")
    rows = [{"loss": 1.0}]
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, defined("loss", "mean"), rows=rows))
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 3.0}], secs=9))
    write, is_taken, is_newer_written = (
        services.stores.metadata.write,
        threading.Event(),
        threading.Event(),
    )

    def write_late() -> AbstractContextManager[Transaction]:
        if threading.current_thread() is late and not is_taken.is_set():
            is_taken.set()
            assert is_newer_written.wait(60)
        return write()

    monkeypatch.setattr(services.stores.metadata, "write", write_late)
    late = threading.Thread(target=project_summaries, args=(services.stores,))
    late.start()
    assert is_taken.wait(60)
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"loss": 8.0}], secs=5))
    project_summaries(services.stores, at_end=True)
    is_newer_written.set()
    late.join()
    assert summary(services) == {"loss": {"mean": 4.0}}


def test_writers_readers_and_the_projection_at_once_lose_nothing(services: Services) -> None:
    n_writers, n_uploads = 4, 25
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w").upload(RUN))
    kinds = ("min", "max", "mean", "first", "last")
    clock = services.stores.now
    assert isinstance(clock, Clock)
    is_done = threading.Event()
    errors: list[BaseException] = []

    def write(nth: int) -> None:
        log = WriterLog(f"w{nth}")
        for i in range(n_uploads):
            value = float((nth * 7919 + i * 104729) % 1009)
            rule = [defined("loss", *kinds, secs=1)] if (nth, i) == (1, 10) else []
            rows = [{"loss": value, "plain": nth}]
            services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, *rule, rows=rows, secs=i))

    def read() -> None:
        while not is_done.is_set():
            services.runs.get(LOCAL, PATH)
            project_summaries(services.stores, at_end=True)
            clock.forward(61)
            clean_quiet_runs(services.stores)

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    writers = [threading.Thread(target=run, args=(partial(write, i),)) for i in range(n_writers)]
    readers = [threading.Thread(target=run, args=(read,)) for _ in range(2)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join()
    is_done.set()
    for thread in readers:
        thread.join()
    assert not errors
    by_upload = [[(n * 7919 + i * 104729) % 1009 for n in range(4)] for i in range(n_uploads)]
    values = [float(value) for upload_values in by_upload for value in upload_values]
    assert summary(services) == {
        "loss": {
            "min": min(values),
            "max": max(values),
            "mean": pytest.approx(sum(values) / len(values)),
            "first": values[0],
            "last": values[-1],
        },
        "plain": n_writers - 1,
    }


@pytest.mark.parametrize("seed", [0, *map(case_at_length, range(1, 8))])
def test_a_summary_is_what_brute_force_says(seed: int, reopen: OpenServices) -> None:
    """Rows of several writers in any order of time, definitions, restarts, deleted metrics."""
    rng = random.Random(seed)
    services = reopen()
    logs = [WriterLog(f"w{i}") for i in range(3)]
    points: dict[str, list[tuple[tuple[int, str, int], Any]]] = {}
    rules: dict[str, MetricDefinition] = {}
    for nth in range(40):
        log = rng.choice(logs)
        start = [RUN] if log.position == 0 else []
        action = rng.random()
        if action < 0.15:
            kinds = rng.sample([*AGGREGATES, "copy", "none"], rng.randint(1, 3))
            name, goal = rng.choice(["a", "b", "*", "b*"]), rng.choice(["maximize", None])
            rules[name] = defined(name, *kinds, goal=goal, secs=nth)
            services.ingest.apply_upload(LOCAL, PATH, log.upload(*start, rules[name]))
        elif action < 0.2 and points:
            key = rng.choice(sorted(points))
            services.metrics.delete(LOCAL, PATH, key)
            del points[key]
        elif action < 0.25:
            services = reopen()
        else:
            secs = rng.randint(0, 50)
            rows: list[dict[str, Any]] = [
                {key: rng.choice([rng.randint(-9, 9), rng.uniform(-9, 9)]) for key in keys}
                for keys in [rng.sample(["a", "b", "bb"], 2) for _ in range(rng.randint(1, 3))]
            ]
            for i, row in enumerate(rows):
                micros = START + (secs + i) * SECOND
                for key, value in row.items():
                    position = (micros, log.writer, log.n_rows + i)
                    points.setdefault(key, []).append((position, value))
            services.ingest.apply_upload(LOCAL, PATH, log.upload(*start, rows=rows, secs=secs))
        if rng.random() < 0.5 and any(log.position for log in logs):
            shown = summary(services)
            expected = brute_force(points, rules)
            assert shown.keys() == expected.keys()
            for key, value in expected.items():
                assert shown[key] == pytest.approx(value)


def brute_force(
    points: dict[str, list[tuple[tuple[int, str, int], Any]]], rules: dict[str, MetricDefinition]
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for key, points_of_key in points.items():
        rule = definition_of(key, rules)
        kinds = aggregates_of(rule)
        values = [value for _, value in sorted(points_of_key)]
        best = max if rule is not None and rule.goal == "maximize" else min
        every = {
            "min": min(values),
            "max": max(values),
            "mean": sum(values) / len(values),
            "first": values[0],
            "last": values[-1],
            "best": best(values),
        }
        if kinds is None:
            shown[key] = values[-1]
        elif kinds:
            shown[key] = {kind: every[kind] for kind in kinds}
    return shown


class Family:
    """Runs that fork and rewind, and what their summaries have to be."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.logs: dict[tuple[str, str], WriterLog] = {}
        self.points: list[tuple[str, str, int, int, str, int]] = []
        self.sources: dict[str, dict[tuple[str, str], float]] = {}
        self.n_logs = 0

    def begin(self, services: Services, run: str, **continues: Any) -> None:
        """A further log of a run; its first rows say who wrote them."""
        self.n_logs += 1
        writer = f"w{self.n_logs}"
        log = self.logs[run, writer] = WriterLog(writer, anchor=START + self.n_logs * SECOND)
        self.sources.setdefault(run, {})
        # No pause lies between a run and what goes on with it: all have one origin.
        ran = log.anchor - START
        record = Run(run, "p", start_micros=log.anchor, runtime_micros=ran, **continues)
        kinds = defined("low", "min", "max", "mean", "first", "last")
        services.ingest.apply_upload(LOCAL, RunPath("local", "p", run), log.upload(record, kinds))

    def log_rows(self, services: Services) -> None:
        run, writer = self.rng.choice(sorted(self.logs))
        log = self.logs[run, writer]
        secs = self.rng.randint(0, 30)
        rows: list[dict[str, Any]] = [
            {
                key: self.rng.randint(-99, 99)
                for key in self.rng.sample(["low", "plain", writer], 2)
            }
            for _ in range(self.rng.randint(1, 4))
        ]
        for i, row in enumerate(rows):
            step, micros = log.n_rows + i, log.anchor + (secs + i) * SECOND
            self.points += [(run, writer, step, micros, key, row[key]) for key in row]
        upload = log.upload(rows=rows, secs=secs)
        services.ingest.apply_upload(LOCAL, RunPath("local", "p", run), upload)

    def go_on(self, services: Services, *, rewind: bool) -> None:
        """Fork a run, or rewind it, at any step."""
        run = self.rng.choice(sorted(self.sources))
        step = self.rng.randint(0, 6)
        history = {**dict.fromkeys([name for name in self.logs if name[0] == run], math.inf),
                   **self.sources[run]}  # fmt: skip
        cut = {name: min(limit, step) for name, limit in history.items()}
        to = run if rewind else f"fork{self.n_logs}"
        self.sources[to] = cut
        sources = [(*name, int(limit)) for name, limit in cut.items()]
        resume = "rewind" if rewind else None
        self.begin(services, to, resume=resume, fork_run=run, fork_step=step, sources=sources)

    def expected(self, run: str) -> dict[str, Any]:
        limits = self.sources[run]
        points: dict[str, list[tuple[tuple[int, str, int], int]]] = {}
        for source, writer, step, micros, key, value in self.points:
            limit = limits.get((source, writer), math.inf if source == run else -math.inf)
            if step <= limit:
                points.setdefault(key, []).append(((micros, writer, step), value))
        return brute_force(points, {"low": defined("low", "min", "max", "mean", "first", "last")})


@pytest.mark.parametrize("seed", [0, *map(case_at_length, range(1, 6))])
def test_summaries_of_forks_and_rewinds_are_what_brute_force_says(
    seed: int, reopen: OpenServices
) -> None:
    rng = random.Random(seed)
    services = reopen()
    family = Family(rng)
    family.begin(services, "root")
    for _ in range(40):
        action = rng.random()
        if action < 0.7:
            family.log_rows(services)
        elif action < 0.78:
            family.begin(services, rng.choice(sorted(family.sources)))
        elif action < 0.86 and len(family.sources) < 5:
            family.go_on(services, rewind=False)
        elif action < 0.93:
            family.go_on(services, rewind=True)
        else:
            services = reopen()
        run = rng.choice(sorted(family.sources))
        shown = summary(services, RunPath("local", "p", run))
        expected = family.expected(run)
        assert shown.keys() == expected.keys()
        for key, value in expected.items():
            assert shown[key] == pytest.approx(value)
