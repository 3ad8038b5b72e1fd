"""The process that answers one query with DuckDB and then exits.

`parent` forks it, and `sql.running` talks to it over its pipes: it parses the query, receives the
tables that the query needs, and sends the answer. Before anything else it limits itself: no files,
no network, no extensions, and bounded memory and time. Runs on Linux and macOS.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sys
import threading
from typing import Any, Final

import duckdb
import msgspec
import nanoarrow
import numpy as np

from weft.server.services.sql_child.computed_columns import LargeExpression, with_computed
from weft.server.services.sql_child.kinds import reading_of
from weft.server.services.sql_child.logged import LOGGED_FOLDER, create_logged
from weft.server.services.sql_child.pipe import (
    ByteStream,
    PipeClosed,
    receive,
    send,
    send_data,
    send_end,
)
from weft.server.services.sql_child.rows_json import json_answer
from weft.server.services.sql_child.table_groups import grouped_source
from weft.server.services.sql_child.table_sources import (
    LongLine,
    UnknownColumn,
    files_source,
    joined_source,
    quoted,
    remaining_source,
)
from weft.server.services.sql_child.table_unions import LargeUnion, united_source
from weft.server.services.sql_child.table_window import InvalidPattern, TableRows
from weft.server.services.table_formats.arrow_stream import ArrowWriter
from weft.server.services.table_formats.csv_text import CsvWriter
from weft.tables.batches import DTYPES, Field, FieldType, TableBatch, Values, texts_of

_MORE_ADDRESSES: Final = 3 * 2**30
"""Address space beyond DuckDB's memory limit: code, thread stacks, what DuckDB does not count."""

_duckdb: Any = duckdb
_na: Any = nanoarrow


def main() -> None:
    """Answer the one query that arrives on standard input."""
    into, out = sys.stdin.buffer, sys.stdout.buffer
    folder = None
    try:
        bounds = receive(into)
        folder = bounds["folder"]
        _bound_process(bounds["memory_bytes"], bounds["secs"])
        try:
            _answer(into, out, bounds)
        except duckdb.Error as error:
            send(out, {"error": type(error).__name__, "message": str(error)})
        except MemoryError:
            send(out, {"error": "OutOfMemoryException", "message": "out of memory"})
    except PipeClosed:
        if folder is not None:  # the server has ended and can't remove it
            shutil.rmtree(folder, ignore_errors=True)
    # Exit at once: DuckDB would spend time freeing memory that the exit frees anyway.
    os._exit(0)


def _answer(into: Any, out: Any, bounds: dict[str, Any]) -> None:
    connection = _connect(bounds)
    first = receive(into)
    if "windows" in first:
        for window in first["windows"]:
            _send_window(connection, window, out)
        return
    query: str = first["query"]
    send(out, {"tree": _parse(connection, query)})
    while True:
        message = receive(into)
        if "create" in message:
            stream = ByteStream(into)
            connection.register("source", _na.ArrayStream.from_readable(stream))
            connection.execute(message["create"]).fetchall()
            connection.unregister("source")
            stream.readall()  # consume the message that ends the stream
        elif "logged" in message:
            create_logged(connection, **message["logged"])
        elif "ask" in message:
            text = _scalar(connection, "SELECT json_deserialize_sql(?)", message["ask"])
            rows = connection.execute(text).fetchall()
            send(out, {"values": [row[0] for row in rows]})
        else:
            break
    watch = threading.Thread(target=_end_with_server, args=(into, bounds["folder"]), daemon=True)
    watch.start()
    _send_result(connection, query, message, out)


