"""Hyper-parameter search and its schedule, pure: no I/O, no clock, no threads.

`config` reads and checks a configuration (`schema`, `checking`, `parameters`) and makes a `space`
of parameters with their `distributions`. `search` chooses parameter sets and is told of earlier
`trials`. `schedule` gives trials to agents and ends the sweep: events in, changes out. It keeps
the `open_trials`, and `outcomes` derives their results from reports about their runs; `values`
reads the metrics in a run's summary; `early_stop` selects runs to stop. The server and sweeps
without a server use the same code.
"""
