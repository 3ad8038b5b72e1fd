"""`run.status()`: the progress of a run's upload. Reads one small page from its sidecar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weft.sdk.recording.recorder import Recorder


@dataclass(frozen=True)
class RunStatus:
    """The progress of a run's upload. Names are W&B's; items are bytes of the run's logs.

    Attributes:
        sync_items_total: size of the run's logs.
        sync_items_pending: the items that the server has not confirmed yet.
        sync_time: local time of the server's last confirmation, or None before the first.
    """

    sync_items_total: int = 0
    sync_items_pending: int = 0
    sync_time: datetime | None = None


def read_status(recorder: Recorder) -> RunStatus:
    """Read the progress of a run's upload."""
    recorder.life.check_open()
    path = recorder.log.path
    if path is None:
        return RunStatus()
    size = path.stat().st_size
    progress = recorder.uploads.progress(path)
    if progress is None:
        return RunStatus(size, size)
    status, changed_secs = progress
    logs = status.of_run(recorder.settings.run_id)
    acked = sum(log.acked for log in logs)
    # The main log may have grown since the sidecar last looked.
    own = sum(log.size for log in logs if log.name == path.name)
    total = sum(log.size for log in logs) - own + max(own, size)
    at = datetime.fromtimestamp(changed_secs) if acked else None  # noqa: DTZ006  as in W&B
    return RunStatus(total, max(0, total - acked), at)
