"""Streams of numbered lines: however they are cut and repeated, each line counts once."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weft.records.lenient_json import parse_json
from weft.records.record import Run
from weft.server.intake.lines import LineStream, LineUploads
from weft.server.intake.lines.rows import checksum, parse_rows, read_rows
from weft.server.services.access import LOCAL, ProjectPath, RunPath
from weft.server.services.ingest import Upload
from weft.server.services.opening import Services

PROJECT = ProjectPath("local", "lines")
NOW = 1_700_000_000_000_000


def begin(services: Services, run: str) -> RunPath:
    path = PROJECT.run(run)
    record = Run(run, "lines", start_micros=NOW)
    services.ingest.apply_upload(LOCAL, path, Upload("w", "records", 0, 1, records=[(1, record)]))
    return path


_numbers = iter(range(10**9))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8),
)
def test_parts_in_any_cut_and_repeated_give_each_row_once(
    services: Services, n_lines: int, parts: list[tuple[int, int]]
) -> None:
    path = begin(services, f"r{next(_numbers)}")
    lines = [json.dumps({"v": n, "_step": n, "_timestamp": 1000 + n}) for n in range(n_lines)]
    uploads = LineUploads(services.ingest, lambda: NOW)
    stream = LineStream("history", "w")
    n_known = 0
    for start, length in [*parts, (0, n_lines)]:
        start = min(start, n_known)  # a client continues where the server is, or before
        part = lines[start : start + length]
        assert uploads.add_rows(LOCAL, path, stream, start, part).faults == []
        n_known = max(n_known, start + len(part))
        assert uploads.count(LOCAL, path, stream) == n_known
    rows = services.history.rows(LOCAL, path, limit=1000).rows
    assert [(row["_step"], row["v"]) for row in rows] == [(n, n) for n in range(n_lines)]


def test_samples_of_the_machine_have_rows_of_their_own(services: Services) -> None:
    path = begin(services, "system")
    uploads = LineUploads(services.ingest, lambda: NOW)
    uploads.add_rows(LOCAL, path, LineStream("history", "w"), 0, ['{"v": 1}'])
    sample = '{"system.cpu": 5, "_wandb": true}'
    for _ in range(2):
        uploads.add_rows(LOCAL, path, LineStream("events", "w"), 0, [sample], is_system=True)
    assert [row["v"] for row in services.history.rows(LOCAL, path).rows] == [1]
    (row,) = services.history.rows(LOCAL, path, system=True).rows
    assert row["system.cpu"] == 5


def rows_in(*lines: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows as dicts, and the faults."""
    read = read_rows(parse_rows(lines), first_line=0, row_lo=0, now_micros=NOW)
    parsed: list[dict[str, Any]] = []
    for block in read.blocks:
        rows: list[dict[str, Any]] = [{"_step": step.item()} for step in block.steps]
        for key, columns in block.columns.items():
            for column in columns:
                ordinals = range(len(rows)) if column.rows is None else column.rows.tolist()
                for ordinal, value in zip(ordinals, column.values, strict=True):
                    rows[ordinal][key] = value if column.kind == "object" else value.item()
        parsed += rows
    return parsed, read.faults


VALUES = st.integers(-(2**70), 2**70) | st.floats() | st.booleans() | st.text() | st.none()
ROWS = st.dictionaries(st.text("ab", min_size=1, max_size=2), VALUES, max_size=4)


@given(st.lists(ROWS, min_size=1, max_size=20))
def test_values_come_out_as_they_went_in(rows: list[dict[str, Any]]) -> None:
    rows_back, faults = rows_in(*(json.dumps(row) for row in rows))
    assert faults == []
    for sent, got in zip(rows, rows_back, strict=True):
        got.pop("_step")
        assert got.keys() == sent.keys()
        for key, value in sent.items():
            value_back = got[key]
            if isinstance(value, float) and math.isnan(value):
                assert math.isnan(value_back)
            elif isinstance(value, int) and not -(2**63) <= value < 2**63:
                assert int(value_back["value"]) == value
            else:
                assert value_back == value
                assert isinstance(value_back, bool) == isinstance(value, bool)


def test_nested_objects_are_keys_with_dots_and_media_stay_whole() -> None:
    image = {"_type": "image-file", "path": "media/a.png"}
    rows_back, _ = rows_in(json.dumps({"a": {"b": {"c": 1}, "empty": {}}, "image": image}))
    assert rows_back == [{"_step": 0, "a.b.c": 1, "a.empty": {}, "image": image}]


def test_what_is_no_row_loses_only_itself() -> None:
    deep = '{"deep": ' + "[" * 40 + "]" * 40 + ', "v": 3}'
    rows_back, faults = rows_in('{"v": 1}', "no", "[1]", '{"v": 2, "": 5}', deep)
    assert [row["v"] for row in rows_back] == [1, 2, 3]
    assert len(faults) == 4
    assert "line 1" in faults[0]


def test_the_checksum_does_not_depend_on_the_order_of_keys() -> None:
    first, other = parse_rows(
        ['{"a": 1, "b": {"c": 2, "d": 3}}', '{"b": {"d": 3, "c": 2}, "a": 1}']
    )
    assert checksum(first) == checksum(other)
    assert checksum(first) != checksum(parse_rows(['{"a": 2}'])[0])


def test_numbers_that_json_lacks_are_read() -> None:
    numbers = parse_json('{"a": NaN, "b": -Infinity}')
    assert math.isnan(numbers["a"])
    assert numbers["b"] == -math.inf
    with pytest.raises(ValueError, match="deeply"):
        parse_json("[" * 200_000)
