"""The needs of a query: never less than its answer depends on, and little more."""

from __future__ import annotations

import functools
import math
from typing import Any

import duckdb
import pytest

from weft.errors import ConfigError
from weft.server.services.sql.syntax import Needs, read_tree
from weft.server.services.sql.trees import statement_of


@functools.cache
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def needs(query: str) -> Needs:
    ((tree,),) = (
        connection()
        .execute(
            "SELECT json_serialize_sql("
            "?, skip_null := true, skip_empty := true, skip_default := true)",
            [query],
        )
        .fetchall()
    )
    return read_tree(tree)


def deserialized(query: Any) -> str:
    answer = connection().execute("SELECT json_deserialize_sql(?)", [statement_of(query)])
    ((text,),) = answer.fetchall()
    return str(text)


def test_tables_columns_and_paths_are_found_wherever_they_are_named() -> None:
    tables = needs(
        "WITH x AS (SELECT run, loss FROM history) SELECT r.config.opt.lr, max(x.loss)"
        ' FROM x JOIN runs r ON r.id = x.run WHERE summary."val/acc" > 0'
        " GROUP BY 1 HAVING count(*) > (SELECT count(*) FROM configs)"
    )
    assert set(tables.tables) == {"history", "runs", "configs"}
    assert {"loss", "run", "id"} <= tables.names
    assert tables.paths == {"config": [("opt", "lr")], "summary": [("val/acc",)]}
    assert not any(table.every_column for table in tables.tables.values())


@pytest.mark.parametrize(
    "query",
    [
        "FROM history",
        "SELECT h.* FROM history h",
        "SELECT h FROM history h",
        "SELECT max(COLUMNS('lo.*')) FROM history",
        "SELECT x.loss FROM (SELECT * EXCLUDE (row) FROM history) x",
        "SUMMARIZE history",
        "SELECT 1 FROM (FROM history)",
    ],
)
def test_a_star_needs_every_column(query: str) -> None:
    assert needs(query).tables["history"].every_column


def test_a_star_elsewhere_needs_no_more() -> None:
    tables = needs("SELECT * FROM (SELECT step, loss FROM history)")
    assert not tables.tables["history"].every_column
    assert not needs("SELECT count(*) FROM history").tables["history"].every_column


def bounds(query: str) -> tuple[float, float]:
    lo, hi = needs(query).tables["history"].bounds()
    return (-math.inf if lo is None else lo), (math.inf if hi is None else hi)


@pytest.mark.parametrize(
    ("where", "inside", "outside"),
    [
        ("step >= 10 AND step < 20", [10, 19], [9, 20.1]),
        ("step > 10", [10.5, 1e9], [9]),
        ("10 <= step", [10], [9]),
        ("step BETWEEN -5 AND 5", [-5, 5], [-6, 6]),
        ("history.step = 7", [7], [6, 8]),
        ("step <= 1.5 AND loss > 3", [1.5, -100], [2]),
    ],
)
def test_steps_are_bound_by_what_has_to_hold(
    where: str, inside: list[float], outside: list[float]
) -> None:
    lo, hi = bounds(f"SELECT loss FROM history WHERE {where}")
    assert all(lo <= step < hi for step in inside)
    assert not any(lo <= step < hi for step in outside)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 FROM history WHERE step > 5 OR loss > 1",
        "SELECT 1 FROM history WHERE NOT step > 5",
        "SELECT 1 FROM history WHERE (step > 5) IS NOT TRUE",
        "SELECT 1 FROM history HAVING max(step) > 5",
        "SELECT 1 FROM history WHERE step > 5 UNION ALL SELECT 1 FROM history",
        "SELECT 1 FROM history h ASOF JOIN points p ON h.run = p.run AND h.step >= p.step"
        " WHERE h.step > 5",
        "SELECT 1 FROM history TABLESAMPLE reservoir(5) WHERE step > 5",
        "SELECT 1 FROM history JOIN points p USING (run) WHERE p.step > 5",
        "SELECT 1 FROM runs LEFT JOIN history h ON h.run = runs.id AND h.step > 5",
        "SELECT 1 FROM runs ANTI JOIN history ON runs.id = run WHERE step > 5",
        "SELECT 1 FROM runs SEMI JOIN history ON runs.id = run WHERE step > 5",
        "SELECT 1 FROM history WHERE step > (SELECT 5)",
        "SELECT 1 FROM history WHERE step > loss",
    ],
)
def test_what_need_not_hold_binds_nothing(query: str) -> None:
    assert bounds(query) == (-math.inf, math.inf)
    assert all(
        not mention.among and mention.runs is None
        for mention in needs(query).tables["history"].mentions
    )


