"""Compares what two metric stores say, and makes batches for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from weft.server.storage.contract import (
    Axis,
    AxisSpec,
    Batch,
    Column,
    ColumnBatch,
    JoinedRow,
    Lineage,
    MetricStore,
    Points,
    RowBlock,
    Series,
    SeriesQuery,
)

KEYS = ["loss", "acc", "flag", "note"]


def _name(series: Series) -> tuple[str, str, str | None, int]:
    return series.run, series.key, series.part, series.level


def assert_same_series(series: list[Series], expected: list[Series]) -> None:
    """All numbers alike: mean and M2 to float rounding, everything else exactly."""
    assert [_name(entry) for entry in series] == [_name(entry) for entry in expected]
    for ours, theirs in zip(series, expected, strict=True):
        for name in (
            "buckets",
            "count",
            "nonfinite",
            "nan",
            "positive_infinity",
            "negative_infinity",
        ):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), name)
        for name in ("minimum", "maximum", "first", "last", "x"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), name)
        size = np.nan_to_num(np.maximum(np.abs(theirs.minimum), np.abs(theirs.maximum)))
        close = np.abs(ours.mean - theirs.mean) <= 1e-12 * size
        assert (close | (np.isnan(ours.mean) & np.isnan(theirs.mean))).all()
        with np.errstate(over="ignore", invalid="ignore"):
            slack = 1e-9 * theirs.m2 + 1e-12 * theirs.count * size * size
            close = np.abs(ours.m2 - theirs.m2) <= slack
        assert (close | (ours.m2 == theirs.m2) | np.isnan(theirs.m2)).all(), (ours.m2, theirs.m2)


def _plain(values: Any) -> str:
    # repr tells 5 from 5.0 from True, and NaN equals itself in it.
    return repr(sorted(values.items()))


def _find_1(text: bytes, at: int) -> int:
    return text.find(b"1", at)


def assert_same_answers(
    store: MetricStore, twin: MetricStore, runs: list[str], lineage: Lineage | None = None
) -> None:
    """Everything but the series."""
    lineage = lineage or {}
    assert {r: k for r, k in store.keys(lineage=lineage).items() if k} == {
        r: k for r, k in twin.keys(lineage=lineage).items() if k
    }
    assert sorted(store.dirty_runs()) == sorted(twin.dirty_runs())
    for run in runs:
        sources = lineage.get(run, ())
        assert store.run_origin(run) == twin.run_origin(run)
        assert repr(store.end(run, sources=sources)) == repr(twin.end(run, sources=sources))
        for keys in (None, ["loss", "note"]):
            latest = store.latest(run, keys, sources=sources)
            assert repr(latest) == repr(twin.latest(run, keys, sources=sources))
            for system in (False, True):
                query: dict[str, Any] = {"limit": 100_000, "system": system, "sources": sources}
                ours = list(store.rows(run, keys, **query))
                theirs = list(twin.rows(run, keys, **query))
                assert [
                    (r.writer, r.row, repr(r.step), r.micros, _plain(r.values)) for r in ours
                ] == [(r.writer, r.row, repr(r.step), r.micros, _plain(r.values)) for r in theirs]
                assert_same_pages(store, twin, run, keys, query, ours)
        for writer in ("w0", "w1", "w2", "v0"):
            assert store.position(run, writer) == twin.position(run, writer)
            for first, n in ((0, 5000), (3, 4)):
                mine_lines = store.console(run, writer, "stdout", first, n)
                assert mine_lines == twin.console(run, writer, "stdout", first, n)
                before = first + n
                mine_lines = store.console_before(run, writer, "stdout", before, n)
                assert mine_lines == twin.console_before(run, writer, "stdout", before, n)
            asked_of = (run, writer, "stdout")
            for of_mine, of_twin in zip(
                store.console_times(*asked_of), twin.console_times(*asked_of), strict=True
            ):
                assert of_mine.tolist() == of_twin.tolist()
            numbers = store.search_console(*asked_of, _find_1, first=2, limit=20)
            assert numbers == twin.search_console(*asked_of, _find_1, first=2, limit=20)
        assert store.console_streams(run) == twin.console_streams(run)


def assert_same_points(
    store: MetricStore,
    twin: MetricStore,
    run: str,
    key: str,
    axis: AxisSpec,
    **query: Any,
) -> None:
    """Points in both orders, and the objects among them."""
    for in_log_order in (False, True):
        ours, theirs = (
            [
                point
                for points in each.points(run, key, axis, in_log_order=in_log_order, **query)
                for point in _plain_points(points)
            ]
            for each in (store, twin)
        )
        if not in_log_order:
            assert ours == theirs
        else:
            # Rows of one writer name may come from several runs.
            assert sorted(ours) == sorted(theirs)
    assert list(store.objects(run, key, axis, **query)) == list(
        twin.objects(run, key, axis, **query)
    )
    sources = query.get("sources", ())
    bases = query.get("bases")
    assert store.object_positions(
        run, key, axis, sources=sources, bases=bases
    ) == twin.object_positions(run, key, axis, sources=sources, bases=bases)
    for at in (None, query.get("lo"), query.get("hi")):
        assert store.last_object(run, key, at=at, sources=sources) == twin.last_object(
            run, key, at=at, sources=sources
        )


def _plain_points(points: Points) -> list[tuple[Any, ...]]:
    return [
        (float(x), repr(value), time, points.writers[writer], row)
        for x, value, time, writer, row in zip(
            points.x.tolist(),
            points.values.tolist(),
            points.times.tolist(),
            points.writer.tolist(),
            points.rows.tolist(),
            strict=True,
        )
    ]


def assert_same_pages(
    store: MetricStore,
    twin: MetricStore,
    run: str,
    keys: list[str] | None,
    query: dict[str, Any],
    rows: list[JoinedRow],
) -> None:
    """A few rows from a cursor on, within steps, of all writers together or one by one."""
    middle = rows[len(rows) // 2] if rows else None
    after = (middle.step, middle.micros, middle.writer, middle.row) if middle is not None else None
    for apart in (False, True):
        part = {
            **query, "limit": 5, "apart": apart, "after": after,
            "lo": None if middle is None else middle.step - 3,
            "hi": None if middle is None else middle.step + 5,
        }  # fmt: skip
        ours, theirs = (list(each.rows(run, keys, **part)) for each in (store, twin))
        assert repr([_plain_row(row) for row in ours]) == repr([_plain_row(row) for row in theirs])


def _plain_row(row: JoinedRow) -> tuple[Any, ...]:
    return row.writer, row.row, row.step, row.micros, _plain(row.values)


def assert_same_columns(
    store: MetricStore, twin: MetricStore, runs: list[str], **query: Any
) -> None:
    """Joined rows as columns, however they are divided into batches."""
    columns = [
        [row for batch in each.columns(runs, **query) for row in _plain_rows(batch)]
        for each in (store, twin)
    ]
    assert columns[0] == columns[1]


def _plain_rows(batch: ColumnBatch) -> list[tuple[Any, ...]]:
    values: list[dict[str, str]] = [{} for _ in range(len(batch))]
    for key, columns in batch.columns.items():
        for column in columns:
            at = range(len(batch)) if column.rows is None else column.rows.tolist()
            plain = column.values if isinstance(column.values, list) else column.values.tolist()
            for nth, value in zip(at, plain, strict=True):
                assert key not in values[nth]
                values[nth][key] = repr(value)
    return [
        (batch.run, batch.writers[writer], row, float(step), time, sorted(inner.items()))
        for writer, row, step, time, inner in zip(
            batch.writer.tolist(),
            batch.rows.tolist(),
            batch.steps.tolist(),
            batch.times.tolist(),
            values,
            strict=True,
        )
    ]


def query(
    runs: list[str],
    keys: list[str] | None = None,
    *,
    axis: Axis = "step",
    lo: float | None = None,
    hi: float | None = None,
    n_buckets: int = 64,
    lineage: Lineage | None = None,
) -> SeriesQuery:
    return SeriesQuery(runs, keys or KEYS, axis, lo, hi, n_buckets, lineage or {})


def make_values(rng: np.random.Generator, n: int, shape: str) -> np.ndarray[Any, Any]:
    if shape == "int":
        return rng.integers(-1000, 1000, n)
    if shape == "bool":
        return rng.integers(0, 2, n).astype(np.bool_)
    values = rng.standard_normal(n) * 10.0 ** rng.integers(-3, 4)
    if shape == "odd":
        at = rng.integers(0, n, max(1, n // 5))
        values[at] = rng.choice([np.nan, np.inf, -np.inf], len(at))
    elif shape == "constant":
        values[:] = values[0]
    elif shape == "huge":
        values *= 1e150
    return values


def make_steps(rng: np.random.Generator, n: int, shape: str, start: int) -> np.ndarray[Any, Any]:
    ascending = np.arange(start, start + n)
    if shape == "regular":
        return ascending
    if shape == "repeated":
        return ascending // 7
    if shape == "descending":
        return ascending[::-1].copy()
    if shape == "random":
        return rng.integers(-500, 500, n)
    if shape == "far":
        steps = ascending.copy()
        steps[rng.integers(0, n)] = 10**12
        return steps
    if shape == "huge":
        return rng.integers(-(2**22), 2**22, n) * 2**40
    if shape == "fraction":
        return ascending / 8
    if shape == "tiny":
        return rng.standard_normal(n) * 1e-30
    assert shape == "wild"
    return rng.standard_normal(n) * 10.0 ** rng.integers(-20, 20, n)


STEPS = [
    "regular", "repeated", "descending", "random", "far", "huge", "fraction", "tiny", "wild",
]  # fmt: skip


def make_rows(
    rng: np.random.Generator, row_lo: int, n: int, steps: str, values: str, fragments: bool
) -> RowBlock:
    """Rows with a full, a sparse, a mixed and a text column."""
    columns: dict[str, list[Column]] = {
        "loss": [Column("float", None, make_values(rng, n, values))],
    }
    sparse = np.flatnonzero(rng.random(n) < 0.4).astype(np.uint32)
    if len(sparse):
        columns["flag"] = [Column("bool", sparse, make_values(rng, len(sparse), "bool"))]
    split = rng.random(n) < 0.5
    mixed: list[Column] = []
    for kind, chosen, shape in (("int", split, "int"), ("float", ~split, "odd")):
        at = np.flatnonzero(chosen).astype(np.uint32)
        if len(at):
            mixed.append(Column(kind, at, make_values(rng, len(at), shape)))  # type: ignore[arg-type]
    columns["acc"] = mixed
    at = np.flatnonzero(rng.random(n) < 0.2).astype(np.uint32)
    if len(at):
        columns["note"] = [Column("object", at, [f"n{row_lo + i}" for i in at.tolist()])]
    times = np.cumsum(rng.integers(-1000, 20_000, n)) + row_lo * 9000
    continues = rng.random(n) < 0.2 if fragments else None
    return RowBlock(
        row_lo, make_steps(rng, n, steps, row_lo), times.astype(np.int64), continues, columns
    )


def batch(
    run: str, writer: str, position: int, rows: RowBlock | None = None, **more: Any
) -> Batch:
    """A batch that moves its stream by one for each row, at least by one."""
    to = position + (len(rows) if rows is not None else 1)
    return Batch(run, writer, writer, position, to, rows=rows, **more)
