"""The progress of sending an artifact, as the sidecar reports it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from weft.sdk.recording.uploads import Uploads
from weft.sync.status import Status


class Sent(NamedTuple):
    """The progress of sending an artifact.

    `n_left_bytes` are those known to be still to be sent.
    """

    n_bytes: int
    n_left_bytes: int
    n_left_files: int


class Sending:
    """Asks the sidecar of a run. A copy in another process knows nothing."""

    def __init__(self, uploads: Uploads, log: Path | None, run_id: str) -> None:
        self._uploads = uploads
        self._log = log
        self._run_id = run_id
        self._n_before = self._sums()[0]

    def __call__(self) -> Sent | None:
        """Return the progress; None if that is not known."""
        n_bytes, n_left_bytes, n_left_files = self._sums()
        if not n_left_files and n_bytes <= self._n_before:
            return None
        return Sent(max(0, n_bytes - self._n_before), n_left_bytes, n_left_files)

    def _sums(self) -> tuple[int, int, int]:
        progress = None if self._log is None else self._uploads.progress(self._log)
        return (0, 0, 0) if progress is None else _sums_of(progress[0], self._run_id)

    def __reduce__(self) -> tuple[Callable[[], Callable[[], Sent | None]], tuple[()]]:
        return _copied, ()


def unknown() -> Sent | None:
    """Nothing is known of the sending."""
    return None


def _copied() -> Callable[[], Sent | None]:
    return unknown


def _sums_of(status: Status, run_id: str) -> tuple[int, int, int]:
    logs = status.of_run(run_id)
    making = sum(files.n_waiting for files in status.files if files.run_id == run_id)
    return (
        sum(log.n_sent_bytes for log in logs),
        sum(log.n_content_bytes for log in logs),
        sum(log.n_lacking for log in logs) + making,
    )
