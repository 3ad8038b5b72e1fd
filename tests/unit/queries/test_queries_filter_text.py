"""Filters as text: what is written comes back as the same tree, what is wrong names its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.errors import FilterError
from weft.queries.filter_json import decode_filter, encode_filter
from weft.queries.filter_text import format_filter, parse_filter
from weft.queries.filters import MAX_DEPTH, And, Comparison, Filter, Not, Or, check_filter
from weft.records.run_columns import ARTIFACT_COLUMNS, RUN_COLUMNS
from weft.records.states import RUN_STATES

TEXTS = st.text(max_size=8) | st.sampled_from(
    ["and", "not", "null", "nan", "-7d", "5", "\\", '"', "'", "a b", "\n", "\0", "\ud800", "\\n"]
)
NUMBERS = st.integers() | st.floats() | st.booleans() | st.integers(-(2**70), 2**70)
PATHS = st.text(min_size=1, max_size=8) | st.sampled_from(["lr", "a.b", "a\\.b", "x y", "v/acc"])
COLUMNS = st.sampled_from(list(RUN_COLUMNS)) | st.builds(
    "{}.{}".format, st.sampled_from(["config", "summary", "writer"]), PATHS
)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    column = draw(COLUMNS)
    kind = (
        RUN_COLUMNS[column].kind
        if column in RUN_COLUMNS
        else "texts"
        if column.startswith("writer")
        else "any"
    )
    values = {
        "text": TEXTS,
        "texts": TEXTS,
        "time": st.integers() | st.sampled_from(["-7d", "2026-11-20", "2026-11-20T10:00:00.5Z"]),
        "seconds": st.integers() | st.floats() | st.sampled_from(["2h", "1.5d"]),
        "any": TEXTS | NUMBERS,
    }[kind]
    if column == "state":
        values = st.sampled_from(RUN_STATES)
    if column in ARTIFACT_COLUMNS:  # behind a colon is a version
        values = TEXTS.filter(lambda text: ":" not in text) | st.just("mnist:v3")
    ops = ["=", "!=", "<", "<=", ">", ">=", "in", "exists"]
    if kind in {"text", "texts", "any"}:
        ops += ["contains", "regex"]
    match op := draw(st.sampled_from(ops)):
        case "exists":
            return Comparison(column, op, draw(st.booleans()))
        case "contains" | "regex":
            return Comparison(column, op, draw(values if column in ARTIFACT_COLUMNS else TEXTS))
        case "in":
            return Comparison(column, op, tuple(draw(st.lists(values, max_size=3))))
        case _:
            none = st.none() if kind == "any" and op in {"=", "!="} else st.nothing()
            return Comparison(column, op, draw(values | none))  # type: ignore[arg-type]


TREES: st.SearchStrategy[Filter] = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda of: And(tuple(of)), st.lists(inner, max_size=3)),
        st.builds(lambda of: Or(tuple(of)), st.lists(inner, max_size=3)),
    ),
    max_leaves=12,
)


@settings(max_examples=4 * settings().max_examples, deadline=None)
@given(TREES)
def test_what_is_written_is_read_as_the_same_tree(tree: Filter) -> None:
    check_filter(tree)
    text = format_filter(tree)
    # By repr, for NaN is not equal to itself, and 1 is equal to True.
    assert repr(parse_filter(text)) == repr(tree)
    assert repr(decode_filter(encode_filter(tree))) == repr(tree)
    assert format_filter(parse_filter(text)) == text


@settings(max_examples=4 * settings().max_examples, deadline=None)
@given(st.text() | st.text(alphabet="ab.<=>!()'\"\\, andortn1-"))
def test_any_text_is_read_or_refused(text: str) -> None:
    column: int | None = 1
    try:
        tree = parse_filter(text)
    except FilterError as error:
        column = error.column
    else:
        assert repr(parse_filter(format_filter(tree))) == repr(tree)
    assert column is None or 1 <= column <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("config.lr >> 1", 12, "a value is expected, not '>'"),
        ("config.lr", 10, "an operator such as = > in contains exists is expected, not the end"),
        ("config.lr > ", 12, "a value is expected, not the end"),
        ("(config.lr > 1", 15, ") is expected, not the end"),
        ("config.lr > 1)", 14, "and, or or the end is expected, not ')'"),
        ("lr > 1", 1, "no column is called 'lr'; what runs were given is config.lr, what they"),
        ("tag = x", 1, "no column is called 'tag'; tags may be meant; there are id"),
        ("Config.lr = 1", 1, "no column is called 'Config.lr'; config.lr may be meant; there are"),
        ("config.lr > 1 and", 18, "a column such as config.lr, not or ( is expected"),
        ("config.lr = 'abc", 13, "a closing quote is missing"),
        ("config.lr > 1 config.x = 2", 15, "and, or or the end is expected"),
        ("name = and", 8, "a value (a text that is a word of the grammar is put in quotes)"),
        ("name > 1 and created > soon", 24, "'soon' is not a time: write 2026-11-20"),
        ("runtime > long", 11, "'long' is not a duration"),
        ("config.lr has 3", 11, "config.lr has one value: write = or contains"),
        ("group = null", 9, "group is a text; for runs without one, write that it is missing"),
        ("config.lr < null", 13, "null has no order"),
        ("config.lr in 3", 14, "( is expected, not '3'"),
        ("config. > 3", 1, "no column is called 'config.'"),
        ("config.lr not = 3", 15, "in, contains, matches or has is expected"),
        ("created contains 3", 18, "created is a time: it has no text to search"),
        ("config.lr ! 3", 11, "can't read"),
        ("created > 2026-13-01", 11, "is not a time"),
        (
            "state = finishd",
            9,
            "no state is called 'finishd'; there are pending, running",
        ),
        ("state != ''", 10, "no state is called ''"),
        ("state in (failed, Failed)", 10, "no state is called 'Failed'"),
    ],
)
def test_an_error_points_at_its_place(text: str, column: int, says: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert caught.value.column == column
    assert str(caught.value).startswith(f"column {column}: ")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("CONFIG.lr > 1", None),
        ("config.lr > 1 AND NOT (name = a OR name = b)",
         "config.lr > 1 and not (name = \"a\" or name = \"b\")"),
        ("config.lr == .5", "config.lr = 0.5"),
        ("'config.odd name' not in (1, 2.0)", 'not "config.odd name" in (1, 2.0)'),
        ("tags = x", 'tags has "x"'),
        ("name = 12345678", 'name = "12345678"'),
        ("id = 1e5", 'id = "1e5"'),
        (r"name matches '^a\d+\.b$'", r'name matches "^a\\d+\\.b$"'),
        ("config.when > 2026-11-20", 'config.when > "2026-11-20"'),
        ("summary.val/acc >= +1e-3", "summary.val/acc >= 0.001"),
        ("config.lr = 6e\N{MINUS SIGN}4", "config.lr = 0.0006"),
        ("config.n in (\N{MINUS SIGN}3, \N{MINUS SIGN}inf, \N{MINUS SIGN}infinity)",
         'config.n in (-3, "\N{MINUS SIGN}inf", -infinity)'),
        ('config.lr = "6e\N{MINUS SIGN}4"', 'config.lr = "6e\N{MINUS SIGN}4"'),
    ],
)  # fmt: skip
def test_people_may_write_it_otherwise(text: str, same: str | None) -> None:
    if same is None:
        with pytest.raises(FilterError):
            parse_filter(text)
    else:
        assert format_filter(parse_filter(text)) == same


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "id = a" + ")" * 10_000,
        "not " * 10_000 + "id = a",
        "all(" * 10_000,
        "id = a and " * 2000 + "id = a",
        f"id in ({'a, ' * 100_001}a)",
        f"config.{'x' * 5000} = 1",
        f"config.x matches '{'a' * 1001}'",
        "\0",
        "id = a" + " " * 5_000_000,
        "config.x = " + "9" * 5000 + " and",
        "config.x = " + "9" * 3999,
        " or ".join(f"config.x{i} = 1" for i in range(101)),
    ],
)
def test_what_is_too_much_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        parse_filter(text)


def test_a_tree_is_bounded_as_the_text_is() -> None:
    tree: Filter = Comparison("id", "=", "a")
    for _ in range(MAX_DEPTH - 1):
        tree = Not(tree)
    assert decode_filter(encode_filter(tree)) == tree
    with pytest.raises(FilterError, match="nested at most 32 deep"):
        decode_filter({"not": encode_filter(tree)})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (5, "filter: an object or a text is expected"),
        ({}, "filter: one of and, or, not, or column with op and value is expected"),
        ({"and": {}}, "filter.and: a list is expected"),
        ({"and": [{"not": []}]}, r"filter\.and\[0\]\.not: an object or a text is expected"),
        ({"column": "id", "op": "="}, "column with op and value"),
        ({"column": "id", "op": "is", "value": "a"}, "no operator is called 'is'"),
        ({"column": 5, "op": "=", "value": "a"}, "column and op are texts"),
        ({"column": "id", "op": "=", "value": 5}, "id is a text; 5 is not"),
        ({"column": "config.x", "op": "=", "value": [1]}, "by contains only"),
        ({"column": "config.x", "op": "=", "value": {"a": 1}}, "by contains only"),
        ({"column": "config.x", "op": "in", "value": 5}, "takes a list"),
        ({"column": "config.x", "op": "exists", "value": 1}, "takes true or false"),
        ({"column": "config.x", "op": "regex", "value": 1}, "takes a text"),
        ({"column": "created", "op": ">", "value": True}, "created is a time"),
        (
            {
                "column": "config.x",
                "op": "=",
                "value": {"_type": "int", "value": "0x" + "f" * 9999},
            },
            "at most 13000 bits",
        ),
        (
            {"column": "id", "op": "regex", "value": {"_type": "int", "value": "0x" + "f" * 9999}},
            "not a large int",
        ),
        ({"column": "nowhere", "op": "=", "value": 1}, "there are id, name, .*writer"),
    ],
)
def test_what_is_no_tree_is_refused(value: object, says: str) -> None:
    with pytest.raises(FilterError, match=says):
        decode_filter(value)
