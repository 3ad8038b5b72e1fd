"""Tables of typed columns, and their Parquet files. No I/O but importing libraries.

`batches` defines columns and batches of rows; `parquet` writes them as bytes, with the
structure of lists from `lists` and of headers from `thrift`. The server makes
batches for exports and SQL.

`packing` is the form in which a logged table travels from a script to the file worker, where
`encode` makes its file. `libraries` imports the libraries of dataframes.
"""
