"""Expressions that fetch the columns of an answer from DuckDB, by type. Pure."""

from __future__ import annotations

from typing import Final

_TEXT_TYPES: Final = ("VARCHAR", "ENUM", "UUID", "INTERVAL", "TIME", "BIT", '"NULL"', "NULL")
_WHOLE_TYPES: Final = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
)
_LARGE_TYPES: Final = ("HUGEINT", "UHUGEINT", "UBIGINT", "BIGNUM", "VARINT")


def reading_of(sql_type: str, column: str) -> tuple[str, str]:
    """Return the expression that fetches a column, itself an expression, and the kind of value it
    gives.

    >>> reading_of("INTEGER", "c0"), reading_of("MAP(VARCHAR, INTEGER)", "c1")
    (('c0::BIGINT', 'int'), ('to_json(c1)::VARCHAR', 'json'))
    """
    if sql_type in _WHOLE_TYPES:
        return f"{column}::BIGINT", "int"
    if sql_type in _LARGE_TYPES:
        return f"{column}::VARCHAR", "large"
    if sql_type in {"FLOAT", "DOUBLE"} or sql_type.startswith("DECIMAL"):
        return f"{column}::DOUBLE", "float"
    if sql_type == "BOOLEAN":
        return column, "bool"
    if sql_type.startswith(("TIMESTAMP", "DATE")):
        return f"epoch_us({column}::TIMESTAMP)", "time"
    if sql_type == "BLOB":
        return f"base64({column})", "text"
    if sql_type == "JSON":
        return f"{column}::VARCHAR", "json"
    if sql_type.startswith(_TEXT_TYPES) and not sql_type.endswith("]"):
        return f"{column}::VARCHAR", "text"
    return f"to_json({column})::VARCHAR", "json"
