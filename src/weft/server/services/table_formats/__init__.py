"""The formats of exports: Arrow, CSV, and the Parquet of `weft.tables`. Pure.

Services above, such as `exporting` and `sql`, make batches of typed columns
(`weft.tables.batches`); these modules write them as bytes.
"""

from weft.server.services.table_formats.arrow_stream import ARROW_MEDIA_TYPE
from weft.server.services.table_formats.csv_text import CSV_MEDIA_TYPE
from weft.tables.parquet import PARQUET_MEDIA_TYPE
