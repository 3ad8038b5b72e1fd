"""The trials of a sweep that have not ended, by number, by run and by agent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weft.server.storage.metadata import TrialRow


class OpenTrials:
    """Trials that were given, or wait to be given again."""

    def __init__(self) -> None:
        self._by_number: dict[int, TrialRow] = {}
        self._by_run: dict[str, int] = {}
        self._of_agent: dict[int, set[int]] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def __iter__(self) -> Iterator[TrialRow]:
        return iter(list(self._by_number.values()))

    def __getitem__(self, number: int) -> TrialRow:
        return self._by_number[number]

    def put(self, trials: Iterable[TrialRow]) -> None:
        """Add trials, or replace those with the same numbers."""
        for trial in trials:
            self.drop(trial.number)
            self._by_number[trial.number] = trial
            self._by_run[trial.run] = trial.number
            if trial.agent_id is not None:
                self._of_agent.setdefault(trial.agent_id, set()).add(trial.number)

    def drop(self, number: int) -> None:
        """Remove a trial, if it is there."""
        trial = self._by_number.pop(number, None)
        if trial is None:
            return
        self._by_run.pop(trial.run, None)
        if trial.agent_id is not None:
            self._of_agent[trial.agent_id].discard(number)

    def of_agent(self, agent_id: int) -> list[TrialRow]:
        """The trials that an agent has, by its row id."""
        return [self._by_number[number] for number in sorted(self._of_agent.get(agent_id, ()))]

    def of_run(self, run: str) -> TrialRow | None:
        """The trial with this run."""
        number = self._by_run.get(run)
        return None if number is None else self._by_number[number]

    def queued(self, n_most: int) -> list[TrialRow]:
        """Trials that wait to be given again."""
        return [one for one in self._by_number.values() if one.state == "queued"][:n_most]
