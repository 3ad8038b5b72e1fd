"""Resume, fork and rewind: what was before a run that goes on. Loaded only by such runs.

`continued` receives settings from `weft.sdk.start` and asks `known_runs`, which asks the server
and `local_runs`. That reads the run directories here, log by log (`local_logs`), and `merged_logs`
makes one answer of them. Does file and network I/O, bounded in time.
"""
