"""Runs: their rows, config and summary, logs, definitions, and columns over all runs."""
