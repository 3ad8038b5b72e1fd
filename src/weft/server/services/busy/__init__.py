"""What the server keeps in memory of runs that are being written, and how it gets to metadata.

`registry` holds an entry per run, `latest` and `aggregates` what its summary shows of its rows;
`settling` keeps them right and `projection` writes them; `states` judges whether it runs and
`run_states` writes that down; `clocks` and `pace` are about its writers. Used by
`services.ingest`, by reads and by `services.background`.
"""
