"""Each rule of filters, orders, groups and patterns, on SQLite and on a real PostgreSQL.

The rules: `weft.queries.filters`, and "Metadata" in docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from at_length import engines_at_length
from service_uploads import START, Clock, WriterLog
from weft.errors import FilterError
from weft.queries.filter_text import parse_filter
from weft.queries.orders import order_from_text
from weft.records.record import Config, Exit, Run, Summary
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services
from weft.server.services.selecting.types import ColumnSelection, GroupSelection, RunSelection
from weft.server.services.summaries.projection import project_summaries
from weft.wire.runs.runs import RunEdit
from weft.wire.runs.selecting import Aggregate

PROJECT = ProjectPath("local", "p")


BIG = 2**60

VALUES: dict[str, Any] = {
    "half": 0.5,
    "one": 1,
    "true": True,
    "two": 2.0,
    "big": BIG + 1,
    "bigger": BIG + 2,
    "huge": 10**400,
    "nan": float("nan"),
    "inf": float("inf"),
    "neginf": float("-inf"),
    "texta": "a",
    "textA": "A",
    "textz": "ä",
    "text1": "1",
    "emoji": "\U0001f600",
    "list": ["x", "ü", 1],
    "dict": {},
    "null": None,
}
"""By run id, its config value `v`; the run `missing` has none. The first is the oldest."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def services_with_values(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_cluster").new_database()
    clock = Clock()
    services = open_services(tmp_path_factory.mktemp("data"), url, now=clock)
    services.background.stop()
    for nth, (name, value) in enumerate([*VALUES.items(), ("missing", None)]):
        clock.forward(1)
        values = [] if name == "missing" else [(["v"], value)]
        run = Run(
            name,
            "p",
            name=f"run {name}",
            tags=[["odd"], ["even", "baseline"], []][nth % 3],
            group=f"g{nth % 2}" if nth % 4 else None,
            job_type="train" if nth % 2 else None,
            notes="line one\nline two" if nth == 3 else None,
            start_micros=START + nth * 1_000_000,
        )
        config = Config(
            START, [*values, (["nth"], nth), (["opt", "lr"], nth / 10), (["a.b"], nth)]
        )
        log = WriterLog("w1", host=f"box{nth % 2}")
        ends = [Exit(START + nth * 1_000_000 + 10_000_000, nth % 2)] if nth != 5 else []
        path = RunPath("local", "p", name)
        rows = [{"loss": float(nth), "val.acc": nth}, {"loss": nth / 2}] if nth % 2 else []
        summaries = [Summary(START, [(["best"], nth)])] if nth == 4 else []
        services.ingest.apply_upload(
            LOCAL, path, log.upload(run, config, *summaries, *ends, rows=rows)
        )
    # Another project with the same paths, whose runs must never be seen.
    other = RunPath("local", "other", "one")
    config = Config(START, [(["v"], 1), (["only_there"], 1)])
    services.ingest.apply_upload(LOCAL, other, WriterLog("w1").upload(Run("one", "other"), config))
    project_summaries(services.stores, at_end=True)
    yield services
    services.close()


def found(services: Services, text: str, order: str = "created", **more: Any) -> list[str]:
    selection = RunSelection(tree=parse_filter(text), order=order_from_text(order), **more)
    return [run.id for run in services.runs.list(LOCAL, PROJECT, selection).runs]


EVERYTHING = [*VALUES, "missing"]

