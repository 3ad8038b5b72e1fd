"""Sweeps: hyper-parameter searches whose runs are handed out to agents.

`service` answers requests. `registry` holds the sweeps that are being run, each a `live_sweep`.
`weft.sweeps` schedules its trials. This package has the facts it needs, and the writes: `agents`,
the search with a `stock` of parameter sets (`choosing`), and reports about runs (`run_reports`).
`early_stopping` ends runs that are behind, `upkeep` does so every few seconds, and settles trials.
`trials` lists trials as a table and queues those that people choose. `describing` makes the
answers.
"""

from weft.server.services.sweeps.service import SweepService
from weft.server.services.sweeps.trials import TrialService
