"""An agent's connection to its sweep."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

from weft.errors import NotFound, Unavailable, WeftError
from weft.records.ids import new_writer_id
from weft.runlog.platform import host_name
from weft.sdk.guard import Guard
from weft.sdk.setup.settings import Settings
from weft.sdk.sweeps.handing import Handing
from weft.sweeps.outcomes import RunStatus
from weft.wire.sweeps import AgentBeat, AgentOrders

_FIRST_SETTLE_SECS: Final = 0.05
_WAIT_SECS: Final = 1.0
_MAX_WAIT_SECS: Final = 30.0


class Line:
    """An agent's connection to its sweep: beats while runs go on, asks for more, and waits out
    a server that is away.

    `runs` has the agent's runs, and those that ended until the sweep has their results: a run that
    the agent did not name would be handed out to it again.
    """

    def __init__(self, handing: Handing, settings: Settings, guard: Guard) -> None:
        self.id = new_writer_id()
        self.runs: dict[str, RunStatus] = {}
        self.is_deleted = False
        self.stop: set[str] = set()
        self.has_news = False
        self._handing = handing
        self._every_secs = max(settings.agent_report_interval_secs, 0.1)
        self._guard = guard
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Beat every few seconds until `close`."""
        self._thread = threading.Thread(target=self._beat_on, name="weft-agent", daemon=True)
        self._thread.start()

    def end(self, run: str, status: RunStatus) -> None:
        """Note that a run has ended. The next message tells it."""
        self.runs[run] = status
        self.has_news = True

    def ask(self, wants: int) -> AgentOrders:
        """Tell how the runs go, and ask for more. Waits until the server answers."""
        wait, since, is_told = _WAIT_SECS, time.monotonic(), False
        while True:
            try:
                orders = self._send(wants)
            except Unavailable as error:
                if not is_told and time.monotonic() - since > 2:
                    self._guard.say(f"{error}; the agent goes on when the server is back")
                    is_told = True
                time.sleep(wait)
                wait = min(2 * wait, _MAX_WAIT_SECS)
                continue
            if is_told:
                self._guard.say("The server is back")
            return orders

    def settle(self, most_secs: float) -> None:
        """Wait until the sweep has the results of the runs that ended: the last rows of a run may
        be on their way.
        """
        until = time.monotonic() + most_secs
        wait = _FIRST_SETTLE_SECS
        while any(status != "running" for status in self.runs.values()):
            if time.monotonic() > until:
                return
            time.sleep(wait)
            wait = min(2 * wait, _WAIT_SECS)
            try:
                self._send(0)
            except NotFound:
                return
            except WeftError:
                continue

    def close(self) -> None:
        """Say that the agent ends: runs that did not begin go to others."""
        self._ended.set()
        try:
            self._send(0, leaves=True)
        except WeftError:
            pass

    def _send(self, wants: int, *, leaves: bool = False) -> AgentOrders:
        with self._lock:
            beat = AgentBeat(
                host=host_name(),
                pid=os.getpid(),
                runs=dict(self.runs),
                wants=wants,
                leaves=leaves,
            )
            had_news, self.has_news = self.has_news, False
            try:
                orders = self._handing.send_beat(self.id, beat)
            except WeftError:
                self.has_news = self.has_news or had_news
                raise
            for run in orders.settled:
                self.runs.pop(run, None)
            for assigned in orders.runs:
                self.runs[assigned.run] = "running"
            self.stop.update(orders.stop)
            return orders

    def _beat_on(self) -> None:
        while not self._ended.wait(self._every_secs):
            if self._lock.locked():
                continue
            try:
                self._send(0)
            except NotFound:
                self.is_deleted = True
                return
            except WeftError:
                continue
