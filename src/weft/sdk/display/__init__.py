"""What people see of a run outside of the browser: printed lines, a notebook's cells.

`printing` and `sparklines` make the lines, `pages` the addresses in them, `notebook` the HTML;
`weft.sdk.guard` prints. Reads the run's own log for its small curves, and writes nothing.
"""
