"""Filters, orders, pages and groups over random runs equal a brute force over plain values."""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weft.queries.filters import And, Comparison, Filter, Not, Operator, Or, Order
from weft.records.merge import Stamp
from weft.server.services.access.actors import LOCAL
from weft.server.services.columns.cache import ColumnCache
from weft.server.services.columns.typed_column import MISSING
from weft.server.services.selecting.distinct import MOST_VALUES
from weft.server.services.selecting.evaluate import columns_of
from weft.server.services.selecting.grouping import MISSING_VALUE, group_runs
from weft.server.services.selecting.ordering import page_of
from weft.server.services.selecting.pages import slots_of
from weft.server.services.selecting.types import GroupSelection
from weft.server.storage.metadata import REMOVE, FieldChange, MetadataStore, NewRun
from weft.wire.runs.selecting import Aggregate, Function

KEYS = ("a", "b", "c.d")
BIG = 2**60

VALUES = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.5, -0.0, 1.0, 2.5, 1e300, float(BIG), BIG, BIG + 1, -BIG - 1, 2**70]),
    st.sampled_from([math.nan, math.inf, -math.inf]),
    st.booleans(),
    st.sampled_from(["", "a", "A", "ab", "ä", "b", "1", "null", "\U0001f600", "\uffff", "a\nb"]),
    st.none(),
    st.sampled_from([[], ["a"], ["ä", 1], {}]),
)
SCALARS = VALUES.filter(lambda value: not isinstance(value, (list, dict)))
TAGS = st.lists(st.sampled_from(["x", "y", "ab", "ä"]), max_size=3, unique=True)


@dataclass
class MadeRun:
    """A run as the brute force sees it."""

    run: str
    created: int
    row_id: int = 0
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    is_gone: bool = False

    def value(self, column: str) -> Any:
        root, _, path = column.partition(".")
        if root == "config":
            return self.config.get(path, MISSING)
        value = {"tags": self.tags or None, "group": self.group, "id": self.run}.get(root)
        if root == "created":
            return self.created
        return MISSING if value is None else value


@st.composite
def runs(draw: st.DrawFn) -> list[MadeRun]:
    return [
        MadeRun(
            f"r{i}",
            draw(st.integers(1, 3)),
            tags=draw(TAGS),
            group=draw(st.sampled_from([None, "g", "h"])),
            config=draw(st.dictionaries(st.sampled_from(KEYS), VALUES)),
        )
        for i in range(draw(st.integers(0, 12)))
    ]


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    column = draw(st.sampled_from([*(f"config.{key}" for key in KEYS), "tags", "group"]))
    is_text = column in {"tags", "group"}
    values = st.sampled_from(["x", "g", "ab", "a", ""]) if is_text else SCALARS
    ops: list[Operator] = ["=", "!=", "<", "<=", ">", ">=", "in", "contains", "regex", "exists"]
    match op := draw(st.sampled_from(ops)):
        case "exists":
            return Comparison(column, op, draw(st.booleans()))
        case "contains":
            return Comparison(column, op, draw(st.sampled_from(["a", "ä", "", "[", "x", "1"])))
        case "regex":
            patterns = ["^a", "b$", "[a-y]", "ä", "^$", "a.b", "(?s)a.b", r"\d"]
            return Comparison(column, op, draw(st.sampled_from(patterns)))
        case "in":
            return Comparison(column, op, tuple(draw(st.lists(values, max_size=4))))
        case "=" | "!=":
            return Comparison(column, op, draw(values))
        case _:
            return Comparison(column, op, draw(values.filter(lambda value: value is not None)))


TREES: st.SearchStrategy[Filter] = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda of: And(tuple(of)), st.lists(inner, max_size=3)),
        st.builds(lambda of: Or(tuple(of)), st.lists(inner, max_size=3)),
    ),
    max_leaves=6,
)
ORDERS = st.lists(
    st.builds(
        Order,
        st.sampled_from([*(f"config.{key}" for key in KEYS), "tags", "group", "created"]),
        st.booleans(),
    ),
    max_size=3,
    unique_by=lambda order: order.column,
)
FUNCTIONS: list[Function] = ["count", "mean", "min", "max", "std", "last", "values"]


# The brute force: plain Python over plain values.

_ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float))


def nearest(value: float) -> float:
    return float(value)


def equals(value: Any, other: Any) -> bool:
    if is_number(value) and is_number(other):
        both_nan = value != value and other != other
        return both_nan or value == other
    return type(value) is type(other) and value == other


