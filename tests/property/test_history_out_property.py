"""Random logs: history pages, exports and SQL give what brute force over the logged rows gives."""

from __future__ import annotations

import io
import json
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service_uploads import SECOND, START, Clock, WriterLog, row_block
from weft.records.record import Run
from weft.records.value import json_safe, tagged_floats
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.ingest.upload import Segment
from weft.server.services.opening.services import Services, open_services
from weft.wire.metrics.exports import ExportQuery

PROJECT = ProjectPath("local", "p")

N_EXAMPLES = int(os.environ.get("WEFT_TEST_ROUNDS", "3"))
pytestmark = pytest.mark.timeout(120 + 20 * N_EXAMPLES)

# Without shrinking: an example opens a server's stores, and a smaller one takes minutes to find.
RANDOM = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)

KEYS = ["loss", "n", "ok", "mixed", "step", 'odd "é"']
INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(width=64)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "loss": FLOATS,
    "n": INTS,
    "ok": st.booleans(),
    "mixed": FLOATS | st.booleans() | st.text(max_size=3) | st.lists(FLOATS, max_size=2),
    "step": st.integers(-5, 5) | st.floats(-5, 5),
    'odd "é"': st.text(max_size=4),
}


@dataclass
class Log:
    """One writer's log: fragments are rows of their own that continue the one before."""

    run: str
    writer: str
    steps: list[int | float]
    fragments: list[bool]
    rows: list[dict[str, Any]]


@dataclass
class Joined:
    run: str
    writer: str
    row: int
    step: int | float
    micros: int
    values: dict[str, Any] = field(default_factory=dict[str, Any])


@st.composite
def logs(draw: st.DrawFn) -> list[Log]:
    logs: list[Log] = []
    for nth in range(draw(st.integers(1, 4))):
        n_rows = draw(st.integers(0, 8))
        steps: list[int | float] = draw(
            st.lists(st.integers(-3, 6), min_size=n_rows, max_size=n_rows)
            | st.lists(
                st.integers(-3, 6) | st.sampled_from([0.5, 2.5]), min_size=n_rows, max_size=n_rows
            )
        )
        fragments = [nth_row > 0 and draw(st.booleans()) for nth_row in range(n_rows)]
        for row in range(n_rows):
            if fragments[row]:
                steps[row] = steps[row - 1]
        rows = [
            {key: draw(VALUES[key]) for key in draw(st.sets(st.sampled_from(KEYS)))}
            for _ in range(n_rows)
        ]
        logs.append(Log(draw(st.sampled_from(["ra", "rb"])), f"w{nth}", steps, fragments, rows))
    return logs


def joined_rows(logs: list[Log]) -> list[Joined]:
    joined: list[Joined] = []
    for log in logs:
        for nth, row in enumerate(log.rows):
            micros = START + nth * SECOND
            if log.fragments[nth]:
                joined[-1].values |= row
                joined[-1].micros = micros
            else:
                step = log.steps[nth]
                joined.append(Joined(log.run, log.writer, nth, step, micros, dict(row)))
    return sorted(joined, key=lambda row: (row.run, row.step, row.micros, row.writer, row.row))


@contextmanager
def served(logs: list[Log]) -> Iterator[Services]:
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(Path(folder), now=Clock())
        try:
            for log in logs:
                writer = WriterLog(log.writer)
                upload = writer.upload(Run(log.run, "p"), rows=log.rows)
                if log.rows:
                    upload.segments = [Segment(_block(log), False, upload.to_position)]
                services.ingest.apply_upload(LOCAL, RunPath("local", "p", log.run), upload)
            yield services
        finally:
            services.close()


def _block(log: Log) -> Any:
    block = row_block(log.rows, row_lo=0, first_micros=START)
    is_whole = all(isinstance(step, int) for step in log.steps)
    block.steps = np.array(log.steps, np.int64 if is_whole else np.float64)
    block.continues = np.array(log.fragments) if any(log.fragments) else None
    return block


def plain(value: Any) -> Any:
    """Equal values equal, NaN too; 5.0 and 5 and True are not."""
    return repr(value)


def json_text(value: Any) -> str:
    return json.dumps(json_safe(tagged_floats(value)), ensure_ascii=False, separators=(",", ":"))


def is_object(value: Any) -> bool:
    return not isinstance(value, (bool, int, float))


def column_value(key: str, value: Any, logs: list[Log]) -> Any:
    """A value in a wide table, by the kinds that its metric was ever logged as."""
    every = [row[key] for log in logs for row in log.rows if key in row]
    if any(is_object(value) for value in every):
        return json.loads(json_text(value))
    if all(isinstance(value, bool) for value in every):
        return value
    if all(type(value) is int for value in every):
        return value
    return float(value)


@given(logs(), st.sampled_from([None, ["loss"], ["mixed", "n"], ["never"]]),
       st.none() | st.integers(-3, 3), st.none() | st.integers(0, 6), st.booleans())  # fmt: skip
@settings(RANDOM, max_examples=N_EXAMPLES)
def test_history_pages_are_the_rows_in_order(
    logs: list[Log], keys: list[str] | None, lo: int | None, hi: int | None, apart: bool
) -> None:
    with served(logs) as services:
        for run in {log.run for log in logs}:
            rows = [
                row
                for row in joined_rows(logs)
                if row.run == run
                and (lo is None or row.step >= lo)
                and (hi is None or row.step < hi)
                and (keys is None or set(keys) & row.values.keys())
            ]
            if apart:
                rows.sort(key=lambda row: (row.writer, row.row))
            got: list[dict[str, Any]] = []
            cursor: str | None = None
            while True:
                page = services.history.rows(
                    LOCAL, RunPath("local", "p", run), keys=keys, limit=3, cursor=cursor,
                    step_lo=lo, step_hi=hi, apart=apart,
                )  # fmt: skip
                got += page.rows
                cursor = page.cursor
                if cursor is None:
                    break
            assert [
                (row["_step"], row.get("_writer"), row["_timestamp"], plain(values_of(row)))
                for row in got
            ] == [
                (
                    row.step,
                    row.writer if apart else None,
                    row.micros / 1e6,
                    plain({k: row.values[k] for k in sorted(row.values) if not keys or k in keys}),
                )
                for row in rows
            ]


