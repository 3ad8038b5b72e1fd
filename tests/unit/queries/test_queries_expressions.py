"""The expression language: what parses to what, and where what is refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expression_format import format_expression
from weft.errors import ExpressionError
from weft.queries.expression_text import MAX_CHARS, parse_axis_expression, parse_expression
from weft.queries.expressions import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_TERMS,
    Baseline,
    Binary,
    Call,
    Config,
    Expression,
    Metric,
    Negative,
    Number,
    Operator,
    Step,
    baseline_config_of,
    baseline_metrics_of,
    config_of,
    is_pointwise,
    metrics_of,
)

A, B, C = Metric("a"), Metric("b"), Metric("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ('"train/loss"', Metric("train/loss")),
        ('"a \\"b\\" \\u00e9\\\\"', Metric('a "b" é\\')),
        ("val.acc_1", Metric("val.acc_1")),
        ("größe", Metric("größe")),
        ("log", Metric("log")),
        ("a / config.data.top_k", Binary("/", A, Config("data.top_k"))),
        ('config."top k" * a', Binary("*", Config("top k"), A)),
        ('"config.lr"', Metric("config.lr")),
        ("configs.lr", Metric("configs.lr")),
        ("a * _step", Binary("*", A, Step())),
        ('"_step"', Metric("_step")),
        ("a + b * c", Binary("+", A, Binary("*", B, C))),
        ("a - b - c", Binary("-", Binary("-", A, B), C)),
        ("(a - b) - (c)", Binary("-", Binary("-", A, B), C)),
        ("a ** b ** c", Binary("**", A, Binary("**", B, C))),
        ("-a ** 2", Negative(Binary("**", A, Number(2.0)))),
        ("a ** -2", Binary("**", A, Number(-2.0))),
        ("--a", A),
        ("-(-a)", Negative(Negative(A))),
        ("- + - - a", Negative(A)),
        ("a % 2e-3", Binary("%", A, Number(0.002))),
        (".5 * a", Binary("*", Number(0.5), A)),
        ("ema ( a , 0.9 )", Call("ema", (A,), (0.9,))),
        ("rolling_quantile(a, 10, 0.25)", Call("rolling_quantile", (A,), (10.0, 0.25))),
        ("shift(a, -3)", Call("shift", (A,), (-3.0,))),
        ("min(a, b, 0)", Call("min", (A, B, Number(0.0)))),
        ("clip(a, -1, b)", Call("clip", (A, Number(-1.0), B))),
        ("a / baseline(ema(b, .5))", Binary("/", A, Baseline(Call("ema", (B,), (0.5,))))),
    ],
)
def test_a_text_parses_to_its_tree_and_back(text: str, tree: Expression) -> None:
    assert parse_expression(text) == tree
    assert parse_expression(format_expression(tree)) == tree


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "missing"),
        ("   ", 4, "missing"),
        ("a +", 4, "expected"),
        ("a b", 3, "an operator or the end"),
        ("(a", 3, ") is expected"),
        ("a)", 2, "an operator or the end"),
        ("a == b", 3, "an operator or the end"),
        ("a < 1", 3, "an operator or the end"),
        ("2x", 1, "double quotes"),
        ("1e999 * a", 1, "too large"),
        ('"a', 1, "no end"),
        ('"a\\x"', 1, "escape"),
        ('""', 1, "no metric"),
        ('"\\ud800"', 1, "no metric"),
        ("1 + 2", 1, "needs a metric"),
        ("a + sin(a)", 5, "no function sin"),
        ("__import__('os')", 1, "no function __import__"),
        ("a.__class__()", 1, "no function a.__class__"),
        ("lambda: a", 7, "an operator or the end"),
        ("ema(a)", 1, "(x, weight)"),
        ("ema(a, 1)", 8, "weight of ema"),
        ("ema(a, b)", 8, "weight of ema"),
        ("ema(a, 0.5, 1)", 13, "(x, weight)"),
        ("ema(1, 0.5) + a", 5, "needs a metric"),
        ("a * cumsum(min(1, 2))", 12, "needs a metric"),
        ("rolling_mean(a, 0)", 17, "n of rolling_mean"),
        ("rolling_mean(a, 1.5)", 17, "n of rolling_mean"),
        ("rolling_mean(a, 1e300)", 17, "n of rolling_mean"),
        ("rolling_quantile(a, 5, 2)", 24, "q of rolling_quantile"),
        ("max(a)", 1, "two or more"),
        ("clip(a, 1)", 1, "(x, lo, hi)"),
        ("baseline(baseline(a))", 10, "within a baseline"),
        ("baseline(1) + 2", 1, "needs a metric"),
        ("a\x00", 2, "an operator or the end"),
        ("config.lr * 2", 1, "needs a metric"),
        ("_step * 2", 1, "needs a metric"),
        ('a + config.""', 5, "no config value"),
        ('a + config."b', 12, "no end"),
        ("a + config.lr(1)", 5, "no function config.lr"),
        ("ema(a, config.w)", 8, "weight of ema"),
        ("ema(_step, 0.5) + a", 5, "needs a metric"),
    ],
)
def test_what_is_no_expression_is_refused_at_its_place(
    text: str, column: int, message: str
) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text)
    assert refused.value.column == column, refused.value
    assert message in str(refused.value)
    assert f"at column {column}" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "-" * 5_000 + "a",
        "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1),
        "abs(" * 1_000 + "a" + ")" * 1_000,
        "a" + " ** a" * 1_000,
        "+".join(["a"] * (MAX_TERMS + 1)),
        "min(" + ",".join(["a"] * 1_000) + ")",
        '"' + "\\" * (MAX_CHARS - 1),
        '"' + "a" * 2000 + '"',
        "a" * MAX_CHARS,
        " " * (MAX_CHARS + 1),
    ],
    ids=range(11),
)
def test_hostile_texts_are_refused_at_once(text: str) -> None:
    begin = time.process_time()
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text)
    assert len(str(refused.value)) < 1000
    assert time.process_time() - begin < 2  # some thousand times what it takes


def test_what_is_just_within_the_limits_is_taken() -> None:
    parse_expression("(" * (MAX_DEPTH - 1) + "a" + ")" * (MAX_DEPTH - 1))
    long = parse_expression("+".join(["a"] * (MAX_TERMS // 2)))
    assert metrics_of(long) == ["a"]
    assert parse_expression(format_expression(long)) == long


def test_metrics_of_the_run_and_of_the_baseline_are_told_apart() -> None:
    tree = parse_expression("b + max(a, b, 1) - baseline(c / a) ** d")
    assert metrics_of(tree) == ["b", "a", "d"]
    assert baseline_metrics_of(tree) == ["c", "a"]


def test_config_of_the_run_and_of_the_baseline_is_told_apart() -> None:
    tree = parse_expression("a * config.b + baseline(a / config.c) + config.b / config.d")
    assert config_of(tree) == ["b", "d"]
    assert baseline_config_of(tree) == ["c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config.lr * 2", "needs a metric or _step"),
        ("3", "needs a metric or _step"),
        ("baseline(a)", "without baseline"),
        ("_step * baseline(config.lr)", "without baseline"),
        ("_step *", "expected"),
    ],
)
def test_what_is_no_x_axis_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message.replace("(", r"\(")):
        parse_axis_expression(text)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_that_look_at_other_points_are_known(function: str) -> None:
    texts = {
        "min": "a, b",
        "max": "a, b",
        "clip": "a, 0, 1",
        "ema": "a, 0.5",
        "shift": "a, 1",
        "rolling_mean": "a, 2",
        "rolling_median": "a, 2",
        "rolling_quantile": "a, 2, 0.5",
    }
    tree = parse_expression(f"1 + {function}({texts.get(function, 'a')})")
    pointwise = {"abs", "log", "log10", "exp", "sqrt", "min", "max", "clip"}
    assert is_pointwise(tree) == (function in pointwise)


_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_numbers = st.floats(allow_nan=False, allow_infinity=False).map(Number)


def _smallest(left: Expression, right: Expression) -> Expression:
    return Call("min", (left, right))


def _shifted(tree: Expression, n: int) -> Expression:
    return Call("shift", (Binary("+", A, tree),), (float(n),))


def _grown(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    operators: st.SearchStrategy[Operator] = st.sampled_from(["+", "-", "*", "/", "%", "**"])
    return st.one_of(
        st.builds(Binary, operators, inner, inner),
        inner.filter(lambda tree: not isinstance(tree, Number)).map(Negative),
        st.builds(_smallest, inner, inner),
        st.builds(_shifted, inner, st.integers(-9, 9)),
    )


_leaves = st.one_of(_names.map(Metric), _names.map(Config), st.just(Step()), _numbers)
_trees = st.recursive(_leaves, _grown, max_leaves=12)


@given(_trees)
def test_every_tree_is_read_back_as_it_was_written(tree: Expression) -> None:
    tree = Binary("+", tree, A)
    text = format_expression(tree)
    assert parse_expression(text) == tree
    assert parse_expression(text.replace(" ", " \n\t")) == tree or '"' in text


@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        tree = parse_expression(text)
    except ExpressionError as error:
        column = error.column
    else:
        column = 1
        assert parse_expression(format_expression(tree)) == tree
    assert 1 <= column <= len(text) + 1