def holds(tree: Filter, run: MadeRun) -> bool:
    if isinstance(tree, Not):
        return not holds(tree.of, run)
    if isinstance(tree, And):
        return all(holds(branch, run) for branch in tree.of)
    if isinstance(tree, Or):
        return any(holds(branch, run) for branch in tree.of)
    value = run.value(tree.column)
    if tree.op == "exists":
        return (value is not MISSING) == tree.value
    if tree.op == "!=":
        return not holds(Comparison(tree.column, "=", tree.value), run)
    if value is MISSING:
        return False
    values = cast("list[Any]", value) if tree.column == "tags" else [value]
    return any(compares(tree, value) for value in values)


def compares(tree: Comparison, value: Any) -> bool:
    if tree.op in {"contains", "regex"}:
        if isinstance(value, (list, dict)):
            value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if not isinstance(value, str):
            return False
        if tree.op == "contains":
            return tree.value in value
        # `$` of RE2 is the end of the text, also where that is a line's end.
        return re.search(tree.value.replace("$", r"\Z"), value) is not None
    if tree.op == "=":
        return equals(value, tree.value)
    if tree.op == "in":
        return any(equals(value, listed) for listed in tree.value)
    if is_number(value) and is_number(tree.value):
        return bool(_ORDERED[tree.op](nearest(value), nearest(tree.value)))
    if isinstance(value, str) and isinstance(tree.value, str):
        return bool(_ORDERED[tree.op](value, tree.value))
    return False


def place(value: Any, *, descending: bool) -> tuple[Any, ...]:
    """The key that sorts a value ascending."""
    sign = -1 if descending else 1
    if is_number(value) and math.isfinite(nearest(value)):
        return ((2 if descending else 0), sign * nearest(value))
    if is_number(value) and value != value:
        return (2.5, 0)
    if is_number(value):
        return (1, sign * int(value > 0))
    if isinstance(value, str):
        return ((0 if descending else 2), text_place(value, sign))
    if isinstance(value, (list, dict)):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return (3, text_place(text, sign))
    return (4, 0) if value is None else (5, 0)


def text_place(text: str, sign: int) -> tuple[int, ...]:
    points = [sign * (ord(letter) + 1) for letter in text]
    return (*points, 0)


def sorted_brute(runs: Sequence[MadeRun], orders: Sequence[Order]) -> list[MadeRun]:
    ordered = sorted(runs, key=lambda run: (-run.created, -run.row_id))
    for order in reversed(orders):
        ordered.sort(key=lambda run: order_place(run, order))
    return ordered


def order_place(run: MadeRun, order: Order) -> tuple[Any, ...]:
    value = run.value(order.column)
    if order.column == "tags" and value is not MISSING:
        value = json.dumps(value, ensure_ascii=False)
    return place(value, descending=order.descending)


# The real thing, on a database.


class Project:
    """A project of a real database."""

    def __init__(self, store: MetadataStore, runs: Sequence[MadeRun]) -> None:
        self._store = store
        self._n_edits = 0
        self.runs: list[MadeRun] = []
        with store.write() as tx:
            nth = Project.n_projects = Project.n_projects + 1
            self.project_id = store.projects.make(tx, "local", f"p{nth}", 1)
        self._name = f"p{nth}"
        self.add(runs)

    n_projects = 0

    def add(self, runs: Sequence[MadeRun]) -> None:
        with self._store.write() as tx:
            for run in runs:
                new = NewRun(run.run, "", "running", run.created, run.created, 1, color=1)
                rows = self._store.runs.create(tx, "local", self._name, self.project_id, [new])
                row = rows[run.run]
                run.row_id = row.row_id
                values = {"tags": run.tags, "run_group": run.group}
                self._store.runs.change(tx, row, values, Stamp(1, "w", 0), editor="ada")
                self._put(tx, run, run.config)
                self.runs.append(run)

    def edit(self, run: MadeRun, changes: Mapping[str, Any]) -> None:
        """Set values; MISSING takes one away."""
        with self._store.write() as tx:
            self._put(tx, run, changes)
        for key, value in changes.items():
            run.config.pop(key, None)
            if value is not MISSING:
                run.config[key] = value

    def delete(self, run: MadeRun) -> None:
        with self._store.write() as tx:
            self._store.runs.delete(tx, run.row_id)
        run.is_gone = True

    def _put(self, tx: Any, run: MadeRun, values: Mapping[str, Any]) -> None:
        self._n_edits += 1
        stamp = Stamp(self._n_edits, "w", 0)
        changes = {
            key: FieldChange(REMOVE if value is MISSING else value, stamp)
            for key, value in values.items()
        }
        self._store.fields.put(tx, run.row_id, "config", changes)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MetadataStore]:
    store = MetadataStore(f"sqlite:///{tmp_path_factory.mktemp('property') / 'metadata.db'}")
    yield store
    store.close()


