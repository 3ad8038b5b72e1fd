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


def assert_same_series(found: list[Series], expected: list[Series]) -> None:
    """All numbers alike: mean and M2 to float rounding, everything else exactly."""
    assert [_name(one) for one in found] == [_name(one) for one in expected]
    for mine, theirs in zip(found, expected, strict=True):
        for name in (
            "buckets",
            "count",
            "nonfinite",
            "nan",
            "positive_infinity",
            "negative_infinity",
        ):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name), name)
        for name in ("minimum", "maximum", "first", "last"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name), name)
        size = np.nan_to_num(np.maximum(np.abs(theirs.minimum), np.abs(theirs.maximum)))
        close = np.abs(mine.mean - theirs.mean) <= 1e-12 * size
        assert (close | (np.isnan(mine.mean) & np.isnan(theirs.mean))).all()
        with np.errstate(over="ignore", invalid="ignore"):
            slack = 1e-9 * theirs.m2 + 1e-12 * theirs.count * size * size
            close = np.abs(mine.m2 - theirs.m2) <= slack
        assert (close | (mine.m2 == theirs.m2) | np.isnan(theirs.m2)).all(), (mine.m2, theirs.m2)


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
                asked: dict[str, Any] = {"limit": 100_000, "system": system, "sources": sources}
                mine = list(store.rows(run, keys, **asked))
                theirs = list(twin.rows(run, keys, **asked))
                assert [
                    (r.writer, r.row, repr(r.step), r.micros, _plain(r.values)) for r in mine
                ] == [(r.writer, r.row, repr(r.step), r.micros, _plain(r.values)) for r in theirs]
                assert_same_pages(store, twin, run, keys, asked, mine)
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
            found = store.search_console(*asked_of, _find_1, first=2, limit=20)
            assert found == twin.search_console(*asked_of, _find_1, first=2, limit=20)
        assert store.console_streams(run) == twin.console_streams(run)


def assert_same_points(
    store: MetricStore,
    twin: MetricStore,
    run: str,
    key: str,
    place: AxisSpec,
    **asked: Any,
) -> None:
    """Points in both orders, and the objects among them."""
    for in_log_order in (False, True):
        mine, theirs = (
            [
                one
                for points in each.points(run, key, place, in_log_order=in_log_order, **asked)
                for one in _plain_points(points)
            ]
            for each in (store, twin)
        )
        if not in_log_order:
            assert mine == theirs
        else:
            # Rows of one writer name may come from several runs.
            assert sorted(mine) == sorted(theirs)
    assert list(store.objects(run, key, place, **asked)) == list(
        twin.objects(run, key, place, **asked)
    )
    sources = asked.get("sources", ())
    assert store.object_steps(run, key, sources=sources) == twin.object_steps(
        run, key, sources=sources
    )
    for at in (None, asked.get("lo"), asked.get("hi")):
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
    asked: dict[str, Any],
    rows: list[JoinedRow],
) -> None:
    """A few rows from a cursor on, within steps, of all writers together or one by one."""
    middle = rows[len(rows) // 2] if rows else None
    after = (middle.step, middle.micros, middle.writer, middle.row) if middle is not None else None
    for apart in (False, True):
        part = {
            **asked, "limit": 5, "apart": apart, "after": after,
            "lo": None if middle is None else middle.step - 3,
            "hi": None if middle is None else middle.step + 5,
        }  # fmt: skip
        mine, theirs = (list(each.rows(run, keys, **part)) for each in (store, twin))
        assert repr([_plain_row(row) for row in mine]) == repr([_plain_row(row) for row in theirs])


def _plain_row(row: JoinedRow) -> tuple[Any, ...]:
    return row.writer, row.row, row.step, row.micros, _plain(row.values)


def assert_same_columns(
    store: MetricStore, twin: MetricStore, runs: list[str], **asked: Any
) -> None:
    """Joined rows as columns, however they are divided into batches."""
    found = [
        [row for batch in each.columns(runs, **asked) for row in _plain_rows(batch)]
        for each in (store, twin)
    ]
    assert found[0] == found[1]


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


def make_values(rng: np.random.Generator, n: int, how: str) -> np.ndarray[Any, Any]:
    if how == "int":
        return rng.integers(-1000, 1000, n)
    if how == "bool":
        return rng.integers(0, 2, n).astype(np.bool_)
    values = rng.standard_normal(n) * 10.0 ** rng.integers(-3, 4)
    if how == "odd":
        at = rng.integers(0, n, max(1, n // 5))
        values[at] = rng.choice([np.nan, np.inf, -np.inf], len(at))
    elif how == "constant":
        values[:] = values[0]
    elif how == "huge":
        values *= 1e150
    return values


def make_steps(rng: np.random.Generator, n: int, how: str, start: int) -> np.ndarray[Any, Any]:
    ascending = np.arange(start, start + n)
    if how == "regular":
        return ascending
    if how == "repeated":
        return ascending // 7
    if how == "descending":
        return ascending[::-1].copy()
    if how == "random":
        return rng.integers(-500, 500, n)
    if how == "far":
        steps = ascending.copy()
        steps[rng.integers(0, n)] = 10**12
        return steps
    if how == "huge":
        return rng.integers(-(2**22), 2**22, n) * 2**40
    if how == "fraction":
        return ascending / 8
    if how == "tiny":
        return rng.standard_normal(n) * 1e-30
    assert how == "wild"
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
    for kind, chosen, how in (("int", split, "int"), ("float", ~split, "odd")):
        at = np.flatnonzero(chosen).astype(np.uint32)
        if len(at):
            mixed.append(Column(kind, at, make_values(rng, len(at), how)))  # type: ignore[arg-type]
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