def mention(query: str, table: str = "history") -> Any:
    (mention,) = needs(query).tables[table].mentions
    return mention


def test_runs_and_keys_are_picked_by_constants() -> None:
    assert mention("SELECT 1 FROM history WHERE run = 'a'").runs == {"a"}
    assert mention("SELECT 1 FROM history h WHERE h.run IN ('a', 'b') AND 'b' = run").runs == {"b"}
    points = "SELECT 1 FROM points WHERE key IN ('loss', 'acc') AND run = 'x'"
    assert mention(points, "points").keys == {"loss", "acc"}
    assert mention("SELECT 1 FROM history WHERE run IN ('a', loss)").runs is None


def test_runs_are_picked_by_questions_over_runs() -> None:
    within = mention(
        "SELECT 1 FROM history WHERE run IN (SELECT id FROM runs WHERE config.lr > 0.1)"
    )
    assert [deserialized(query) for query in within.among] == [
        "SELECT id FROM runs WHERE (config.lr > 0.1)"
    ]
    joined = mention(
        "SELECT 1 FROM history h JOIN runs r ON h.run = r.id WHERE r.name = 'x' AND config.lr > 1"
        " AND h.loss < 3 AND r.created < h.time"
    )
    (query,) = joined.among
    assert deserialized(query) == (
        "SELECT r.id FROM runs AS r WHERE ((r.\"name\" = 'x') AND (config.lr > 1))"
    )


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 FROM history h LEFT JOIN runs r ON h.run = r.id WHERE r.name = 'x'",
        "SELECT 1 FROM history h JOIN runs r ON h.writer = r.id WHERE r.name = 'x'",
        "SELECT 1 FROM history h JOIN runs r ON h.run = r.id WHERE r.name = 'x' OR h.step = 1",
        "SELECT 1 FROM history h, runs r, points p WHERE h.run = r.id AND name = 'x'",
        "SELECT 1 FROM history WHERE run NOT IN (SELECT id FROM runs)",
        "SELECT 1 FROM history WHERE run IN (SELECT id FROM runs WHERE runtime > history.step)",
        "SELECT 1 FROM history WHERE run IN (SELECT run FROM points WHERE value > 1)",
        "SELECT 1 FROM history WHERE run IN (SELECT id FROM runs LIMIT 3)",
        "SELECT 1 FROM history WHERE run IN (SELECT id FROM runs WHERE random() < 0.5)",
        "SELECT 1 FROM history JOIN runs r ON run = r.id WHERE config.lr > random()",
    ],
)
def test_runs_are_not_picked_where_rows_of_others_may_count(query: str) -> None:
    assert needs(query).tables["history"].mentions[0].among == []


def test_columns_that_rows_must_have_are_told() -> None:
    assert "loss" in mention("SELECT 1 FROM history WHERE loss > 5").present
    assert "loss" in mention("SELECT 1 FROM history WHERE loss IS NOT NULL").present
    assert mention("SELECT 1 FROM history WHERE loss IS NULL").present == set()
    assert mention("SELECT 1 FROM history WHERE coalesce(loss, 9) > 5").present == set()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; SELECT 2",
        "COPY runs TO 'x'",
        "SELECT * FROM read_csv('x')",
        "SELECT (SELECT count(*) FROM glob('*'))",
        "SELECT 1 FROM runs NATURAL JOIN history",
        "WITH RUNS AS (SELECT 1) SELECT 1",
        "SELECT FROM",
    ],
)
def test_what_is_not_answered_is_refused(query: str) -> None:
    with pytest.raises(ConfigError):
        needs(query)


def test_settings_of_the_server_s_machine_are_not_told() -> None:
    for query in ("SELECT current_setting('temp_directory')", "SELECT getenv('HOME') FROM runs"):
        with pytest.raises(ConfigError, match="is not available here"):
            needs(query)
