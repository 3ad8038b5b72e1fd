"""What a read of a run's rows needs besides the rows: whose they are, since when, what is hidden.

`lineage` has the sources of forked and rewound runs, `run_clock` their origins and runtimes,
`hidden_metrics` and `metric_goals` what `define_metric` said.
"""