def check(
    cache: ColumnCache, project: Project, tree: Filter, orders: Sequence[Order], limit: int
) -> None:
    present = [run for run in project.runs if not run.is_gone]
    expected = [run.run for run in sorted_brute([r for r in present if holds(tree, r)], orders)]
    ids: list[str] = []
    cursor: str | None = None
    while True:
        names = columns_of(tree) | {order.column for order in orders}
        view = cache.view(LOCAL, project.project_id, names)
        slots = slots_of(view, tree)
        assert len(slots) == len(expected)
        page, cursor = page_of(view, slots, orders, cursor=cursor, limit=limit)
        ids += view.runs.ids_of(page)
        if cursor is None:
            break
    assert ids == expected
    for offset in range(len(expected) + 2):
        page, cursor = page_of(view, slots, orders, cursor=None, limit=limit, offset=offset)
        assert view.runs.ids_of(page) == expected[offset : offset + limit]
        assert (cursor is None) == (offset + limit >= len(expected))


@settings(
    max_examples=settings().max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    made_runs=runs(),
    more=runs(),
    selections=st.lists(st.tuples(TREES, ORDERS), min_size=1, max_size=3),
    edits=st.lists(
        st.tuples(
            st.integers(0, 30),
            st.dictionaries(st.sampled_from(KEYS), VALUES | st.just(MISSING), min_size=1),
            st.integers(0, 3),
        ),
        max_size=4,
    ),
    limit=st.integers(1, 5),
    max_bytes=st.sampled_from([0, 2000, 10**9]),
)
def test_pages_equal_brute_force_whatever_changes(
    store: MetadataStore,
    made_runs: list[MadeRun],
    more: list[MadeRun],
    selections: list[tuple[Filter, list[Order]]],
    edits: list[tuple[int, dict[str, Any], int]],
    limit: int,
    max_bytes: int,
) -> None:
    cache = ColumnCache(store, lambda: 10, max_bytes=max_bytes)
    project = Project(store, made_runs)
    for tree, orders in selections:
        check(cache, project, tree, orders, limit)
    for nth, values, kind in edits:
        present = [run for run in project.runs if not run.is_gone]
        if not present:
            break
        run = present[nth % len(present)]
        if kind == 0:
            project.delete(run)
        else:
            project.edit(run, values)
        check(cache, project, *selections[0], limit)
    project.add([replace_id(run) for run in more])
    for tree, orders in selections:
        check(cache, project, tree, orders, limit)


def replace_id(run: MadeRun) -> MadeRun:
    run.run = f"later{run.run}"
    return run


@settings(
    max_examples=settings().max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    made_runs=runs(),
    tree=TREES,
    by=st.lists(
        st.sampled_from(["config.a", "config.b", "tags", "group"]),
        min_size=1,
        max_size=2,
        unique=True,
    ),
    column=st.sampled_from(["config.a", "config.c.d"]),
    limit=st.integers(1, 4),
    descending=st.booleans(),
    sort_by=st.sampled_from(["", "n_runs", "value", "mean", "last", "values"]),
)
def test_groups_equal_brute_force(
    store: MetadataStore,
    made_runs: list[MadeRun],
    tree: Filter,
    by: list[str],
    column: str,
    limit: int,
    descending: bool,
    sort_by: str,
) -> None:
    cache = ColumnCache(store, lambda: 10)
    project = Project(store, made_runs)
    members = [run for run in project.runs if holds(tree, run)]
    order: tuple[Order, ...] = ()
    if sort_by:
        named = {"value": by[0], "n_runs": "n_runs"}.get(sort_by, f"{sort_by}({column})")
        order = (Order(named, descending),)
    selection = GroupSelection(
        tree=tree,
        by=tuple(by),
        levels=2,
        aggregates=tuple(Aggregate(column, function) for function in FUNCTIONS),
        order=order,
        limit=limit,
    )
    names = columns_of(tree) | set(by) | {column}
    groups: list[Any] = []
    cursor: str | None = None
    while True:
        view = cache.view(LOCAL, project.project_id, names)
        page_selection = GroupSelection(**{**as_dict(selection), "cursor": cursor})
        page = group_runs(view, slots_of(view, tree), page_selection)
        groups += page.groups
        assert len(page.groups) <= limit
        cursor = page.cursor
        if cursor is None:
            break
    expected = grouped(members, by[0], column, sort_by, descending=descending)
    assert page.total == len(expected)
    assert [group.n_runs for group in groups] == [len(members) for _, members in expected]
    for group, (value, expected_members) in zip(groups, expected, strict=True):
        assert_same(group.values, [shown(value)])
        assert_same(group.aggregates, figures(expected_members, column))
        if len(by) > 1:
            inner = grouped(expected_members, by[1], column, "" if sort_by == "value" else sort_by,
                            descending=descending)  # fmt: skip
            assert group.n_groups == len(inner)
            for got, (below, few) in zip(group.groups, inner[:limit], strict=True):
                assert_same(got.values, [shown(value), shown(below)])
                assert got.n_runs == len(few)


