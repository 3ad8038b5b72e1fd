"""Group commit: metadata changes of concurrent callers share one transaction. Does I/O.

Otherwise uploads of many new runs would wait for the disk one after another. While a transaction
is being written, new callers wait; the first of them then applies the changes of all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from weft.server.storage.group_commit import GroupCommit
from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.fence import held_leases

MAX_JOBS: Final = 256
"""The most jobs in one transaction, unless a single caller has more.

Other writers of metadata then wait for about 0.2 s.
"""

Job = Callable[[Transaction], Any]
"""One change. It is called again in another transaction if the first was rolled back. It must not
take a lock that a caller of `run` may hold."""


@dataclass(slots=True, eq=False)
class _Call:
    """One caller's jobs and their outcomes: results or exceptions."""

    jobs: Sequence[Job]
    outcomes: list[Any] = field(default_factory=list[Any])


class GroupedWrites:
    """Runs jobs of concurrent callers in shared transactions. Thread-safe."""

    def __init__(self, write: Callable[[], AbstractContextManager[Transaction]]) -> None:
        self._write = write
        self._commits = GroupCommit(
            self._run_calls, weigh=lambda call: len(call.jobs), max_weight=MAX_JOBS
        )

    def run(self, jobs: Sequence[Job]) -> list[Any]:
        """Run jobs. Returns each one's result, or the exception that it or its commit raised.

        Their changes are durable when this returns. A failing job changes nothing and does not
        affect other jobs.
        """
        call = _Call(jobs)
        if not held_leases():
            self._commits.run(call)
        else:
            self._run_calls([call])  # what others write needs no lease
        return call.outcomes

    def _run_calls(self, calls: Sequence[_Call]) -> None:
        try:
            outcomes = iter(self._apply([job for call in calls for job in call.jobs]))
            for call in calls:
                call.outcomes = [next(outcomes) for _ in call.jobs]
        except BaseException as error:
            for call in calls:
                call.outcomes = [error for _ in call.jobs]
            raise

    def _apply(self, jobs: Sequence[Job]) -> list[Any]:
        try:
            with self._write() as tx:
                return [job(tx) for job in jobs]
        except Exception as error:  # noqa: BLE001 - returned to the caller whose job failed
            if len(jobs) == 1:
                return [error]
        return [outcome for job in jobs for outcome in self._apply([job])]
