"""Runs: their rows, config and summary, logs, definitions, and columns over all runs.

`runs` has a row for each, `fields` its config and summary (`field_rows`), `writers` its logs and
`sources` the rows that it took over. `columns` and `path_sets` are over all runs of a project.
`grouped` commits the changes of many callers together.
"""
