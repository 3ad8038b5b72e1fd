"""Folds the numbers of one run log, up to a step. Does I/O.

Called by `weft.sdk.continuing.local_runs` for a run that is continued, and by
`weft.sdk.rows.history` if a metric is defined after it was logged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from weft.records.aggregates import ALL_FOLDS, Folds
from weft.records.merge import Stamp
from weft.records.record import Key, Row, Schema
from weft.runlog.payloads import read_payloads, read_whole_header
from weft.sdk.rows.steps import FloatOrInt

_decoder: Final = msgspec.msgpack.Decoder(Row | Key | Schema)


def read_folds(
    path: Path, until: FloatOrInt | None, is_wanted: Callable[[str], bool]
) -> dict[str, Folds]:
    """Compute all folds of metrics over the rows that count, up to the step `until`.

    `is_wanted` is called once per metric of a schema. Cost: 8 µs per row of ten metrics.
    """
    header, position = read_whole_header(path)
    names: dict[int, str] = {}
    # By schema: positions in its rows, and the folds of the metric there.
    folds_by_schema: dict[int, list[tuple[int, Folds]]] = {}
    folds_by_key: dict[str, Folds] = {}
    n_rows = 0
    for payloads in read_payloads(path, position):
        for payload in payloads:
            record = _row_or_schema(payload)
            match record:
                case Key():
                    names[record.key_id] = record.name
                case Schema():
                    keys = [names.get(key_id, "") for key_id in record.key_ids]
                    folds_by_schema[record.schema_id] = [
                        (at, folds_by_key.setdefault(key, Folds(ALL_FOLDS)))
                        for at, key in enumerate(keys)
                        if key and is_wanted(key)
                    ]
                case Row():
                    row, n_rows = n_rows, n_rows + 1
                    if until is None or record.step <= until:
                        micros = header.wall_micros + record.micros
                        stamp = Stamp(micros, header.writer_id, row)
                        for at, folds in folds_by_schema.get(record.schema_id, ()):
                            folds.add(record.values[at], stamp)
                case _:
                    pass
    return folds_by_key


def _row_or_schema(payload: memoryview) -> Row | Key | Schema | None:
    """Decode a Row, Key or Schema. None for any other record."""
    try:
        return _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
