"""Chooses the parameter sets of a sweep: asks its search, or takes what was chosen ahead."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager

from weft.server.services.sweeps.stock import MIN_STOCK, Stock
from weft.server.storage.metadata import SweepRow, TrialRow
from weft.sweeps.config import SweepConfig
from weft.sweeps.search import open_search
from weft.sweeps.space import Parameters
from weft.sweeps.trials import Outcome, Trial


class Chooser:
    """A sweep's search, with the numbers of its trials. Called with the sweep's lock, `prepare`
    aside.

    Attributes:
        is_exhausted: whether the search had no more the last time.
    """

    def __init__(self, config: SweepConfig, row: SweepRow) -> None:
        self._is_tpe = config.sampler == "tpe"
        self._search = open_search(config, row.seed)
        self._searching = threading.Lock()
        self._untold: deque[Trial] = deque()
        self._stock = Stock()
        self._next = row.next_number
        self._n_ended = 0
        self.is_exhausted = False
        for number, prior in enumerate(row.prior):
            values = tuple(prior.values)
            self._untold.append(Trial(-1 - number, prior.parameters, "finished", values))

    def tell(self, trial: TrialRow) -> None:
        """Take note of a trial, new or ended; the search is told before it is asked next."""
        self._next = max(self._next, trial.number + 1)
        known = _as_trial(trial)
        self._n_ended += known.outcome != "running"
        self._untold.append(known)

    def forget(self, number: int) -> None:
        """Forget a trial whose run was deleted."""
        with self._searching:
            self._tell_all()
            self._search.forget(number)
        self.is_exhausted = False

    def size(self) -> int | None:
        """How many parameter sets there are; None if there is no end."""
        return self._search.size()

    def numbers(self, n: int) -> range:
        """The numbers of the next trials."""
        return range(self._next, self._next + n)

    def choose(self, n_wanted: int, n_open: int) -> list[Parameters]:
        """Parameter sets for the trials with the next `numbers`; fewer if no more are left.

        Args:
            n_open: how many trials have not ended.
        """
        if not self._is_tpe:
            sets = self._ask(self.numbers(n_wanted))
        else:
            sets = self._stock.take(n_wanted, self._n_ended, n_open)
            if len(sets) < n_wanted:
                n_more = max(n_wanted - len(sets), self._stock.demand(0))
                self._stock.fill(self._ask(self.numbers(n_more)), self._n_ended)
                sets += self._stock.take(n_wanted - len(sets), self._n_ended, n_open)
        self.is_exhausted = len(sets) < n_wanted
        return sets

    def put_back(self, sets: Sequence[Parameters]) -> None:
        """Take sets back that could not be handed out."""
        if self._is_tpe:
            self._stock.put_back(sets)
        else:
            for number in self.numbers(len(sets)):
                self.forget(number)

    def prepare(self, n_idle: int, lock: AbstractContextManager[None]) -> None:
        """Choose parameter sets ahead, if many agents ask. Called without the sweep's lock.

        Args:
            n_idle: agents that have no run.
            lock: the sweep's.
        """
        if not self._is_tpe:
            return
        n_wanted, n_ended = self._stock.demand(n_idle), self._n_ended
        if n_wanted < MIN_STOCK or not self._stock.is_wanting(n_wanted, n_ended):
            return
        sets = self._ask(self.numbers(n_wanted))
        with lock:
            self._stock.fill(sets, n_ended)

    def _ask(self, numbers: Sequence[int]) -> list[Parameters]:
        with self._searching:
            self._tell_all()
            return self._search.ask(numbers)

    def _tell_all(self) -> None:
        while self._untold:
            self._search.tell(self._untold.popleft())


def _as_trial(row: TrialRow) -> Trial:
    outcomes: dict[str, Outcome] = {"finished": "finished", "failed": "failed"}
    values = None if row.values is None else tuple(row.values)
    return Trial(row.number, row.parameters, outcomes.get(row.state, "running"), values)