def _bound_process(memory_bytes: int, secs: int) -> None:
    for kind, bound in (
        (resource.RLIMIT_AS, memory_bytes + _MORE_ADDRESSES),
        (resource.RLIMIT_CPU, secs * (os.cpu_count() or 1) + 5),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # a lower limit is already set
            resource.setrlimit(kind, (bound, bound))


def _end_with_server(into: Any, folder: str) -> None:
    into.read(1)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _connect(bounds: dict[str, Any]) -> Any:
    connection = _duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{bounds['memory_bytes']}B",
            "threads": bounds["threads"],
            "temp_directory": bounds["folder"],
            "max_temp_directory_size": f"{bounds['disk_bytes']}B",
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        },
    )
    readable = ", ".join(quoted(file) for file in bounds["files"])
    connection.execute(f"SET allowed_paths = [{readable}]")
    logged = os.path.join(bounds["folder"], LOGGED_FOLDER)  # noqa: PTH118
    connection.execute(f"SET allowed_directories = [{quoted(logged)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _parse(connection: Any, query: str) -> str:
    return _scalar(
        connection,
        "SELECT json_serialize_sql("
        "?, skip_null := true, skip_empty := true, skip_default := true)",
        query,
    )


def _scalar(connection: Any, statement: str, parameter: str) -> str:
    ((value,),) = connection.execute(statement, [parameter]).fetchall()
    return str(value)


_REFUSALS: Final = (UnknownColumn, LongLine, InvalidPattern, LargeExpression, LargeUnion)


def _send_window(connection: Any, request: dict[str, Any], out: Any) -> None:
    try:
        sources = {
            nth: files_source(connection, files, request["copies"])
            for nth, files in enumerate(request["files"])
            if files
        }
        if request["labels"] is not None:
            source = united_source(connection, sources, request["labels"])
        elif request["keys"] is not None:
            source = joined_source(connection, sources[0], sources[1], request["keys"])
        elif len(sources) > 1:
            source = remaining_source(connection, sources[0], sources[1])
        else:
            source = sources[0]
        for name, expression in request["computed"]:
            source = with_computed(TableRows(connection, source), source, name, expression)
        rows = TableRows(connection, source)
        n_rows = rows.n_rows
        if request["group"] is not None:
            rows = TableRows(connection, grouped_source(connection, rows, request))
            request = {**request, "search": "", "filters": [], "columns": None}
        body = msgspec.json.encode({**rows.window(request), "n_rows": n_rows})
    except (*_REFUSALS, duckdb.Error) as error:
        send(out, {"error": type(error).__name__, "message": str(error)})
        return
    except MemoryError:
        send(out, {"error": "OutOfMemoryException", "message": "out of memory"})
        return
    send(out, {})
    send_data(out, body)
    send_end(out)


def _send_result(connection: Any, query: str, form: dict[str, Any], out: Any) -> None:
    limit: int = form["limit"]
    text = _scalar(connection, "SELECT json_deserialize_sql(json_serialize_sql(?))", query)
    head = connection.execute(f"SELECT * FROM ({text}) LIMIT 0")
    described = head.description
    head.fetchall()
    names = [column[0] for column in described]
    columns = [f"c{index}" for index in range(len(names))]
    readings = [
        reading_of(str(described_column[1]), column)
        for described_column, column in zip(described, columns, strict=True)
    ]
    fetched = ", ".join(
        f"{expression} AS {column}"
        for (expression, _), column in zip(readings, columns, strict=True)
    )
    result = connection.execute(
        f"SELECT {fetched} FROM ({text}) AS answer({', '.join(columns)}) LIMIT {limit + 1}"
    ).fetchnumpy()
    arrays = [result[column] for column in columns]
    n_rows = len(arrays[0]) if arrays else 0
    is_truncated = n_rows > limit
    arrays = [array[:limit] for array in arrays]
    kinds = [reading for _, reading in readings]
    types = [str(column[1]) for column in described]
    message: dict[str, Any] = {
        "columns": [
            {"name": name, "type": sql_type} for name, sql_type in zip(names, types, strict=True)
        ],
        "n_rows": min(n_rows, limit),
        "truncated": is_truncated,
    }
    # Made before anything is sent, so that an error can still be sent instead.
    if form["format"] == "json":
        body = [json_answer(message, kinds, arrays)]
    else:
        body = _table(form, _unique(names), kinds, arrays)
    send(out, message)
    for piece in body:
        send_data(out, piece)
    send_end(out)


def _table(
    form: dict[str, Any], names: list[str], kinds: list[str], arrays: list[Any]
) -> list[bytes]:
    """The answer as Arrow or CSV."""
    fields = [
        Field(name, _field_type(kind, array))
        for name, kind, array in zip(names, kinds, arrays, strict=True)
    ]
    values = [_values(field, array) for field, array in zip(fields, arrays, strict=True)]
    n_rows = len(arrays[0]) if arrays else 0
    try:
        writer = (
            ArrowWriter(fields)
            if form["format"] == "arrow"
            else CsvWriter(fields, escape_formulas=form["escape_formulas"])
        )
        return [writer.write(TableBatch(n_rows, values)), writer.end()]
    except RuntimeError as error:
        # nanoarrow raises RuntimeError when it can't allocate memory.
        raise MemoryError(str(error)) from error


def _field_type(kind: str, array: Any) -> FieldType:
    if kind == "large":
        # SQL sums ints as HUGEINT, but the values rarely exceed 64 bits.
        fits = all(-(2**63) <= int(value) < 2**63 for value in _present(array))
        return "int" if fits else "text"
    types: dict[str, FieldType] = {"json": "text", "int": "int", "float": "float", "bool": "bool"}
    return "time" if kind == "time" else types.get(kind, "text")


def _present(array: Any) -> Any:
    return np.ma.compressed(array)


def _values(field: Field, array: Any) -> Values:
    mask = np.ma.getmaskarray(array)
    valid = ~mask if mask.any() else None
    data = np.ma.getdata(array)
    if field.type == "text":
        return Values(
            texts_of(
                ["" if is_null else value for value, is_null in zip(data, mask, strict=True)]
            ),
            valid,
        )
    if data.dtype == object:
        data = np.array(
            [0 if is_null else int(value) for value, is_null in zip(data, mask, strict=True)]
        )
    return Values(data.astype(DTYPES[field.type]), valid)


def _unique(names: list[str]) -> list[str]:
    """Column names, numbered where a name occurs twice.

    >>> _unique(["a", "a", "a_1"])
    ['a', 'a_2', 'a_1']
    """
    used: set[str] = set()
    unique: list[str] = []
    for name in names:
        free, number = name, 1
        while free in used or (free != name and free in names):
            free, number = f"{name}_{number}", number + 1
        used.add(free)
        unique.append(free)
    return unique
