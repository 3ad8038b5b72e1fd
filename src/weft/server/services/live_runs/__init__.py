"""The server's state of live runs, in memory and bounded.

`registry` has a `run_entry` per run, with its `live_summary` of `latest` values and `aggregates`
of `define_metric`, and the `states` and `clocks` of its writers. `ingest` updates an entry with
each upload; `summaries` refreshes it and writes it to metadata. The summary of an entry is in one
of four states:

    ┌─────────┐   rows that say enough    ┌───────────┐
    │ written │ ────────────────────────▶ │ unwritten │ ◀─────────────┐
    └─────────┘ ◀──────────────────────── └───────────┘               │
      │     ▲      project_summaries            │                     │
      │     │                                   │ rows that do not    │ refresh_summary reads
      │     │ rows                              │ say enough          │ the metric store
      │     │                                   ▼                     │
      │   ┌────────┐  mark_stale          ┌───────────┐               │
      │   │ dropped│ ────────────────────▶│   stale   │ ──────────────┘
      │   └────────┘                      └───────────┘
      │     ▲
      └─────┘ a minute without rows: clean_quiet_runs

New rows do not say enough to update the summary after a restart, after a definition that came
later than rows, after a rewind or a fork, and after a metric was deleted. Charts and history never
depend on this state: they read the metric store.
"""
