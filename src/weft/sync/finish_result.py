"""The results of `SidecarHandle.finish`, from the sidecar's status page and its log."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec

from weft.sync.status import State, Status

Outcome = Literal[
    "uploaded",
    "no_address",
    "no_server",
    "wrong_server",
    "unauthorized",
    "gone",
    "refused",
    "timeout",
    "dead",
]

_OUTCOME_OF_STATE: Final[dict[State, Outcome]] = {
    "no_address": "no_address",
    "no_server": "no_server",
    "wrong_server": "wrong_server",
    "unauthorized": "unauthorized",
}


class FinishResult(msgspec.Struct, frozen=True):
    """The state of a run's upload when `finish` returned.

    Attributes:
        outcome: `uploaded`: all of it is durable at the server. `timeout`: no progress for too
            long; the sidecar continues. `dead`: the sidecar died. Otherwise what prevents uploads.
        server: the address in use, if any.
        error: a sentence for the user, if something is wrong.
        n_unsent_bytes: unsent bytes of the run's logs; 0 when uploaded.
        n_damaged_bytes: damaged bytes of the run's logs; their contents are lost.
        n_unsent_files: files that are not at the server; those that are lost not counted.
        n_failures: files that could not be made, or can't be sent.
        failures: the first of them, as sentences for the user.
        entity: the entity that the run belongs to; '' if the server has not told.
        warning: the server's warning about the run's project, if any.
    """

    outcome: Outcome
    server: str | None = None
    error: str | None = None
    n_unsent_bytes: int = 0
    n_damaged_bytes: int = 0
    n_unsent_files: int = 0
    n_failures: int = 0
    failures: tuple[str, ...] = ()
    entity: str = ""
    warning: str | None = None


def result_from(
    status: Status | None, run_id: str, log_name: str, size: int, number: int
) -> FinishResult:
    """The result for an ending run according to a status page; `timeout` means "not known yet".

    Args:
        size: the length of its main log, in bytes.
        number: the number of the flush that the sidecar must have tried.
    """
    if status is None:
        return FinishResult("timeout", n_unsent_bytes=size)
    entries = status.of_run(run_id)
    main = next((entry for entry in entries if entry.name == log_name), None)
    unsent = sum(max(0, entry.size - entry.acked) for entry in entries if entry.name != log_name)
    unsent += max(0, size - (main.acked if main else 0))
    making = [files for files in status.files if files.run_id == run_id]
    n_files = sum(entry.n_lacking for entry in entries)
    n_files += sum(files.n_waiting for files in making)
    tried = status.flushed >= number
    outcome: Outcome = "timeout"
    error = status.error or next((entry.error for entry in entries if entry.error), None)
    if main is not None and main.state in {"gone", "refused"}:
        outcome, error = ("gone" if main.state == "gone" else "refused"), main.error
    elif main is not None and tried and not unsent and not n_files:
        # The logs need not be closed: on a full disk there may be no Exit record, and a forked
        # child may continue for hours.
        outcome = "uploaded"
    elif tried:
        outcome = _OUTCOME_OF_STATE.get(status.state, "timeout")
    lost = [f"{path} can't be sent: {why}" for entry in entries for path, why in entry.lost]
    return FinishResult(
        outcome,
        server=status.server,
        error=error,
        n_unsent_bytes=unsent + sum(entry.n_content_bytes for entry in entries),
        n_damaged_bytes=sum(entry.n_damaged_bytes for entry in entries),
        n_unsent_files=n_files,
        n_failures=sum(files.n_failures for files in making)
        + sum(entry.n_lost for entry in entries),
        failures=(*(sentence for files in making for sentence in files.failures), *lost),
        entity=main.entity if main is not None else "",
        warning=None if main is None else main.warning,
    )


def progress_of(status: Status | None, run_id: str) -> int:
    """A number that grows with what is sent or made of a run."""
    if status is None:
        return 0
    sent = sum(entry.acked + entry.n_sent_bytes for entry in status.of_run(run_id))
    return sent + sum(files.n_made for files in status.files if files.run_id == run_id)


def import_error(sidecar_log: Path) -> str | None:
    """The library that a sidecar could not import, and the remedy, if that ended it."""
    try:
        text = sidecar_log.read_text(errors="replace")
    except OSError:
        return None
    kind, _, message = text.rstrip().rpartition("\n")[2].partition(": ")
    error = f"its process ended at an import, {message}: `pip install --force-reinstall weft`"
    return error if kind in {"ImportError", "ModuleNotFoundError"} else None
