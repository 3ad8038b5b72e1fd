"""Starts, restarts and waits for the sidecars of this process's runs. Does I/O.

A sidecar is another process (`weft.sync`), which this one starts. One sidecar serves all runs of a
process that go to the same server; concurrent runs that go to different servers have one each.
Only `check` runs on `log()`'s path: it takes a few µs once a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Final

from weft.client.policy import Policy
from weft.errors import WeftError
from weft.sync.addresses.server_address import ServerAddress
from weft.sync.finish_result import FinishResult
from weft.sync.handle import UploadState, is_first_process
from weft.sync.sampling.settings import SamplingSettings
from weft.sync.spawn import SidecarHandle, start_sidecar
from weft.sync.status import Status

FIRST_RESPAWN_SECS: Final = 1.0
LONGEST_RESPAWN_SECS: Final = 60.0
"""A sidecar that keeps dying is restarted less and less often."""

AGAIN_SECS: Final = 1.0
"""Longest wait without progress for a server that the previous run waited for in vain."""

EXIT_WAIT_SECS: Final = 2.0
"""Longest wait of an ending process for its sidecar to exit once all is uploaded."""

FIRST_PROCESS_WAIT_SECS: Final = 10.0
"""The same in a container that ends with the script, where the sidecar can't outlive it."""


class Uploads:
    """Keeps a sidecar for each server that this process's runs go to. Thread-safe."""

    def __init__(self) -> None:
        self._sidecars: dict[ServerAddress | None, _Sidecar] = {}
        self._of_log: dict[Path, _Sidecar] = {}
        self._lock = RLock()

    def start(
        self, log: Path, address: ServerAddress | None, *, sampling: SamplingSettings
    ) -> None:
        """Start uploading a run's log."""
        with self._lock:
            self._sidecar_to(address, sampling, log).add(log)

    def start_later(self, log: Path, *, sampling: SamplingSettings) -> None:
        """Start a sidecar for an offline run at the first `check`, only to sample the machine.

        A script that takes less than a second then needs no second process.
        """
        with self._lock:
            self._sidecar_to(None, sampling, log).add_later(log)

    def make_files(self, log: Path, run_id: str) -> None:
        """Have the files of an offline run made, if need be after this process's end."""
        with self._lock:
            self.describe(log, run_id)
            self._of_log[log].is_waited_for = True

    def describe(self, log: Path, run_id: str) -> None:
        """Have the environment of an offline run gathered, which no script waits for."""
        with self._lock:
            if log not in self._of_log:
                self.start_later(log, sampling=SamplingSettings(interval_secs=0.0))
            self._of_log[log].check(log, run_id)

    def check(self, log: Path, run_id: str) -> UploadState:
        """Restart the sidecar if it died, and return what it reports about the run."""
        with self._lock:
            sidecar = self._of_log.get(log)
            return UploadState() if sidecar is None else sidecar.check(log, run_id)

    def progress(self, log: Path) -> tuple[Status, float] | None:
        """Return the sidecar's status and when it changed (s since 1970), or None if unknown."""
        with self._lock:
            sidecar = self._of_log.get(log)
            if sidecar is None or sidecar.handle is None:
                return None
            status = sidecar.handle.status()
            return None if status is None else (status, sidecar.handle.changed_secs())

    def hurry(self, log: Path) -> None:
        """Send the run's data at once instead of batching it. Does not wait for the upload."""
        with self._lock:
            sidecar = self._of_log.get(log)
            if sidecar is not None and sidecar.handle is not None:
                sidecar.handle.flush()

    def finish(
        self,
        log: Path,
        run_id: str,
        *,
        no_progress_secs: float,
        tell: Callable[[FinishResult], None] = lambda _: None,
    ) -> FinishResult:
        """Wait for the upload of a run that has ended; see `SidecarHandle.finish`."""
        with self._lock:
            sidecar = self._of_log.get(log)
        if sidecar is None:
            return FinishResult("dead", n_unsent_bytes=log.stat().st_size)
        try:
            return sidecar.finish(log, run_id, no_progress_secs, self._lock, tell)
        finally:
            self.let_go(log)

    def let_go(self, log: Path) -> None:
        """Release the sidecar of a log whose run has ended."""
        with self._lock:
            sidecar = self._of_log.pop(log, None)
            if sidecar is not None:
                sidecar.logs.remove(log)

    def close(self, *, wait: bool = False) -> None:
        """End all sidecars: no further run will start.

        If `wait`, briefly wait until they have exited, except for one that still has to upload.
        """
        with self._lock:
            sidecars = list(self._sidecars.values())
            self._sidecars.clear()
            self._of_log.clear()
        for sidecar in sidecars:
            sidecar.end()
        longest_secs = FIRST_PROCESS_WAIT_SECS if is_first_process() else EXIT_WAIT_SECS
        deadline = time.monotonic() + (longest_secs if wait else 0.0)
        for sidecar in sidecars:
            sidecar.close(wait_secs=deadline - time.monotonic())

    def hold(self) -> None:
        """Before a fork, keep other threads from starting a sidecar during the fork.

        Otherwise the child could inherit the lock that a sidecar gets at its start and hold it for
        its own lifetime, so that a dead sidecar would seem alive.
        """
        self._lock.acquire()

    def release(self) -> None:
        """After a fork, in the parent, allow starting sidecars again."""
        self._lock.release()

    def forget(self) -> None:
        """Let go of the parent's sidecars, in a forked child."""
        self._lock = RLock()  # another thread of the parent may have held it at the fork
        for sidecar in self._sidecars.values():
            sidecar.abandon()
        self._sidecars.clear()
        self._of_log.clear()

    def _sidecar_to(
        self, address: ServerAddress | None, sampling: SamplingSettings, log: Path
    ) -> _Sidecar:
        sidecar = self._sidecars.get(address)
        if sidecar is None or (sidecar.sampling != sampling and not sidecar.logs):
            # Close unused sidecars, which would otherwise accumulate.
            for other in [key for key, other in self._sidecars.items() if not other.logs]:
                self._sidecars.pop(other).close()
            sidecar = self._sidecars[address] = _Sidecar(address, sampling)
        self._of_log[log] = sidecar
        return sidecar


