"""Resume, fork and rewind: the earlier state of a run. Loaded only by runs that continue one.

`continued` receives settings from `weft.sdk.start` and asks `known_runs`, which asks the server
and `local_runs`. `local_runs` reads the local run directories, log by log (`local_logs`), and
`merged_logs` combines them into one answer. Does file and network I/O, bounded in time.
"""