def as_dict(selection: GroupSelection) -> dict[str, Any]:
    return {name: getattr(selection, name) for name in selection.__struct_fields__}


def grouped(
    members: Sequence[MadeRun], by: str, column: str, sort_by: str, *, descending: bool
) -> list[tuple[Any, list[MadeRun]]]:
    newest = sorted(members, key=lambda run: (-run.created, -run.row_id))
    groups: list[tuple[Any, list[MadeRun]]] = []
    for run in newest:
        value = run.value(by)
        values = value if by == "tags" and value is not MISSING else [value]
        for cell in values:
            for first, same in groups:
                if cell is first or (first is not MISSING and equals(first, cell)):
                    same.append(run)
                    break
            else:
                groups.append((cell, [run]))
    groups.sort(key=lambda group: exact_place(group[0]))
    if sort_by == "value":
        groups.sort(key=lambda group: place(group[0], descending=descending))
    elif sort_by == "n_runs":
        groups.sort(key=lambda group: place(len(group[1]), descending=descending))
    elif sort_by:
        nth = FUNCTIONS.index(cast("Function", sort_by))

        def figure(group: tuple[Any, list[MadeRun]]) -> tuple[Any, ...]:
            value = figures(group[1], column)[nth]
            if sort_by == "values":
                return place(value["n_values"] if value else 0, descending=descending)
            if value is None and not (sort_by == "last" and has_value(group[1], column)):
                value = MISSING
            return place(value, descending=descending)

        groups.sort(key=figure)
    return groups


def has_value(runs: Sequence[MadeRun], column: str) -> bool:
    return any(run.value(column) is not MISSING for run in runs)


def exact_place(value: Any) -> tuple[Any, ...]:
    big = isinstance(value, int) and abs(value) > 2**53
    return (*place(value, descending=False), (1, text_place(str(value), 1)) if big else (0,))


def figures(runs: Sequence[MadeRun], column: str) -> list[Any]:
    values = [run.value(column) for run in runs]
    present = [value for value in values if value is not MISSING]
    numbers = [nearest(v) for v in values if is_number(v) and math.isfinite(nearest(v))]
    mean = math.fsum(numbers) / len(numbers) if numbers else None
    std = None
    if len(numbers) > 1:
        with np.errstate(over="ignore"):
            std = float(np.std(np.array(numbers), ddof=1))
    return [
        len(present),
        mean,
        min(numbers, default=None),
        max(numbers, default=None),
        std,
        present[0] if present else None,
        most_frequent(present),
    ]


def most_frequent(present: Sequence[Any]) -> dict[str, Any] | None:
    """The different values, as they are in the newest runs, and how many runs have each."""
    counts: list[tuple[Any, int]] = []
    for value in present:
        for nth, (frequent_value, n) in enumerate(counts):
            if equals(frequent_value, value):
                counts[nth] = (frequent_value, n + 1)
                break
        else:
            counts.append((value, 1))
    counts.sort(key=lambda entry: (-entry[1], exact_place(entry[0])))
    if not counts:
        return None
    values = [{"value": shown(value), "n_runs": n} for value, n in counts[:MOST_VALUES]]
    return {"values": values, "n_values": len(counts)}


def shown(value: Any) -> Any:
    if value is MISSING:
        return MISSING_VALUE
    if isinstance(value, float) and not math.isfinite(value):
        name = "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        return {"_type": "float", "value": name}
    if isinstance(value, int) and value.bit_length() > 63:
        return {"_type": "int", "value": str(value)}
    return value


def assert_same(got: Sequence[Any], expected: Sequence[Any]) -> None:
    assert len(got) == len(expected)
    for ours, other in zip(got, expected, strict=True):
        if isinstance(ours, float) and isinstance(other, float):
            assert ours == pytest.approx(other, rel=1e-12, nan_ok=True)
        else:
            assert ours == other
            assert type(ours) is type(other)
