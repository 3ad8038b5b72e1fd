"""Encodes a packed table as a Parquet file. Runs in the file worker."""

from __future__ import annotations

from typing import Any, BinaryIO

import msgspec

from weft.tables.packing import Layout, fields_of, unpack
from weft.tables.parquet import ParquetWriter


def encode(payload: memoryview, options: dict[str, Any], file: BinaryIO) -> None:
    """Write the file of a table with the columns `payload`, one row group at a time.

    Options are a `Layout` as a dict.

    >>> from io import BytesIO
    >>> from weft.tables.packing import pack_cells
    >>> column, [block] = pack_cells("t", "text", ["a"])
    >>> options = msgspec.to_builtins(Layout(1, [column], {}))
    >>> file = BytesIO()
    >>> encode(memoryview(block), options, file)
    >>> file.getvalue()[:4]
    b'PAR1'
    """
    try:
        layout = msgspec.convert(options, Layout)
    except msgspec.ValidationError as error:
        raise ValueError(f"the table's layout is invalid: {error}") from None
    writer = ParquetWriter(fields_of(layout), layout.notes)
    for batch in unpack(payload, layout):
        file.write(writer.write(batch))
    file.write(writer.end())
