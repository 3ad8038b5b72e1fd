"""The schedule of the sidecar's samples, and the runs' logs that get them. Does I/O.

The main loop calls `look` once a second, and when `due_secs` has come. psutil is loaded
`PRIME_SECS` after the start, so that the first upload does not wait for it; rates need a second
between two samples. Devices are asked `LEAD_SECS` before each sample; later answers are
recorded separately.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from weft.sync.sampling.settings import SamplingSettings
from weft.sync.sampling.source import Figures

if TYPE_CHECKING:
    from weft.sync.runs import WatchedRun
    from weft.sync.sampling.devices import Devices
    from weft.sync.sampling.sampler import Sampler  # imports psutil

PRIME_SECS: Final = 0.5
FIRST_SAMPLE_SECS: Final = 1.5
LEAD_SECS: Final = 0.25
PAUSE_SECS: Final = 1.0
"""The pause while no run is active, as in a notebook between two runs."""

_OF_PROCESS: Final = "system.gpu.process."


class SampleSchedule:
    """Samples a training process and its machine."""

    def __init__(self, settings: SamplingSettings, pid: int, folders: Sequence[str]) -> None:
        self._settings = settings
        self._pid = pid
        self._folders = folders
        began_secs = time.monotonic()
        self._prime_secs = began_secs + PRIME_SECS
        self._sample_secs = began_secs + FIRST_SAMPLE_SECS
        self._lead_secs = min(LEAD_SECS, settings.interval_secs / 2)
        self._sampler: Sampler | None = None
        self._devices: Devices | None = None
        self._is_asked = False

    @property
    def due_secs(self) -> float:
        """The time of the next work, on the monotonic clock."""
        if self._settings.interval_secs <= 0:
            return math.inf
        if self._sampler is None:
            return self._prime_secs
        is_ahead = self._devices is not None and not self._is_asked
        return self._sample_secs - self._lead_secs if is_ahead else self._sample_secs

    def look(self, runs: Sequence[WatchedRun]) -> list[WatchedRun]:
        """Do what is due. Returns the runs whose logs have grown."""
        runs = [run for run in runs if not run.closed]
        if self._settings.interval_secs <= 0:
            return []
        now = time.monotonic()
        if not runs:
            # A time in the past would keep the main loop from waiting.
            self._prime_secs = max(self._prime_secs, now + PAUSE_SECS)
            self._sample_secs = max(self._sample_secs, now + PAUSE_SECS + self._lead_secs)
            return []
        if self._sampler is None:
            if now >= self._prime_secs:
                self._sampler = self._prime(runs[0])
            return []
        has_late = self._ask_devices(runs, now)
        if now < self._sample_secs:
            return runs if has_late else []
        self._sample_secs = now + self._settings.interval_secs
        self._is_asked = False
        process, machine = self._take_devices()
        process |= self._sampler.process_figures()
        if any(run.holds_machine() for run in runs):
            machine |= self._sampler.machine_figures()
        _record(runs, process, machine)
        return runs

    def _ask_devices(self, runs: Sequence[WatchedRun], now: float) -> bool:
        """Ask if it is time. Returns whether late answers to the last question were recorded."""
        if self._devices is None or self._is_asked:
            return False
        process, machine = self._take_devices()
        _record(runs, process, machine)
        if now >= self._sample_secs - self._lead_secs:
            self._is_asked = True
            self._devices.ask(with_machine=any(run.holds_machine() for run in runs))
        return bool(process or machine)

    def _take_devices(self) -> tuple[Figures, Figures]:
        """The answers of devices, about the process and about the machine."""
        process: Figures = {}
        machine: Figures = {}
        for key, value in self._devices.take().items() if self._devices is not None else ():
            (process if key.startswith(_OF_PROCESS) else machine)[key] = value
        return process, machine

    def close(self) -> None:
        """End the devices' process."""
        if self._devices is not None:
            self._devices.close()

    def _prime(self, run: WatchedRun) -> Sampler:
        from weft.sync.sampling.devices import Devices, DeviceTask, has_devices
        from weft.sync.sampling.sampler import Sampler

        if has_devices(self._settings):
            self._devices = Devices(DeviceTask(self._pid, self._settings), self._folders)
        return Sampler(self._pid, run.directory, self._settings)


def _record(runs: Sequence[WatchedRun], process: Figures, machine: Figures) -> None:
    if process or machine:
        for run in runs:
            run.sample(process | machine if run.holds_machine() else process)
