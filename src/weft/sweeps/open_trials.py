"""The trials of a sweep that have not ended, by number, by run and by agent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from weft.sweeps.trials import AgentKey, Trial


class OpenTrials:
    """Trials that agents have, and trials that wait for an agent again."""

    def __init__(self) -> None:
        self._by_number: dict[int, Trial] = {}
        self._by_run: dict[str, int] = {}
        self._of_agent: dict[AgentKey, set[int]] = {}
        self._queued: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def __iter__(self) -> Iterator[Trial]:
        return iter(list(self._by_number.values()))

    def __getitem__(self, number: int) -> Trial:
        return self._by_number[number]

    def put(self, trial: Trial) -> None:
        """Add a trial, or replace the one with the same number."""
        self.drop(trial.number)
        self._by_number[trial.number] = trial
        self._by_run[trial.run] = trial.number
        if trial.agent is not None:
            self._of_agent.setdefault(trial.agent, set()).add(trial.number)
        if trial.state == "queued":
            self._queued[trial.number] = None

    def drop(self, number: int) -> None:
        """Remove a trial, if it is there."""
        trial = self._by_number.pop(number, None)
        if trial is None:
            return
        self._by_run.pop(trial.run, None)
        self._queued.pop(number, None)
        if trial.agent is not None:
            self._of_agent[trial.agent].discard(number)

    def of_agent(self, agent: AgentKey) -> list[Trial]:
        """The trials that an agent has, by number."""
        return [self._by_number[number] for number in sorted(self._of_agent.get(agent, ()))]

    def of_run(self, run: str) -> Trial | None:
        number = self._by_run.get(run)
        return None if number is None else self._by_number[number]

    def queued(self, limit: int) -> list[Trial]:
        """The trials that have waited longest for an agent."""
        return [self._by_number[number] for number in islice(self._queued, limit)]
