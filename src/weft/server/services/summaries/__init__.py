"""Brings the summaries and states of live runs up to date and writes them to metadata.

`refreshing` fills gaps in an entry from the metric store, `projection` writes new values
periodically, and `run_states` writes a run's state when it ends or falls silent. See `live_runs`
for the states of an entry, and decision 0003.
"""
