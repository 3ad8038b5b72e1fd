"""Brings the summaries and states of live runs up to date and writes them to metadata.

`refreshing` fills gaps of an entry from the metric store, `projection` writes new values now and
then, and `run_states` writes when a run ends or falls silent. See `live_runs` for the states of
an entry, and decision 0003.
"""
