"""Curves computed from points: evaluates `queries.expressions` over metrics of runs.

`expression_curves` reads the points that a tree needs, `evaluate` computes it with functions of
`windows`, and `curve_cache` caches recent curves.
"""
