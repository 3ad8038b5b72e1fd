"""Makes the console capture of a run. Does I/O: finds `files/output.log`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from weft.sdk.console.capture import Capture
from weft.sdk.console.output_file import OutputFile
from weft.sdk.guard import Guard
from weft.sdk.rows.history import History

if TYPE_CHECKING:
    from weft.records.redaction import Redactor


def open_capture(
    history: History,
    guard: Guard,
    directory: Path,
    make_redactor: Callable[[], Redactor],
    *,
    is_main: bool,
) -> Capture:
    """Make the capture, which listens to nothing yet.

    Args:
        directory: the run's directory.
        make_redactor: makes what replaces secrets in lines; called at the first line.
        is_main: whether this is the process of the run that writes `output.log`: the directory may
            be shared. Each process writes its lines into its own log.
    """
    output = OutputFile(directory / "files" / "output.log") if is_main else None
    return Capture(history, guard, output=output, make_redactor=make_redactor)
