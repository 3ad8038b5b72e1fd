"""Encodes the columns of a table as Parquet; `weft.tables` does it. Runs in the file worker."""

from weft.tables.encode import encode

__all__ = ["encode"]
