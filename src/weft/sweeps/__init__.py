"""Hyper-parameter search, pure: no I/O, no clock, no threads.

`config` reads and checks a configuration (`schema`, `checking`, `parameters`) and makes a `space`
of parameters with their `distributions`. `search` chooses parameter sets and is told of earlier
`trials`; `values` reads what a run's summary says of the metrics; `early_stop` says which runs are
behind. The server's scheduler and sweeps without a server use the same code.
"""
