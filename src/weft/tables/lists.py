"""Columns of lists in Parquet: their schema, and the levels that say where each list begins. Pure.

All lists of a batch have one length, such as embeddings. A row may have no list.

Source: the Parquet format (github.com/apache/parquet-format: Nested Encoding; Lists of the
logical types).
"""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.tables import thrift

PATH: Final = (b"list", b"element")
"""The names below the column's own, as the format demands."""

_REQUIRED, _OPTIONAL, _REPEATED = 0, 1, 2
_CONVERTED_LIST: Final = 3
_LIST_TYPE: Final = thrift.struct_of({3: thrift.struct_of({})})
_LENGTH: Final = struct.Struct("<I")


def list_elements(name: str, physical: int) -> list[thrift.Struct]:
    """Return the three elements of the schema for a column of lists, whose items have a physical
    type.
    """
    return [
        thrift.struct_of(
            {
                3: thrift.I32(_OPTIONAL),
                4: name.encode(),
                5: thrift.I32(1),
                6: thrift.I32(_CONVERTED_LIST),
                10: _LIST_TYPE,
            }
        ),
        thrift.struct_of({3: thrift.I32(_REPEATED), 4: PATH[0], 5: thrift.I32(1)}),
        thrift.struct_of({1: thrift.I32(physical), 3: thrift.I32(_REQUIRED), 4: PATH[1]}),
    ]


def list_levels(valid: NDArray[np.bool_] | None, n_rows: int, length: int) -> tuple[bytes, int]:
    """Return the levels of a page of lists of one length, and how many entries they have.

    `valid` tells which rows have one.

    >>> list_levels(None, 2, 3)[1]
    6
    """
    has_list = np.ones(n_rows, dtype=np.bool_) if valid is None else valid
    n_entries = np.where(has_list, max(length, 1), 1)
    starts = np.cumsum(n_entries) - n_entries
    total = int(n_entries.sum())
    repetition: NDArray[Any] = np.ones(total, dtype=np.uint8)
    repetition[starts] = 0
    definition: NDArray[Any] = np.repeat(np.where(has_list, 2 if length else 1, 0), n_entries)
    blocks = (_hybrid(repetition, 1), _hybrid(definition.astype(np.uint8), 2))
    return b"".join(_LENGTH.pack(len(block)) + block for block in blocks), total


def _hybrid(levels: NDArray[Any], width: int) -> bytes:
    """Levels as one run of the RLE / bit-packing hybrid."""
    if len(levels) and bool((levels == levels[0]).all()):
        return thrift.varint(len(levels) << 1) + bytes([levels[0]])
    n_groups = -(-len(levels) // 8)
    bits: NDArray[Any] = np.zeros((n_groups * 8, width), dtype=np.uint8)
    bits[: len(levels)] = levels[:, None] >> np.arange(width, dtype=np.uint8) & 1
    return thrift.varint(n_groups << 1 | 1) + np.packbits(bits, bitorder="little").tobytes()
