"""Reads minima, maxima, means and firsts from one run log, up to a step. Does I/O.

Called by `weft.sdk.continuing.local_runs` for a run that is continued, and by
`weft.sdk.rows.history` if a metric is defined after it was logged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from weft.records.record import Key, Row, Schema
from weft.runlog.payloads import read_payloads, read_whole_header
from weft.sdk.rows.aggregates import Aggregate
from weft.sdk.rows.steps import FloatOrInt

_decoder: Final = msgspec.msgpack.Decoder(Row | Key | Schema)


@dataclass(slots=True)
class KeyAggregate:
    """A metric's aggregates in one log.

    Attributes:
        first: time of the first value, and that value. None if there is no value.
    """

    seen: Aggregate = field(default_factory=Aggregate)
    first: tuple[int, Any] | None = None

    def take(self, micros: int, value: Any) -> None:
        """Add a value."""
        if self.first is None or micros < self.first[0]:
            self.first = (micros, value)
        self.seen.add(value)


def read_aggregates(
    path: Path, until: FloatOrInt | None, is_wanted: Callable[[str], bool]
) -> dict[str, KeyAggregate]:
    """Compute aggregates of metrics over the rows that count.

    Args:
        until: the last step that counts. If None, all rows count.
        is_wanted: called once per metric of a schema, to choose the metrics.

    Raises:
        CorruptLog, NewerLog, OSError: as `weft.sdk.continuing.local_logs.read_facts`.

    Cost: 5 µs per row of ten metrics.
    """
    header, position = read_whole_header(path)
    names: dict[int, str] = {}
    # By schema: positions in its rows, and the aggregates of the metric there.
    wanted: dict[int, list[tuple[int, KeyAggregate]]] = {}
    found: dict[str, KeyAggregate] = {}
    for payloads in read_payloads(path, position):
        for payload in payloads:
            record = _row_or_schema(payload)
            match record:
                case Key():
                    names[record.key_id] = record.name
                case Schema():
                    keys = [names.get(key_id, "") for key_id in record.key_ids]
                    wanted[record.schema_id] = [
                        (at, found.setdefault(key, KeyAggregate()))
                        for at, key in enumerate(keys)
                        if key and is_wanted(key)
                    ]
                case Row():
                    if until is None or record.step <= until:
                        for at, aggregate in wanted.get(record.schema_id, ()):
                            aggregate.take(header.wall_micros + record.micros, record.values[at])
                case _:
                    pass
    return found


def _row_or_schema(payload: memoryview) -> Row | Key | Schema | None:
    """Decode a Row, Key or Schema. None for any other record."""
    try:
        return _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
