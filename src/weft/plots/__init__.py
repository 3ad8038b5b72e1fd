"""Presets of charts: Vega-Lite specifications that charts of scripts name. Reads files of weft.

A specification has W&B's placeholders: `${field:x}` stands for a column of the chart's table, and
`${string:title}`, or `${string:title:default}`, for a text. Its data is named `wandb`: the rows of
the chart's table, of each run after the other, with the run's `name` and `color` in each row.

Lines are in the color of their run, and a channel `strokeDash` tells the lines of a run apart: the
web app swaps the two where that is easier to read. A channel without a column is left out, unless
it is a place. A specification that uses neither `name` nor `color` is drawn for each run alone.

`catalog` finds presets by name; the folder `presets` has their files.
"""
