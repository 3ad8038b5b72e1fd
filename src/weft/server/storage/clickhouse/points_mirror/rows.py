"""Points as rows of the mirror. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import numpy as np

from weft.records.value import json_safe, tagged_floats
from weft.server.storage.clickhouse.keys import encode_name
from weft.server.storage.clickhouse.points_mirror.tables import POINT_COLUMNS
from weft.server.storage.contract import Column, Float64, Int64, Steps


class RunRows(NamedTuple):
    """Rows of one writer of a run: `number` is the run's, `project` its store's."""

    project: int
    run: str
    number: int
    writer: str
    rows: Int64
    steps: Steps
    times: Int64


@dataclass(slots=True)
class PointRows:
    """Points, column by column in the order of `POINT_COLUMNS`."""

    columns: list[list[Any]] = field(default_factory=lambda: [list[Any]() for _ in POINT_COLUMNS])

    def __len__(self) -> int:
        return len(self.columns[0])

    def add(
        self,
        rows: RunRows,
        columns: Mapping[int, Sequence[Column]],
        key_name: Callable[[int], str],
    ) -> int:
        """Add the points of rows; returns how many they are."""
        before = len(self)
        whole, fractions = _split_steps(rows.steps)
        for key, of_key in columns.items():
            for column in of_key:
                n = len(column.values)
                at: Any = slice(None) if column.rows is None else column.rows
                is_object = column.kind == "object"
                values: list[Any] = [None] * n
                texts: list[Any] = [None] * n
                if is_object:
                    texts = [_json(value) for value in column.values]
                else:
                    values = np.asarray(column.values, dtype=np.float64).tolist()
                for target, data in zip(
                    self.columns,
                    (
                        [rows.project] * n, [encode_name(rows.run)] * n,
                        [encode_name(key_name(key))] * n, [encode_name(rows.writer)] * n,
                        rows.rows[at].tolist(), whole[at].tolist(), fractions[at].tolist(),
                        rows.times[at].tolist(), values, texts, [rows.number] * n,
                    ),
                    strict=True,
                ):  # fmt: skip
                    target += data
        return len(self) - before


def _split_steps(steps: Any) -> tuple[Int64, Float64]:
    """Ints and floats whose sums are the steps, the floats 0 where steps are ints.

    >>> whole, fractions = _split_steps(np.array([-0.5, 3.25, 1e300]))
    >>> whole.tolist(), fractions.tolist()
    ([0, 3, 0], [-0.5, 0.25, 1e+300])
    """
    if steps.dtype == np.int64:
        return steps, np.zeros(len(steps))
    is_small = np.abs(steps) < 2**63
    whole = np.trunc(np.where(is_small, steps, 0.0)).astype(np.int64)
    return whole, steps - whole


_encode = msgspec.json.Encoder().encode


def _json(value: Any) -> bytes:
    """An object as the answers of `weft sql` have it."""
    return _encode(json_safe(tagged_floats(value)))
