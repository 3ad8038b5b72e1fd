"""What the product does. No HTTP, no SQL.

One package per subject. Each `__init__` says what its modules do and exports what the layers above
use; `http` imports nothing else. From the top layer down, as `make layers` checks:

    opening                                      all services on a data directory
    archive, background, tables
    sweeps                                       hyper-parameter searches and their agents
    upkeep, sql, runs, projects, metrics, logs, users
    media                                        what scripts logged that is no number
    exporting, charting, removal, files, ingest
    selecting, summaries, artifacts
    reading                                      what reading rows needs in addition to the rows
    stores                                       what all services share
    columns                                      runs' fields in memory
    live_runs                                    runs that are being written, in memory
    access, sql_child                            actors, permissions, paths
    table_formats, locks

Every public method of a service takes an `Actor` first and calls `require`. `locks` states the
order in which locks are taken.
"""
