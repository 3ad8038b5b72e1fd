"""Tables for export, and their formats: Arrow, CSV, Parquet. Pure.

`tables` defines the batches of typed columns that services above make, such as `exporting` and
`sql`; the other modules write them as bytes.
"""

from weft.server.services.table_formats.arrow_stream import ARROW_MEDIA_TYPE
from weft.server.services.table_formats.csv_text import CSV_MEDIA_TYPE, escape_formula
from weft.server.services.table_formats.parquet import PARQUET_MEDIA_TYPE

__all__ = ["ARROW_MEDIA_TYPE", "CSV_MEDIA_TYPE", "PARQUET_MEDIA_TYPE", "escape_formula"]
