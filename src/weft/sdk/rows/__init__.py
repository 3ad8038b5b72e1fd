"""Rows: what `log()` does, the hot path.

Receives the user's dict from `weft.sdk.run`; `history` hands an encoded record to
`weft.runlog.writer`. `shapes` knows its keys, `steps` its place; `definitions` and `tracking` keep
what `define_metric` was told, `aggregates` what follows for the summary; `parts` cuts what is too
large for one frame.
"""
