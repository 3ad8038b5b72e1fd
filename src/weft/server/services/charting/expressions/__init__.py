"""Curves that are computed from points: `queries.expressions` evaluated over metrics of runs.

`expression_curves` reads the points that a tree needs, `evaluate` computes it with functions of
`windows`, and `kept_curves` remembers what was computed last.
"""
