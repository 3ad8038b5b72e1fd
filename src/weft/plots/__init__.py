"""Presets of charts: Vega-Lite specifications that charts of scripts name. Reads files of weft.

A specification has W&B's placeholders: `${field:x}` stands for a column of the chart's table, and
`${string:title}`, or `${string:title:default}`, for a text. Its data is named `wandb`: the rows of
the chart's table, of each run after the other, with the run's `name` and `color` in each row.

`catalog` finds presets by name; the folder `presets` has their files.
"""
