"""The fields of a project's runs as typed columns in memory, kept up to date from metadata.

`cache` has the columns of recently used projects, `project_columns` the columns of one project,
`cells` reads their values, `typed_column` and `texts` are one column, and `path_use` counts the
runs that have each field. `saved_columns` has the files of columns, `current_save` what of them a
project uses. See decision 0010.
"""

from weft.server.services.columns.typed_column import MISSING
