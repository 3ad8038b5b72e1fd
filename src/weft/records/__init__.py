"""The data types that client, server and browser share. No I/O.

A call of `log()` becomes a `record.Row`; everything else about a run is one of the other records
in `record`. `ids` checks names, `limits` holds every size limit with its reason, `value`
classifies values into the four kinds that the store knows, `merge` decides which change wins,
`states` lists the states of a run, `run_columns` the columns that each run has.

`aggregates` computes summaries, `definition` merges metric definitions; `files` has media kinds,
artifacts and paths, and `secrets` replaces secrets in texts.
"""
