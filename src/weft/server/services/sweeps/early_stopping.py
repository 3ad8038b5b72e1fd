"""Early stops of a sweep's runs, by the values of its metric that they have logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from weft.server.services.reading.lineage import sources_of
from weft.server.services.runs.stopping import ask_to_stop
from weft.server.services.stores.stores import Stores
from weft.server.services.sweeps.live_sweep import LiveSweep
from weft.server.storage.metadata import OPEN_STATES
from weft.sweeps.config import Metric
from weft.sweeps.distributions import is_number
from weft.sweeps.early_stop import EARLY_TERMINATION, Progress, to_stop
from weft.sweeps.trials import Trial

_ROWS_AT_ONCE: Final = 10_000
_ENDED_AT_ONCE: Final = 100


@dataclass(slots=True)
class _Read:
    """The values of a run that were read, and the row to continue after."""

    after: tuple[int | float, int, str, int] | None = None
    progress: Progress = field(default_factory=Progress)


class EarlyStopping:
    """Watches the runs of one sweep. Its methods are called with the sweep's lock held."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._reads: dict[int, _Read] = {}

    def stop_bad_runs(self, sweep: LiveSweep) -> None:
        """Read new values, and ask the runs that are behind to stop."""
        rule = sweep.config.early_termination
        if rule is None or sweep.schedule.state in ("cancelled", "crashed"):
            return
        metric = sweep.config.metrics[0]
        # Runs that ended since the last look count as the others do.
        for trial in sweep.take_ended(_ENDED_AT_ONCE):
            self._read(sweep, trial, metric, rule.bands)
        running: list[int] = []
        for trial in sweep.schedule.open:
            entry = sweep.entry_of(trial.run)
            if entry is None or entry.state not in OPEN_STATES:
                continue
            if trial.state == "given" and not trial.stopped_early:
                self._read(sweep, trial, metric, rule.bands)
                running.append(trial.number)
        runs = {number: read.progress for number, read in self._reads.items()}
        stopped: list[int] = []
        for number in to_stop(rule, runs, running):
            trial = sweep.schedule.open[number]
            entry = sweep.entry_of(trial.run)
            if entry is not None and ask_to_stop(self._stores, entry, EARLY_TERMINATION):
                stopped.append(number)
        for number in running:
            runs[number].n_judged = len(runs[number].at_bands)
        sweep.stop_early(stopped)

    def _read(
        self, sweep: LiveSweep, trial: Trial, metric: Metric, bands: tuple[int, ...]
    ) -> None:
        """Read the new values of a run."""
        run, project_id = trial.run, sweep.row.project_id
        read = self._reads.setdefault(trial.number, _Read())
        sources = sources_of(self._stores, project_id, run)
        with self._stores.metrics.use(project_id) as store:
            rows = list(
                islice(
                    store.rows(
                        run,
                        [metric.name],
                        after=read.after,
                        limit=_ROWS_AT_ONCE,
                        sources=sources,
                    ),
                    _ROWS_AT_ONCE,
                )
            )
        for row in rows:
            value: Any = row.values.get(metric.name)
            if is_number(value):
                read.progress.add(metric.loss(float(value)), bands)
        if rows:
            last = rows[-1]
            read.after = (last.step, last.micros, last.writer, last.row)
