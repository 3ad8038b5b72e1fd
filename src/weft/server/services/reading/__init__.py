"""What reading a run needs besides its rows: their sources, the run's clock, metric definitions.

`lineage` has the sources of forked and rewound runs, `run_clock` and `runtimes` how long they ran,
`hidden_metrics` and `metric_goals` the settings made with `define_metric`, `steps` how readers get
steps.
"""
