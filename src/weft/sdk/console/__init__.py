"""Console capture: what the script prints, as lines of its run.

Receives the text that Python writes to `sys.stdout` and `sys.stderr`, hands Console records to
the run log. Modules: `terminal` turns text with control characters into lines, `styles` reads
colors, `taps` hooks the streams, `output_file` writes `files/output.log`, `capture` joins them.
With `console="redirect"` the capture works in the process of `relay`, which `redirection` starts
and `redirected` speaks to. `loggers` listens to `logging`.
"""

N_ROWS = 100
"""The last lines of a stream that can still change."""

MAX_COLUMNS = 65_536
"""Most characters of a line."""
