"""Tables of typed columns, and their Parquet files. Need numpy. No other I/O.

`batches` defines columns and batches of rows; `parquet` writes them as bytes, with the
structure of lists from `lists` and of headers from `thrift`. The server makes
batches for exports and SQL.

`packing` is the form in which a logged table travels from a script to the file worker, where
`encode` makes its file.
"""

from weft.libraries.optional import needed

needed("numpy", "a table")
