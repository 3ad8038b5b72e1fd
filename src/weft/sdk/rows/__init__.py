"""Rows: the implementation of `log()`, the hot path.

Receives the user's dict from `weft.sdk.run`; `history` hands an encoded record to
`weft.runlog.writer`. `shapes` interns a row's keys and `steps` chooses its step. `definitions` and
`tracking` apply the calls of `define_metric`, and `aggregates` computes what the summary shows.
`parts` splits what is too large for one frame.
"""
