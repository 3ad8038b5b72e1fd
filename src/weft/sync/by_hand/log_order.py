"""The order in which `weft sync` sends logs: as their scripts began. Reads logs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from weft.errors import CorruptLog
from weft.records.files.artifacts import ARTIFACTS_FOLDER
from weft.records.ids import DEFAULT_ENTITY
from weft.records.record import Artifact, Run
from weft.runlog.child_log import SIDECAR_PROCESS
from weft.runlog.format import Header
from weft.runlog.layout import FILES
from weft.runlog.reader import read_records
from weft.sync.by_hand.choice import Choice
from weft.sync.uploading.tail import read_begun_head
from weft.sync.uploading.version_turns import VersionTurns


def sort_logs(logs: Iterable[Path]) -> list[Path]:
    """Logs by the start of their directory's script, the main writer's log first.

    A sidecar's log has the start of its script, though it may be written much later.
    """
    heads = {log: _head_of(log) for log in logs}
    starts: dict[Path, float] = {}
    for log, head in heads.items():
        if head is not None:
            start = head[1].start_micros or head[0].wall_micros
            starts[log.parent] = min(start, starts.get(log.parent, math.inf))

    def position(log: Path) -> tuple[float, Path, bool, float]:
        head = heads[log]
        is_child = head is not None and head[0].parent_writer is not None
        begun = math.inf if head is None else head[0].wall_micros
        return starts.get(log.parent, math.inf), log.parent, is_child, begun

    return sorted(heads, key=position)


def find_turns(logs: Sequence[Path], choice: Choice) -> VersionTurns:
    """The turns of those logs, in their order, that announce versions of artifacts."""
    turns = VersionTurns()
    for log in logs:
        if (log.parent / FILES / ARTIFACTS_FOLDER).is_dir():
            head = _head_of(log)
            if head is not None and head[0].labels.get("process") == SIDECAR_PROCESS:
                entity = choice.entity or head[1].entity or DEFAULT_ENTITY
                project = choice.project or head[1].project
                turns.add_log(log, {(entity, project, name) for name in _logged_names(log)})
    return turns


def _head_of(log: Path) -> tuple[Header, Run] | None:
    try:
        head = read_begun_head(log)
    except (CorruptLog, OSError):
        return None  # opening it says what is wrong
    return None if head is None else head[:2]


def _logged_names(log: Path) -> set[str]:
    """The names of artifacts of which a log announces versions."""
    try:
        return {
            record.name
            for record in read_records(log)
            if isinstance(record, Artifact) and record.action not in {"use", "link"}
        }
    except (CorruptLog, OSError):
        return set()
