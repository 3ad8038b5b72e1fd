"""Tables of scripts: typed columns of numbers, texts, lists or other media.

`table` is what scripts use. Its `rows` change, `sources` reads what scripts give it, `versions`
stores it. `columns` packs the cells for the file worker; `frames` reads and makes dataframes, and
`reading` reads files of tables, the only one that does I/O.

`types` are the types of columns, `joining` says which of them mix, `inferring` finds the type of
cells, and `notations` reads types from `dtype=` and from JSON.
"""

from weft.libraries.optional import needed

needed("numpy", "a table")
