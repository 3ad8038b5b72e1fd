"""Columns that are computed from other columns of a table: expressions of charts as SQL."""

from __future__ import annotations

from typing import Any, Final

from weft.queries.expression_text import parse_expression
from weft.queries.expressions import (
    Baseline,
    Binary,
    Call,
    Config,
    Expression,
    Metric,
    Negative,
    Number,
    Step,
)
from weft.server.services.sql_child.table_sources import Source

_NUMBER: Final = {"type": {"wb_type": "number"}}

_OPERATORS: Final = {
    "+": "({0} + {1})",
    "-": "({0} - {1})",
    "*": "({0} * {1})",
    "/": "({0} / nullif({1}, 0))",
    "%": "({0} - {1} * floor({0} / nullif({1}, 0)))",
    "**": "TRY(pow({0}, {1}))",
}


def _of_all(*operands: str) -> str:
    """The beginning of a case without a value where an operand has none.

    DuckDB's `least` and `greatest` pass over such operands.
    """
    return f"CASE WHEN {' OR '.join(f'{operand} IS NULL' for operand in operands)} THEN NULL ELSE"


_FUNCTIONS: Final = {
    "abs": "abs({0})",
    # Outside their domain DuckDB's functions raise, which would refuse all rows.
    "log": "TRY(ln({0}))",
    "log10": "TRY(log10({0}))",
    "sqrt": "TRY(sqrt({0}))",
    "exp": "TRY(exp({0}))",
    "clip": f"{_of_all('{0}', '{1}', '{2}')} greatest({{1}}, least({{2}}, {{0}})) END",
}


_MAX_SQL_CHARS: Final = 100_000
"""Longest statement of an expression: `%` writes its operands twice, so nested ones grow fast."""


class LargeExpression(Exception):
    """The statement of an expression is too long."""


def are_columns(expression: Expression) -> bool:
    """Whether an expression names nothing but metrics, which stand for columns."""
    match expression:
        case Config() | Step() | Baseline():
            return False
        case Binary(_, left, right):
            return are_columns(left) and are_columns(right)
        case Negative(of):
            return are_columns(of)
        case Call(_, operands):
            return all(map(are_columns, operands))
        case _:
            return True


def with_computed(rows: Any, source: Source, name: str, text: str) -> Source:
    """The rows of a source with one more column.

    UnknownColumn or LargeExpression if it can't be computed.
    """
    computed = _sql(rows, parse_expression(text))
    selected = ", ".join([f"c{index}" for index in range(len(source.columns))])
    added = f"c{len(source.columns)}"
    names = {column for column, _ in source.columns}
    free = name
    while free in names:
        free += "_"
    notes = [rows.note(index) for index in range(len(source.columns))]
    return Source(
        f"(SELECT {selected}, ({computed})::DOUBLE AS {added}, file_index, file_row_number"
        f" FROM {rows.relation})",
        [*source.columns, (free, "DOUBLE")],
        [*notes, {"name": name, **_NUMBER}],
        source.n_rows,
        source.tables,
    )


def _sql(rows: Any, expression: Expression) -> str:
    statement = _statement(rows, expression)
    if len(statement) > _MAX_SQL_CHARS:
        raise LargeExpression
    return statement


def _statement(rows: Any, expression: Expression) -> str:
    match expression:
        case Number(value):
            return f"{value!r}::DOUBLE"
        case Metric(key):
            return _cell(rows, rows.index_of(key))
        case Negative(of):
            return f"(-{_sql(rows, of)})"
        case Binary(operator, left, right):
            return _OPERATORS[operator].format(_sql(rows, left), _sql(rows, right))
        case Call("min" | "max" as function, operands):
            values = [_sql(rows, operand) for operand in operands]
            extreme = "least" if function == "min" else "greatest"
            return f"{_of_all(*values)} {extreme}({', '.join(values)}) END"
        case Call(function, operands) if function in _FUNCTIONS:
            return _FUNCTIONS[function].format(*(_sql(rows, operand) for operand in operands))
        case _:
            raise AssertionError(f"{expression} was checked before")


def _cell(rows: Any, index: int) -> str:
    kind = rows.columns[index].kind
    if kind in {"time", "local_time"}:
        return f"(epoch_us(c{index}) / 1e6)"
    if kind == "bool":
        return f"c{index}::TINYINT::DOUBLE"
    return f"TRY_CAST({rows.value(index)} AS DOUBLE)"
