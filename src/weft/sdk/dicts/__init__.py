"""Config and summary: dicts whose changes are written to the run's log. No I/O.

Both are built on `tree`. `inputs` reads the `config=` argument. `weft.sdk.values` converts values
that are set, and changes go to `weft.sdk.recording.recorder`.
"""
