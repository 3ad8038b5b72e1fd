"""The services of the product. No HTTP, no SQL.

One package per subject. Each `__init__` describes its modules and exports the names for the layers
above; `http` imports nothing else. From the top layer down, as `make layers` checks:

    opening                                      all services on a data directory
    archive, background, migration, tables
    sweeps                                       hyper-parameter searches and their agents
    upkeep, sql, runs, projects, reports, metrics, logs, users
    logged_tables                                tables that runs logged
    media                                        logged values that are not numbers
    exporting, charting, removal, files, ingest
    selecting, summaries, artifacts
    reading                                      sources, clocks and definitions for reads of rows
    stores                                       the state that services share
    columns                                      runs' fields in memory
    live_runs                                    runs that are being written, in memory
    access, sql_child                            actors, permissions, paths
    table_formats, locks, zip_stream

Every public method of a service takes an `Actor` first and calls `require`. `locks` states the
order in which locks are taken.

Any method raises NotFound for what does not exist, Gone for a deleted run, Forbidden, ConfigError
for an invalid argument, LimitExceeded for one that is too large, and Unavailable if a store fails.
Their docstrings name other errors, and these where the reason is not obvious.
"""
