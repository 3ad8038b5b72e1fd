"""The search of a sweep, for many agents at once: model-based sets are chosen ahead."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager

from weft.server.services.sweeps.stock import MIN_STOCK, Stock
from weft.server.storage.metadata import SweepRow
from weft.sweeps.config import SweepConfig
from weft.sweeps.search import open_search
from weft.sweeps.space import Parameters
from weft.sweeps.trials import Trial


class StockedSearch:
    """A `Search` that chooses sets ahead. Called with the sweep's lock, `prepare` aside.

    Trials are told to the engine before it is asked next, so that `tell` waits for nothing.
    """

    def __init__(self, config: SweepConfig, row: SweepRow) -> None:
        self._is_tpe = config.sampler == "tpe"
        self._search = open_search(config, row.seed)
        self._searching = threading.Lock()
        self._untold = deque(
            Trial(-1 - number, prior.parameters, "finished", prior.values)
            for number, prior in enumerate(row.prior)
        )
        self._stock = Stock()
        self._open: set[int] = set()
        self._n_ended = 0

    def tell(self, trial: Trial) -> None:
        if trial.is_open:
            self._open.add(trial.number)
        else:
            self._open.discard(trial.number)
            self._n_ended += 1
        self._untold.append(trial)

    def forget(self, number: int) -> None:
        """Forget a trial whose run was deleted, or that could not be written."""
        self._open.discard(number)
        with self._searching:
            self._tell_all()
            self._search.forget(number)

    def n_left(self) -> int | None:
        if self._is_tpe:
            return None  # without a wait for `prepare`
        with self._searching:
            self._tell_all()
            return self._search.n_left()

    def ask(self, numbers: Sequence[int]) -> list[Parameters]:
        """Parameter sets for trials with these numbers; fewer if no more are left."""
        if not self._is_tpe:
            return self._ask(numbers)
        n_requested, n_open = len(numbers), len(self._open)
        sets = self._stock.take(n_requested, self._n_ended, n_open)
        if len(sets) < n_requested:
            n_more = max(n_requested - len(sets), self._stock.demand(0))
            self._stock.fill(self._ask(range(numbers[0], numbers[0] + n_more)), self._n_ended)
            sets += self._stock.take(n_requested - len(sets), self._n_ended, n_open)
        return sets

    def prepare(self, n_idle: int, next_number: int, lock: AbstractContextManager[None]) -> None:
        """Choose parameter sets ahead, if many agents (`n_idle`, without a run) ask.

        Called without the sweep's lock.
        """
        if not self._is_tpe:
            return
        n_requested, n_ended = self._stock.demand(n_idle), self._n_ended
        if n_requested < MIN_STOCK or not self._stock.needs_refill(n_requested, n_ended):
            return
        sets = self._ask(range(next_number, next_number + n_requested))
        with lock:
            self._stock.fill(sets, n_ended)

    def _ask(self, numbers: Sequence[int]) -> list[Parameters]:
        with self._searching:
            self._tell_all()
            return self._search.ask(numbers)

    def _tell_all(self) -> None:
        while self._untold:
            self._search.tell(self._untold.popleft())
