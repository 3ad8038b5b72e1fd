"""Reads the files that TensorFlow's writers write, while they are written."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import weft
from weft.integrations.shielding import shielded
from weft.integrations.tensorboard.rows import RunRows, rows_now
from weft.tensorboard_format.framing import EventFile

POLL_SECS: Final = 1.0


class Tail:
    """The event files of some folders, read by a thread of this process.

    A forked child has no such thread; what it writes is logged if it ends its part of the run.
    """

    def __init__(self) -> None:
        self._files: dict[Path, EventFile] = {}
        self._earlier: dict[str, set[Path]] = {}
        self._handles: list[Any] = []
        self._lock = threading.Lock()
        self._end: threading.Event | None = None

    def add(self, folder: str, handle: Any) -> None:
        """Read the files of a writer that is about to be made; those that exist are not its."""
        if "://" in folder:
            weft.termwarn(f"sync_tensorboard reads local folders, not {folder}", repeat=False)
            return
        rows = rows_now()
        if rows is not None:
            rows.register(folder)
        with self._lock:
            if folder not in self._earlier:
                self._earlier[folder] = _event_files(folder)
            self._handles.append(handle)
            if self._end is None:
                self._end = threading.Event()
                threading.Thread(
                    target=self._run, args=(self._end,), name="weft-tensorboard", daemon=True
                ).start()

    def finish(self) -> None:
        """Have the writers flush, and log the rest."""
        with self._lock:
            handles, self._handles = self._handles, []
        for handle in handles:
            _flush(handle)
        self._poll()

    def end(self) -> None:
        """End the thread, and forget the folders."""
        with self._lock:
            if self._end is not None:
                self._end.set()
                self._end = None
            self._files, self._earlier, self._handles = {}, {}, []

    def _run(self, end: threading.Event) -> None:
        while not end.wait(POLL_SECS):
            self._poll()

    @shielded
    def _poll(self) -> None:
        rows = rows_now()
        if rows is None:
            return
        with self._lock:
            for folder, earlier in self._earlier.items():
                for path in sorted(_event_files(folder) - earlier):
                    file = self._files.setdefault(path, EventFile(path))
                    was_cut = file.is_cut
                    self._read(folder, file, rows)
                    if file.is_cut and not was_cut:
                        weft.termwarn(f"the rest of {path} is damaged, and not logged")

    def _read(self, folder: str, file: EventFile, rows: RunRows) -> None:
        try:
            for event in file.read():
                rows.add(folder, event)
        except OSError as error:
            weft.termwarn(f"can't read {file.path}: {error}", repeat=False)


def _event_files(folder: str) -> set[Path]:
    return set(Path(folder).glob("*tfevents*"))


@shielded
def _flush(handle: Any) -> None:
    from tensorflow.python.ops import gen_summary_ops

    gen_summary_ops.flush_summary_writer(writer=handle)
