"""Makes the log of another process of a run, next to the main writer's. Does I/O."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from weft.records.record import Run
from weft.runlog.format import Header
from weft.runlog.header import make_header
from weft.runlog.layout import log_path
from weft.runlog.writer import LogWriter

SIDECAR_PROCESS: Final = "system"
"""The label `process` of a log that a sidecar or `weft sync` writes."""


def make_child_log(directory: Path, main: Header, run: Run, process: str) -> LogWriter:
    """Make a log of this process that belongs to a run's main writer, whose Run record is `run`.

    `process`, its role, becomes the label of that name. OSError if the log can't be made.
    """
    header = make_header(
        main.run_id,
        parent_writer=main.writer_id,
        mode=main.mode,
        version=main.version,
        host=main.host,
        labels={**main.labels, "process": process},
    )
    log = LogWriter(log_path(directory, main.run_id, header.writer_id), header)
    log.append(child_run(run))
    return log


def child_run(run: Run) -> Run:
    """The Run record for a child's log, without what the main log already says.

    A name or a resume there would look like a later change, or a second resume.

    >>> child_run(Run("ab12cd34", "demo", name="first")).name
    """
    return Run(run.run_id, run.project, entity=run.entity, start_micros=run.start_micros)