RULES = [
    # Numbers and bools compare as float64, an int beyond 2**53 is equal only to itself.
    ("config.v = 1", ["one", "true"]),
    ("config.v = true", ["one", "true"]),
    ("config.v = 1.0", ["one", "true"]),
    ("config.v = 2", ["two"]),
    (f"config.v = {BIG + 1}", ["big"]),
    (f"config.v = {BIG}", []),
    (f"config.v = {BIG}.0", []),
    (f"config.v = {2**53}", []),
    (f"config.v > {BIG - 1000}", ["big", "bigger", "huge", "inf"]),
    (f"config.v = {10**400}", ["huge"]),
    (f"config.v in (1, {BIG + 1}, null, a)", ["one", "true", "big", "texta", "null"]),
    ("config.v < 1", ["half", "neginf"]),
    ("config.v <= 1", ["half", "one", "true", "neginf"]),
    ("config.v >= 2", ["two", "big", "bigger", "huge", "inf"]),
    # Non-finite numbers, as IEEE 754 has it, but that NaN is equal to itself.
    ("config.v = nan", ["nan"]),
    ("config.v = infinity", ["inf"]),
    ("config.v = -infinity", ["neginf"]),
    ("config.v >= infinity", ["inf"]),
    ("config.v > nan", []),
    ("config.v in (nan, -infinity)", ["nan", "neginf"]),
    # Texts by code point, case as it is; never compared with numbers.
    ('config.v = "1"', ["text1"]),
    ("config.v < b and config.v > 0 or config.v < b", ["texta", "textA", "text1"]),
    ("config.v > a", ["textz", "emoji"]),
    ('config.v >= "\U0001f600"', ["emoji"]),
    ("config.v contains a", ["texta"]),
    ('config.v contains "ü"', ["list"]),
    ("config.v contains '[\"x\"'", ["list"]),
    ("config.v contains 1", ["text1", "list"]),
    # What a run lacks makes a comparison false, but for !=.
    ("config.v != 1", [name for name in EVERYTHING if name not in {"one", "true"}]),
    ("not config.v = 1", [name for name in EVERYTHING if name not in {"one", "true"}]),
    ("config.v != null", [name for name in EVERYTHING if name != "null"]),
    ("config.v = null", ["null"]),
    ("config.v missing", ["missing"]),
    ("not config.v exists", ["missing"]),
    ("config.nowhere exists", []),
    ("config.nowhere != 5 and config.nth < 2", ["half", "one"]),
    ("config.only_there = 1", []),
    # Patterns: RE2, found anywhere, in texts and in the JSON of lists.
    ("config.v matches '^[a-z]$'", ["texta"]),
    ("config.v matches '(?i)^[a-z]$'", ["texta", "textA"]),
    (r"config.v matches '^\pL$'", ["texta", "textA", "textz"]),
    (r"config.v matches '\d'", ["text1", "list"]),
    (r"notes matches '^line two$'", []),
    (r"notes matches '(?m)^line two$'", ["two"]),
    # Columns of the run's own row.
    ("id in (one, two, gone)", ["one", "two"]),
    ('name = "run two"', ["two"]),
    ("tags has baseline and config.nth < 8", ["one", "big", "nan"]),
    ("tags has odd and tags has baseline", []),
    ("tags != odd and config.nth < 4", ["one", "true"]),
    ("tags contains ase and config.nth < 4", ["one"]),
    ("tags missing and config.nth < 6", ["true", "bigger"]),
    ("group = g1 and config.nth < 4", ["one", "two"]),
    ("group missing", ["half", "big", "inf", "textz", "dict"]),
    ("job_type exists and config.nth < 4", ["one", "two"]),
    ("host = box1 and config.nth < 4", ["one", "two"]),
    ("state = failed and config.nth < 4", ["one", "two"]),
    ("state = running", ["bigger"]),
    ("ended missing", ["bigger"]),
    (f"started < {START + 2_000_000}", ["half", "one"]),
    ("started < 2023-11-14T22:13:22Z", ["half", "one"]),
    ("created > -3s", ["null", "missing"]),
    ("arrived > -2s", ["null", "missing"]),
    ("runtime >= 10s and config.nth < 2", ["half", "one"]),
    ("runtime > 1h", []),
    # Summaries, logged and set; a dot in a key needs no escape.
    ("summary.loss = 3.5", ["nan"]),
    ("summary.loss > 0 and summary.loss < 2", ["one", "two"]),
    ("summary.best = 4", ["big"]),
    ("summary.val.acc = 3", ["two"]),
    (r"summary.val\.acc = 3", ["two"]),
    ("config.a.b = 3", ["two"]),
    ("config.opt.lr > 0.05 and config.opt.lr < 0.25", ["one", "true"]),
    # Words between.
    ("id = one or id = two and config.nth = 3", ["one", "two"]),
    ("(id = one or id = two) and config.nth = 3", ["two"]),
    ("any(id = one, id = two)", ["one", "two"]),
    ("any()", []),
    ("all()", EVERYTHING),
    ("", EVERYTHING),
]


@pytest.mark.parametrize(("text", "expected"), RULES, ids=[text for text, _ in RULES])
def test_a_filter_holds_for(
    services_with_values: Services, text: str, expected: list[str]
) -> None:
    assert found(services_with_values, text) == expected


