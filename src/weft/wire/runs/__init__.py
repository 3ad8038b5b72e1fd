"""Shapes of runs: one, many, selections of them, and what they printed."""
