"""Config and summary: dicts whose changes are told to the run's log. No I/O.

Both are made of `tree`; `inputs` says what `config=` may be. `weft.sdk.values` makes plain what is
put into them; what changed goes to `weft.sdk.recording.recorder`.
"""
