"""The device process: measures what can hang, one thread for each source. Does I/O.

It reads a `DeviceTask` and then questions, one a line. To each it answers `{}` at once, and each
source adds a line of figures when it has measured. A source that hangs is not asked again until it
answers; the others continue.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import Final

import msgspec

from weft.sync.messages import tell
from weft.sync.sampling.devices import MACHINE, DeviceTask
from weft.sync.sampling.source import Figures, Source

SLOW_SECS: Final = 10.0
"""After which a source that has not answered is reported, once."""


class _Worker:
    """Measures one source in a thread of its own."""

    def __init__(self, source: Source, crew: _Crew) -> None:
        self.source = source
        self._crew = crew
        self._request = threading.Event()
        self._busy_secs: float | None = time.monotonic()
        self._is_reported = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask(self) -> None:
        if self._busy_secs is None:
            self._busy_secs = time.monotonic()
            self._request.set()
        elif time.monotonic() - self._busy_secs > SLOW_SECS and not self._is_reported:
            self._is_reported = True
            tell(f"{self.source.name} does not answer: its figures are missing until it does")

    def _run(self) -> None:
        try:
            if not self.source.is_there():
                return
            while True:
                self._busy_secs = None
                self._request.wait()
                self._request.clear()
                figures = self.source.figures()
                if figures:
                    self._crew.answer(figures)
        except Exception as error:  # noqa: BLE001  a fault of one source spares the others
            tell(f"{self.source.name} can't be measured: {type(error).__name__}: {error}")
        finally:
            self._crew.leave(self)


class _Crew:
    """All workers. The process ends when the last has left."""

    def __init__(self, sources: Iterator[Source]) -> None:
        self._lock = threading.Lock()
        self._workers = [_Worker(source, self) for source in sources]

    def work(self) -> None:
        if not self._workers:
            return
        for worker in list(self._workers):
            worker.start()
        for line in sys.stdin.buffer:
            for worker in list(self._workers):
                if line == MACHINE or not worker.source.is_shared:
                    worker.ask()
            self.answer({})

    def answer(self, figures: Figures) -> None:
        with self._lock:
            sys.stdout.buffer.write(msgspec.json.encode(figures) + b"\n")
            sys.stdout.buffer.flush()

    def leave(self, worker: _Worker) -> None:
        with self._lock:
            self._workers.remove(worker)
            if not self._workers:
                os._exit(0)


def _sources(task: DeviceTask) -> Iterator[Source]:
    from weft.sync.sampling import nvml

    settings = task.settings
    if nvml.may_be_there():
        from weft.sync.sampling.nvidia import NvidiaGpus

        yield NvidiaGpus(task.pid, settings.gpu_ids)
    else:
        # Where both are, AMD's is the processor's own, and the numbers of both begin at 0.
        from weft.sync.sampling.amd import AmdGpus

        yield AmdGpus(settings.gpu_ids)
    from weft.sync.sampling.apple import AppleGpus
    from weft.sync.sampling.tpu import Tpus

    yield AppleGpus()
    yield Tpus()
    if settings.disk_paths:
        from weft.sync.sampling.disks import DiskUsage

        yield DiskUsage(settings.disk_paths)
    if settings.endpoints:
        from weft.sync.sampling.openmetrics import OpenMetrics

        for name, url in settings.endpoints.items():
            yield OpenMetrics(name, url, settings.filters, settings.headers)


def main() -> int:
    """The entry point; `devices` starts it."""
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=DeviceTask)
    try:
        _Crew(_sources(task)).work()
    except OSError:
        pass  # the sidecar has gone
    # A thread that hangs in a driver would keep the interpreter from ending.
    os._exit(0)
