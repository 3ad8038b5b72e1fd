"""Sweeps: hyper-parameter searches whose runs are handed out to agents.

`service` answers requests. `registry` holds the sweeps that are being run, each a `live_sweep`,
which hands out trials (`open_trials`) to `agents`, chosen by `choosing` with a `stock`; `outcomes`
finds out what came of them, `early_stopping` ends runs that are behind, `upkeep` does both every
few seconds. `describing` says what is shown. The search itself is `weft.sweeps`.
"""

from weft.server.services.sweeps.service import SweepService

__all__ = ["SweepService"]
