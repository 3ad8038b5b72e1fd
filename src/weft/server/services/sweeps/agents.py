"""The agents of a sweep, in memory: their last signs of life, and the gone ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from weft.errors import LimitExceeded
from weft.server.storage.metadata import AgentRow, Job, SweepRow, SweepTable, Transaction
from weft.sweeps.schedule import Call
from weft.wire.sweeps import MAX_AGENTS, AgentBeat, AgentOrders

SILENCE_MICROS: Final = 60 * 1_000_000
"""An agent not heard from for this long is gone: agents beat every 5 s."""

Write = Callable[[Job], Any]
"""Runs a job in a transaction."""


@dataclass(slots=True)
class LiveAgent:
    """An agent. `saved_micros` is metadata's value of its last sign of life."""

    row_id: int
    beat_micros: int
    saved_micros: int
    has_left: bool = False

    def is_gone(self, now: int) -> bool:
        """Whether its runs that did not begin go to another agent."""
        return self.has_left or now - self.beat_micros > SILENCE_MICROS


@dataclass(slots=True, eq=False)
class AgentCall:
    """A message of an agent, and the answer."""

    user: str
    agent: str
    beat: AgentBeat
    orders: AgentOrders | None = None
    error: BaseException | None = None

    def to_schedule(self, agent: LiveAgent) -> Call:
        """The message in the words of the sweep's schedule."""
        return Call(agent.row_id, self.beat.runs, self.beat.wants, self.beat.leaves)


class Agents:
    """The agents of one sweep. Called with its lock."""

    def __init__(self, sweeps: SweepTable, row: SweepRow) -> None:
        self._sweeps, self._row = sweeps, row
        self._by_id: dict[str, LiveAgent] = {}

    def load(self, rows: Sequence[AgentRow], now: int, start_micros: int) -> None:
        """Take the agents that the metadata has.

        Until the server's start no agent could be heard.
        """
        for row in rows:
            beat = row.heartbeat_micros
            if not row.has_left:
                beat = max(beat, min(now, start_micros))
            self._by_id[row.agent] = LiveAgent(
                row.row_id, beat, row.heartbeat_micros, row.has_left
            )

    def follow(self, rows: Sequence[AgentRow]) -> None:
        """Take what the metadata has of agents that other servers heard."""
        for row in rows:
            live = self._by_id.get(row.agent)
            if live is None:
                live = self._by_id[row.agent] = LiveAgent(row.row_id, 0, 0)
            live.beat_micros = max(live.beat_micros, row.heartbeat_micros)
            live.saved_micros = row.heartbeat_micros
            live.has_left = row.has_left

    def are_silent(self, now: int) -> bool:
        """Whether agents that have not left are gone: other servers may have heard them."""
        return any(agent.is_gone(now) and not agent.has_left for agent in self._by_id.values())

    def gone(self, now: int) -> set[int]:
        """Row ids of the agents whose runs that did not begin go to others."""
        return {agent.row_id for agent in self._by_id.values() if agent.is_gone(now)}

    def alive(self, now: int) -> list[int]:
        """Row ids of the other agents. Also called without the lock."""
        return [agent.row_id for agent in list(self._by_id.values()) if not agent.is_gone(now)]

    def note_calls(
        self, calls: Sequence[AgentCall], now: int, write_job: Write
    ) -> dict[AgentCall, Call]:
        """Note that agents were heard from; those that are new or leave are written.

        Return the messages without an error for the schedule.
        """
        unsaved: list[AgentCall] = []
        for call in calls:
            live = self._by_id.get(call.agent)
            if live is not None and live.has_left == call.beat.leaves:
                live.beat_micros = now
            elif live is None and len(self._by_id) + len(unsaved) >= MAX_AGENTS:
                call.error = LimitExceeded(
                    f"sweep {self._row.sweep} has had {MAX_AGENTS:,} agents, the most"
                )
            else:
                unsaved.append(call)
        if unsaved:
            self._save(unsaved, now, write_job)
        return {
            call: call.to_schedule(self._by_id[call.agent]) for call in calls if call.error is None
        }

    def _save(self, calls: Sequence[AgentCall], now: int, write_job: Write) -> None:
        sweeps = self._sweeps

        def write(tx: Transaction) -> list[int]:
            row_ids: list[int] = []
            for call in calls:
                row_id = sweeps.put_agent(
                    tx,
                    self._row.row_id,
                    call.agent,
                    host=call.beat.host,
                    pid=call.beat.pid,
                    user=call.user,
                    now_micros=now,
                )
                if call.beat.leaves:
                    sweeps.set_left(tx, row_id, now)
                row_ids.append(row_id)
            return row_ids

        for call, row_id in zip(calls, write_job(write), strict=True):
            self._by_id[call.agent] = LiveAgent(row_id, now, now, call.beat.leaves)

    def save_beats(self, write_job: Write) -> None:
        """Write when agents were heard from."""
        unsaved = [
            agent for agent in self._by_id.values() if agent.beat_micros != agent.saved_micros
        ]
        if not unsaved:
            return
        beats = [(agent.row_id, agent.beat_micros) for agent in unsaved]
        write_job(partial(self._sweeps.set_heartbeats, beats=beats))
        for agent, (_, micros) in zip(unsaved, beats, strict=True):
            agent.saved_micros = micros
