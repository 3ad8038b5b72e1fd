"""Exports and SQL at the services: samples, forks, runtimes, the trash, time that runs out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from at_length import at_length
from service_uploads import Clock, WriterLog
from weft.errors import ConfigError, Gone, LimitExceeded, NotFound, Unavailable
from weft.records.record import Exit, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.exporting.service import Export
from weft.server.services.opening.services import Services, open_services
from weft.server.services.sql import running
from weft.wire.metrics.exports import ExportQuery

PROJECT = ProjectPath("local", "p")


@pytest.fixture
def services_with_history(tmp_path: Path) -> Iterator[Services]:
    opened = open_services(tmp_path, now=Clock())
    first = WriterLog("w1")
    opened.ingest.apply_upload(
        LOCAL, RunPath("local", "p", "first"),
        first.upload(Run("first", "p"), rows=[{"loss": 1 / (step + 1)} for step in range(10)]),
    )  # fmt: skip
    opened.ingest.apply_upload(
        LOCAL, RunPath("local", "p", "first"),
        first.upload(rows=[{"system.cpu": 50.0}, {"system.cpu": 70.0}], system=True),
    )  # fmt: skip
    fork = Run("fork", "p", sources=[("first", "w1", 4)])
    opened.ingest.apply_upload(
        LOCAL, RunPath("local", "p", "fork"),
        WriterLog("w2").upload(fork, rows=[{"loss": 7.0}], secs=100),
    )  # fmt: skip
    yield opened
    opened.close()


def export(services: Services, **query: Any) -> Export:
    return services.exports.history(LOCAL, PROJECT, ExportQuery(**query))


def table(services: Services, **query: Any) -> pa.Table:
    return pq.read_table(io.BytesIO(b"".join(export(services, **query).pieces)))


def ask(services: Services, query: str) -> list[list[Any]]:
    answer = services.sql.prepare(LOCAL, PROJECT, query).run()
    rows: list[list[Any]] = json.loads(answer.body)["rows"]
    return rows


def test_samples_are_a_table_of_their_own(services_with_history: Services) -> None:
    samples = table(services_with_history, runs=["first"], system=True)
    assert samples.column_names[5:] == ["system.cpu"]
    assert samples["system.cpu"].to_pylist() == [50.0, 70.0]
    assert "system.cpu" not in table(services_with_history, runs=["first"]).column_names
    assert ask(services_with_history, 'SELECT max("system.cpu") FROM system') == [[70.0]]


@at_length
def test_what_a_script_logs_below_system_is_history(services_with_history: Services) -> None:
    log = WriterLog("w3")
    rows = [{"system.load": 5.0, "system.cpu": "high"}]
    path = RunPath("local", "p", "odd")
    services_with_history.ingest.apply_upload(LOCAL, path, log.upload(Run("odd", "p"), rows=rows))
    samples = [{"system.cpu": 60.0, "system.disk": 1}]
    services_with_history.ingest.apply_upload(LOCAL, path, log.upload(rows=samples, system=True))
    logged, sampled = (
        table(services_with_history, runs=["odd"]),
        table(services_with_history, runs=["odd"], system=True),
    )
    assert logged.column_names[5:] == ["system.cpu", "system.load"]
    assert logged["system.load"].to_pylist() == [5.0]
    assert logged["system.cpu"].to_pylist() == ['"high"']
    assert sampled.column_names[5:] == ["system.cpu", "system.disk"]
    assert sampled["system.cpu"].to_pylist() == [60.0]
    assert ask(services_with_history, "SELECT \"system.load\" FROM history WHERE run = 'odd'") == [
        [5.0]
    ]
    columns = ask(
        services_with_history, "SELECT column_name FROM (DESCRIBE SELECT * FROM history)"
    )
    assert ["system.load"] in columns
    assert ["system.disk"] not in columns
    assert ask(
        services_with_history, "SELECT key, value FROM points WHERE run = 'odd' ORDER BY key"
    ) == [
        ["system.cpu", None],
        ["system.load", 5.0],
    ]
    with pytest.raises(ConfigError, match=r'"system\.load" not found'):
        ask(services_with_history, 'SELECT "system.load" FROM system')
    names = services_with_history.metrics.names(LOCAL, PROJECT, ["odd"])
    assert names.system == ["system.cpu", "system.disk"]
    assert names.both == ["system.cpu"]
    listed = services_with_history.metrics.list(LOCAL, PROJECT, ["odd"], system=False).metrics
    assert [(metric.key, metric.origins, metric.n_points) for metric in listed] == [
        ("system.cpu", ["logged"], 1),
        ("system.load", ["logged"], 1),
    ]


def test_formulas_are_escaped_in_csv_on_request(services_with_history: Services) -> None:
    path = RunPath("local", "p", "odd")
    rows = [{"=1+1": 2.0, "+a": -5}]
    services_with_history.ingest.apply_upload(
        LOCAL, path, WriterLog("w3").upload(Run("odd", "p"), rows=rows)
    )
    pieces = export(services_with_history, runs=["odd"], format="csv", escape_formulas=True).pieces
    head, row, _ = b"".join(pieces).decode().split("\n")
    assert head.split(",")[5:] == ["'+a", "'=1+1"]
    assert row.split(",")[5:] == ["-5", "2.0"]
    with pytest.raises(ConfigError, match="only CSV"):
        export(services_with_history, runs=["odd"], format="parquet", escape_formulas=True)


def test_a_fork_s_table_begins_with_its_parent_s_rows(services_with_history: Services) -> None:
    forked = table(services_with_history, runs=["fork"])
    assert set(forked["run"].to_pylist()) == {"fork"}
    assert sorted(zip(forked["writer"].to_pylist(), forked["step"].to_pylist(), strict=True)) == [
        *(("w1", step) for step in range(5)),
        ("w2", 0),
    ]
    assert ask(services_with_history, "SELECT count(*) FROM history WHERE run = 'fork'") == [[6]]


def test_runtimes_are_those_of_the_history(services_with_history: Services) -> None:
    for run in ("first", "fork"):
        page = services_with_history.history.rows(LOCAL, RunPath("local", "p", run))
        expected = sorted(row["_runtime"] for row in page.rows)
        query = f"SELECT runtime FROM history WHERE run = '{run}' ORDER BY runtime"
        assert [row[0] for row in ask(services_with_history, query)] == expected


def test_what_is_in_the_trash_is_in_no_table(services_with_history: Services) -> None:
    services_with_history.runs.delete(LOCAL, RunPath("local", "p", "first"))
    assert set(table(services_with_history)["run"].to_pylist()) == {"fork"}
    assert ask(services_with_history, "SELECT id FROM runs") == [["fork"]]
    assert ask(services_with_history, "SELECT DISTINCT run FROM history") == [["fork"]]
    with pytest.raises(NotFound, match="first"):
        export(services_with_history, runs=["fork", "first"])


def test_a_run_deleted_meanwhile_ends_the_file(services_with_history: Services) -> None:
    pieces = export(services_with_history, runs=["first", "fork"]).pieces
    next(pieces)
    services_with_history.runs.delete(LOCAL, RunPath("local", "p", "fork"), permanently=True)
    with pytest.raises((Gone, NotFound), match="fork"):
        list(pieces)


def test_questions_out_of_bounds_are_refused(services_with_history: Services) -> None:
    for bounds in ({"step_lo": float("nan")}, {"step_hi": float("inf")}):
        with pytest.raises(ConfigError, match="finite"):
            export(services_with_history, **bounds)
    with pytest.raises(LimitExceeded):
        export(services_with_history, keys=[f"k{nth}" for nth in range(2001)])
    with pytest.raises(NotFound):
        services_with_history.exports.history(LOCAL, ProjectPath("local", "nosuch"), ExportQuery())
    assert table(services_with_history, runs=["first"], keys=["nosuch"]).num_rows == 0
    assert table(services_with_history, runs=[]).num_rows == 0


def test_a_query_s_time_runs_out(
    services_with_history: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = "WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t"
    with monkeypatch.context() as patch:
        patch.setattr(running, "LIMIT_SECS", 1)
        with pytest.raises(LimitExceeded, match="took more than 1 s"):
            ask(services_with_history, endless)
    assert ask(services_with_history, "SELECT 1") == [[1]]


def test_a_query_that_was_given_up_ends(services_with_history: Services) -> None:
    query = services_with_history.sql.prepare(LOCAL, PROJECT, "SELECT 1")
    query.kill()
    with pytest.raises(Unavailable, match="cancelled"):
        query.run()


@at_length
def test_an_answer_that_is_too_large_is_refused(
    services_with_history: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MAX_ANSWER_BYTES", 1000)
    with pytest.raises(LimitExceeded, match="larger"):
        ask(services_with_history, "SELECT range, 'some text' FROM range(1000)")


def run_rows(services: Services, run: str) -> list[dict[str, Any]] | None:
    """The rows of a run's own Parquet file. None if it has none."""
    pieces: list[bytes] = []
    if not services.exports.run_rows(LOCAL, RunPath("local", "p", run), pieces.append):
        return None
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(b"".join(pieces))).to_pylist()
    return rows