NUMBERS = ["half", "one", "true", "two", "big", "bigger", "huge"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (
            "config.v",
            ["half", "true", "one", "two", "bigger", "big", "huge", "neginf", "inf",
             "text1", "textA", "texta", "textz", "emoji", "nan", "list", "dict", "null",
             "missing"],
        ),
        (
            "-config.v",
            ["emoji", "textz", "texta", "textA", "text1", "inf", "neginf",
             "huge", "bigger", "big", "two", "true", "one", "half", "nan", "dict", "list", "null",
             "missing"],
        ),
        ("tags,-config.nth", None),
        ("-created", [*reversed(EVERYTHING)]),
        ("", [*reversed(EVERYTHING)]),
        ("name", sorted(EVERYTHING)),
        ("group,created", None),
    ],
)  # fmt: skip
def test_runs_are_sorted(
    services_with_values: Services, order: str, expected: list[str] | None
) -> None:
    ordered = found(services_with_values, "", order)
    if expected is not None:
        assert ordered == expected
    else:
        assert sorted(ordered) == sorted(EVERYTHING)
    paged: list[str] = []
    cursor: str | None = None
    while True:
        selection = RunSelection(order=order_from_text(order), limit=4, cursor=cursor)
        page = services_with_values.runs.list(LOCAL, PROJECT, selection)
        paged += [run.id for run in page.runs]
        cursor = page.cursor
        assert page.total == len(EVERYTHING)
        if cursor is None:
            break
    assert paged == ordered


def test_groups_have_figures(services_with_values: Services) -> None:
    selection = GroupSelection(
        by=("group", "tags"),
        aggregates=(
            Aggregate("config.nth", "count"),
            Aggregate("config.nth", "mean"),
            Aggregate("config.nth", "std"),
            Aggregate("config.v", "max"),
            Aggregate("id", "last"),
        ),
        tree=parse_filter("config.nth < 6"),
    )
    page = services_with_values.selecting.groups(LOCAL, PROJECT, selection)
    assert [(group.values, group.n_runs, group.aggregates) for group in page.groups] == [
        (["g0"], 1, [1, 2.0, None, 1.0, "true"]),
        (["g1"], 3, [3, 3.0, 2.0, float(BIG), "bigger"]),
        ([{"_type": "missing"}], 2, [2, 2.0, 8**0.5, float(BIG), "big"]),
    ]
    inner = services_with_values.selecting.groups(
        LOCAL, PROJECT, GroupSelection(by=("group", "tags"), under=("g1",))
    )
    assert [group.values for group in inner.groups] == [
        ["g1", "baseline"], ["g1", "even"], ["g1", "odd"], ["g1", {"_type": "missing"}],
    ]  # fmt: skip


def test_columns_are_found(services_with_values: Services) -> None:
    page = services_with_values.selecting.columns(LOCAL, PROJECT, ColumnSelection())
    by_name = {column.column: column for column in page.columns}
    assert by_name["config.v"].kinds == {
        "number": 6, "bool": 1, "nonfinite": 3, "text": 5, "other": 2, "none": 1
    }  # fmt: skip
    assert by_name["config.v"].n_runs == len(VALUES)
    assert by_name[r"summary.val\.acc"].n_runs == 9
    assert by_name["summary.best"].samples == [4]
    assert by_name["tags"].n_runs == 13
    assert "config.only_there" not in by_name
    assert [column.column for column in page.columns if column.column.startswith("config")] == [
        "config.a\\.b", "config.nth", "config.opt.lr", "config.v"
    ]  # fmt: skip
    for search in ("OPT", "config.opt", "Fig.Opt.L", "opt.lr"):
        searched = ColumnSelection(search=search)
        (column,) = services_with_values.selecting.columns(LOCAL, PROJECT, searched).columns
        assert column.column == "config.opt.lr"
    paged: list[str] = []
    cursor: str | None = None
    while True:
        selection = ColumnSelection(limit=3, cursor=cursor)
        part = services_with_values.selecting.columns(LOCAL, PROJECT, selection)
        assert part.total == page.total
        paged += [column.column for column in part.columns]
        cursor = part.cursor
        if cursor is None:
            break
    assert paged == [*by_name]


def test_what_changes_is_seen_at_once(services_with_values: Services) -> None:
    path = RunPath("local", "p", "one")
    assert found(services_with_values, "name = renamed") == []
    before = services_with_values.runs.get(LOCAL, path).name
    services_with_values.runs.edit(LOCAL, path, RunEdit(name="renamed"))
    assert found(services_with_values, "name = renamed") == ["one"]
    services_with_values.runs.edit(LOCAL, path, RunEdit(name=before))
    assert found(services_with_values, "name = renamed") == []


@pytest.mark.parametrize("pattern", ["(", "(?<=a)b", r"\1", "a**", "(a{1000}){1000}", "[z-a]"])
@engines_at_length("postgresql")
def test_what_is_no_pattern_is_refused(services_with_values: Services, pattern: str) -> None:
    with pytest.raises(FilterError, match="not a regular expression"):
        found(services_with_values, f'config.v matches "{pattern}"')
    with pytest.raises(FilterError, match="not a regular expression"):
        found(services_with_values, "", search=pattern, regex=True)
