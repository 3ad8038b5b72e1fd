"""Work on the metric file besides reads and appends.

`compact` decides which rows become chunks, `rewrite` makes them, and `reclaim` frees the space.
`delete` and `copying` work on runs, `verify` and `usage` on all of the file; `frozen` holds one
state of it for a backup, and `axis_rules` keeps the step metrics.
"""
