"""Rows: the implementation of `log()`, the hot path.

Receives the user's dict from `weft.sdk.run`; `history` hands an encoded record to
`weft.runlog.writer`. `shapes` interns a row's keys and `steps` chooses its step. `definitions`,
`rules` and `tracking` apply the calls of `define_metric`, which `metric` checks.
`parts` splits what is too large for one frame.
"""
