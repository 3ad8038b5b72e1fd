"""The display of a run outside the browser: printed lines, a notebook's cells.

`printing` and `sparklines` make the lines, `pages` the addresses in them, and `notebook` the HTML;
`weft.sdk.guard` prints. Reads the run's own log to draw sparklines, and writes nothing.
"""
