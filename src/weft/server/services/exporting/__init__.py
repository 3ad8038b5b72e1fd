"""Exports the history of runs as files. `table_formats` has the formats."""
