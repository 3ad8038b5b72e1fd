"""Layer 3: what the user's script touches. Step 1 of a point's way begins here.

`init` makes a `run.Run`, `session` remembers it for the module-level functions. `log()` goes
through `history`, which gives the row its step and time and hands an encoded record to
`weft.runlog.writer`. `config` and `summary` are observed dicts on the same log; `values` decides
what becomes of a value; `guard` keeps weft's own faults out of the user's program; `finish` ends
the run however the process ends; `query` is the reading side, `weft.Api`.

Nothing here does network input or output but `query` and, at the end of a run, the wait of
`finish`; nothing imports numpy.
"""