def test_the_file_of_a_run_has_the_rows_of_its_history(services_with_history: Services) -> None:
    path = RunPath("local", "p", "whole")
    log = WriterLog("w3")
    rows = [{"loss": float(i), "step": i, "run": i % 2 == 0} for i in range(70_000)]
    services_with_history.ingest.apply_upload(
        LOCAL, path, log.upload(Run("whole", "p"), rows=rows)
    )
    assert run_rows(services_with_history, "whole") is None
    services_with_history.ingest.apply_upload(LOCAL, path, log.upload(Exit(1, 0)))
    assert (
        run_rows(services_with_history, "whole")
        == services_with_history.history.rows(LOCAL, path, limit=100_000).rows
    )


@pytest.mark.parametrize(
    ("record", "rows"),
    [
        (Run("other", "p", sources=[("first", "w1", 4)]), [{"loss": 1.0}]),
        (Run("other", "p", resume="must"), [{"loss": 1.0}]),
        (Run("other", "p"), [{"a": 1}, {"b": 1}]),
        (Run("other", "p"), [{"a": 1, "_runtime": 5}]),
    ],
    ids=["fork", "resumed", "gaps", "names"],
)
def test_a_run_whose_rows_a_file_would_change_has_none(
    services_with_history: Services, record: Run, rows: list[dict[str, Any]]
) -> None:
    path = RunPath("local", "p", "other")
    services_with_history.ingest.apply_upload(
        LOCAL, path, WriterLog("w3").upload(record, Exit(1, 0), rows=rows)
    )
    assert run_rows(services_with_history, "other") is None


def test_a_run_of_two_scripts_has_no_file(services_with_history: Services) -> None:
    path = RunPath("local", "p", "two")
    for writer in ("w3", "w4"):
        log = WriterLog(writer)
        services_with_history.ingest.apply_upload(
            LOCAL, path, log.upload(Run("two", "p"), rows=[{"a": 1}])
        )
        services_with_history.ingest.apply_upload(LOCAL, path, log.upload(Exit(1, 0)))
    assert run_rows(services_with_history, "two") is None


def test_a_run_of_fractional_steps_has_no_file(services_with_history: Services) -> None:
    path = RunPath("local", "p", "halves")
    upload = WriterLog("w3").upload(Run("halves", "p"), Exit(1, 0), rows=[{"a": 1}, {"a": 2}])
    upload.segments[0].rows.steps = np.array([0.5, 1.5])
    services_with_history.ingest.apply_upload(LOCAL, path, upload)
    assert [row["_step"] for row in services_with_history.history.rows(LOCAL, path).rows] == [
        0.5,
        1.5,
    ]
    assert run_rows(services_with_history, "halves") is None