class _Sidecar:
    """The sidecar for one server. It is restarted when it dies.

    `logs` are main logs, in the order in which their runs began. `is_waited_for`: the end of the
    process waits for it a moment.
    """

    def __init__(self, address: ServerAddress | None, sampling: SamplingSettings) -> None:
        self.sampling = sampling
        self.logs: list[Path] = []
        self.handle: SidecarHandle | None = None
        self._address = address
        self._respawn_secs = FIRST_RESPAWN_SECS
        self._next_respawn = 0.0
        self._unsettled: set[Path] = set()
        self._is_slow = False
        self.is_waited_for = False

    def add(self, log: Path) -> None:
        self.logs.append(log)
        if self.handle is not None and self.handle.is_alive():
            self.handle.add_run(log)
        else:
            self._spawn()

    def add_later(self, log: Path) -> None:
        self.logs.append(log)
        if self.handle is not None and self.handle.is_alive():
            self.handle.add_run(log)

    def check(self, log: Path, run_id: str) -> UploadState:
        now = time.monotonic()
        if self.handle is None:
            self._spawn()
        elif not self.handle.is_alive() and now >= self._next_respawn:
            self._next_respawn = now + self._respawn_secs
            self._respawn_secs = min(2 * self._respawn_secs, LONGEST_RESPAWN_SECS)
            self._spawn()
        return UploadState() if self.handle is None else self.handle.upload_state(run_id, log.name)

    def finish(
        self,
        log: Path,
        run_id: str,
        no_progress_secs: float,
        lock: RLock,
        tell: Callable[[FinishResult], None],
    ) -> FinishResult:
        try:
            with lock:
                handle = self.handle or self._spawn()
        except (WeftError, OSError) as error:
            return FinishResult("dead", error=str(error), n_unsent_bytes=log.stat().st_size)
        if self._is_slow:
            no_progress_secs = min(no_progress_secs, AGAIN_SECS)
        # Set before the outcome is known, because the wait may end in KeyboardInterrupt.
        self._unsettled.add(log)
        self._is_slow = self.is_waited_for = True
        result = handle.finish(run_id, log, no_progress_secs=no_progress_secs, tell=tell)
        if result.outcome == "dead":
            # It was probably killed; a new one continues at the server's position in the log.
            try:
                with lock:
                    handle = self._spawn() if self.handle is handle else self.handle
            except WeftError:
                return result
            if handle is not None:
                result = handle.finish(run_id, log, no_progress_secs=no_progress_secs, tell=tell)
        if result.outcome != "timeout":
            self._unsettled.discard(log)
            self._is_slow = False
        return result

    def end(self) -> None:
        """Tell the sidecar to send the rest and exit: no further run will start."""
        if self.handle is not None:
            self.handle.end()

    def close(self, *, wait_secs: float = 0.0) -> None:
        """Call `end` and wait for the exit, unless the sidecar still has to upload."""
        if self.handle is not None:
            is_waited_for = self.is_waited_for or is_first_process()
            is_short = self._unsettled or not is_waited_for
            self.handle.close(wait_secs=0.0 if is_short else wait_secs)

    def abandon(self) -> None:
        if self.handle is not None:
            self.handle.abandon()

    def _spawn(self) -> SidecarHandle:
        """Start a sidecar with all runs that use it, replacing one that died."""
        address = self._address
        if self.handle is not None:
            self.handle.abandon()
        first, *others = [*self.logs, *(self._unsettled.difference(self.logs))]
        self.handle = handle = start_sidecar(
            first,
            base_url=address.url if address else None,
            is_local=address is not None and address.local,
            api_key=address.key if address else None,
            policy=address.policy if address else Policy(),
            sampling=self.sampling,
        )
        for log in others:
            handle.add_run(log)
        return handle
