"""Metadata for reads of runs: sources of rows, the run's clock, metric definitions.

`lineage` has the sources of forked and rewound runs, `run_clock` and `runtimes` their runtimes,
`hidden_metrics` and `metric_goals` the settings made with `define_metric`, `steps` the form of
steps.
"""
