"""Families of forks and rewinds, their logs sent in any order: histories follow one rule."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from service_uploads import START, Clock, WriterLog
from weft.errors import NotFound
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services
from weft.wire.metrics.charts import PanelQuery

RUNS = ["ra", "rb", "rc"]


@dataclass
class Log:
    """One writer's whole log."""

    run: str
    writer: str
    parent: str | None
    n_rows: int
    sources: list[tuple[str, str, int | float]]


@st.composite
def families(draw: st.DrawFn) -> list[Log]:
    logs: list[Log] = []
    for nth in range(draw(st.integers(1, 7))):
        run = draw(st.sampled_from(RUNS))
        mates = [log.writer for log in logs if log.run == run]
        named = draw(st.lists(st.sampled_from(logs), max_size=3)) if logs else []
        logs.append(
            Log(
                run,
                f"w{nth}",
                draw(st.none() | st.sampled_from(mates)) if mates else None,
                draw(st.integers(0, 5)),
                [
                    (source.run, source.writer, draw(st.sampled_from([-1, 0, 1, 1.5, 3, 2**60])))
                    for source in named
                ],
            )
        )
    return draw(st.permutations(logs))


def expected(logs: list[Log], run: str) -> set[tuple[str, int]]:
    """Writer and step of each row that makes up a run's history."""
    by_writer = {log.writer: log for log in logs}
    limits: dict[str, float] = {}
    for log in logs:
        if log.run == run:
            for _, writer, step in log.sources:
                limits[writer] = min(step, limits.get(writer, step))
    shown: set[tuple[str, int]] = set()
    for log in logs:
        # Own rows are cut where those of their writer, or of one that it belongs to, are.
        line = [log.writer]
        while log.run == run and (parent := by_writer[line[-1]].parent) is not None:
            line.append(parent)
        limit = min((limits[writer] for writer in line if writer in limits), default=None)
        for step in range(log.n_rows):
            if (limit is None and log.run == run) or (limit is not None and step <= limit):
                shown.add((log.writer, step))
    return shown


def found(services: Services, run: str) -> set[tuple[str, int]]:
    """The same as the history says; the chart has to agree."""
    path = RunPath("local", "p", run)
    try:
        page = services.history.rows(LOCAL, path)
    except NotFound:
        return set()
    query = PanelQuery(runs=[run], keys=["loss"], n_buckets=64)
    (panel,) = services.series.panels(LOCAL, ProjectPath("local", "p"), [query])
    assert sum(int(curve.series.count.sum()) for curve in panel.drawn) == len(page.rows)
    return {(f"w{int(row['loss'])}", row["_step"]) for row in page.rows}


# Half as many as elsewhere: each makes databases of its own.
@settings(max_examples=settings().max_examples // 2)
@given(logs=families())
def test_a_history_is_what_its_logs_name_in_whatever_order_they_come(logs: list[Log]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(Path(folder), now=Clock())
        try:
            for log in logs:
                path = RunPath("local", "p", log.run)
                begun = WriterLog(log.writer, parent=log.parent)
                first = Run(log.run, "p", start_micros=START, sources=log.sources)
                rows = [{"loss": float(log.writer[1:])} for _ in range(log.n_rows)]
                services.ingest.apply_upload(
                    LOCAL, path, begun.upload(first, rows=rows, live=False)
                )
                for run in RUNS:
                    found(services, run)
            for run in {log.run for log in logs}:
                assert found(services, run) == expected(logs, run)
        finally:
            services.close()
