"""The storage contracts in plain Python, in memory: what tests compare the engines with."""