def values_of(row: dict[str, Any]) -> dict[str, Any]:
    own = {"_step", "_runtime", "_timestamp", "_writer"}
    return {key: row[key] for key in sorted(row) if key not in own}


def exported(services: Services, **query: Any) -> pa.Table:
    tables: list[pa.Table] = []
    for file_format in ("parquet", "arrow"):
        question = ExportQuery(runs=["ra", "rb"], format=file_format, **query)  # type: ignore[arg-type]
        data = b"".join(services.exports.history(LOCAL, PROJECT, question).pieces)
        tables.append(
            pq.read_table(io.BytesIO(data))
            if file_format == "parquet"
            else pa.ipc.open_stream(data).read_all()
        )
    assert tables[0].schema == tables[1].schema
    assert repr(tables[0].to_pylist()) == repr(tables[1].to_pylist())
    return tables[0]


@given(logs(), st.none() | st.integers(-3, 3))
@settings(RANDOM, max_examples=N_EXAMPLES)
def test_exports_hold_the_rows(logs: list[Log], lo: int | None) -> None:
    logs = [*logs, Log("ra", "v0", [], [], []), Log("rb", "v1", [], [], [])]
    every = joined_rows(logs)
    rows = [row for row in every if row.values and (lo is None or row.step >= lo)]
    with served(logs) as services:
        table = exported(services, step_lo=lo)
        names = {key: "metric.step" if key == "step" else key for key in KEYS}
        present = {key for row in every for key in row.values}
        assert set(table.column_names[5:]) == {names[key] for key in present}
        got = [row for row in table.to_pylist() if any(row[names[k]] is not None for k in present)]
        assert [(row["run"], row["writer"], row["row"], row["step"]) for row in got] == [
            (row.run, row.writer, row.row, row.step) for row in rows
        ]
        for exported_row, row in zip(got, rows, strict=True):
            for key in present:
                value = exported_row[names[key]]
                if key not in row.values:
                    assert value is None
                    continue
                expected = column_value(key, row.values[key], logs)
                if isinstance(value, str):
                    value = json.loads(value)
                assert plain(value) == plain(expected)
        long = exported(services, shape="points", step_lo=lo).to_pylist()
        assert sorted(
            (p["run"], p["writer"], p["row"], p["key"],
             plain(p["value"] if p["text"] is None else json.loads(p["text"])))
            for p in long
        ) == sorted(
            (row.run, row.writer, row.row, key,
             plain(json.loads(json_text(value)) if is_object(value) else float(value)))
            for row in rows
            for key, value in row.values.items()
        )  # fmt: skip
        question = ExportQuery(runs=["ra", "rb"], format="csv", step_lo=lo)
        data = b"".join(services.exports.history(LOCAL, PROJECT, question).pieces)
        options = pa.csv.ParseOptions(newlines_in_values=True)
        text = pa.csv.read_csv(io.BytesIO(data), parse_options=options)
        assert text.num_rows == table.num_rows
        assert text.column_names == table.column_names
        assert text["row"].to_pylist() == table["row"].to_pylist()


@given(logs())
@settings(RANDOM, max_examples=max(3, N_EXAMPLES // 3))
def test_sql_counts_and_sums_as_brute_force_does(logs: list[Log]) -> None:
    rows = joined_rows(logs)
    runs = {log.run for log in logs}
    with served(logs) as services:

        def ask(query: str) -> list[list[Any]]:
            answer = services.sql.prepare(LOCAL, PROJECT, query).run()
            rows: list[list[Any]] = json.loads(answer.body)["rows"]
            return rows

        assert ask("SELECT count(*) FROM history") == [[len(rows)]]
        keys = {key for row in rows for key in row.values}
        if "ok" in keys:
            of_a = [row for row in rows if row.run == "ra" and row.step >= 1]
            assert ask(
                "SELECT count(*), count(ok), count(*) FILTER (ok) FROM history"
                " WHERE run = 'ra' AND step >= 1"
            ) == [
                [
                    len(of_a),
                    sum("ok" in row.values for row in of_a),
                    sum(row.values.get("ok") is True for row in of_a),
                ]
            ]
        if "loss" in keys:
            finite = [
                row.values["loss"]
                for row in rows
                if "loss" in row.values and math.isfinite(row.values["loss"])
            ]
            query = "SELECT min(loss), max(loss), count(loss) FROM history WHERE isfinite(loss)"
            expected = [min(finite), max(finite), len(finite)] if finite else [None, None, 0]
            assert ask(query) == [expected]
        if "step" in keys:
            late = [row for row in rows if row.step >= 1]
            query = 'SELECT count(*), count("metric.step") FROM history WHERE step >= 1'
            assert ask(query) == [[len(late), sum("step" in row.values for row in late)]]
        assert ask("SELECT count(*) FROM points WHERE step < 3 AND key IN ('n', 'mixed')") == [
            [sum(key in row.values for row in rows if row.step < 3 for key in ("n", "mixed"))]
        ]
        assert ask("SELECT id FROM runs ORDER BY id") == [[run] for run in sorted(runs)]
