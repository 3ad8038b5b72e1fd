"""Applies placed uploads: rows, console, decoder state and position, in the metric store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from weft.server.services.access.actors import SYSTEM
from weft.server.services.ingest.steps import Applied, Failures, Placed
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.refreshing import note_rows
from weft.server.storage.contract import Batch


def append_rows(
    stores: Stores, placed: Mapping[int, Placed], failures: Failures
) -> dict[int, Applied]:
    """Append some uploads, in one transaction per project; returns those that are applied."""
    by_project: dict[int, dict[int, Placed]] = {}
    for number, step in placed.items():
        by_project.setdefault(step.entry.project_id, {})[number] = step
    for project_id, steps in by_project.items():
        _append_to(stores, project_id, steps, failures)
    return {
        number: Applied(step.target, step.upload, step.entry, step.writer, step.warning)
        for number, step in placed.items()
        if number not in failures
    }


def _append_to(
    stores: Stores, project_id: int, placed: Mapping[int, Placed], failures: Failures
) -> None:
    for step in placed.values():
        with step.entry.lock:
            step.entry.n_appending += 1
    batches = [_batches_of(step) for step in placed.values()]
    try:
        with stores.metrics.use(project_id) as store:
            store.append([batch for step_batches in batches for batch in step_batches])
    except BaseException as error:
        for step in placed.values():
            with step.entry.lock:
                step.entry.n_appending -= 1
        if not isinstance(error, Exception):
            raise
        if len(placed) == 1:
            failures.update(dict.fromkeys(placed, error))
            return
        # One refused batch fails the shared transaction, so each upload gets its own.
        for number, step in placed.items():
            _append_to(stores, project_id, {number: step}, failures)
        return
    failures.step(placed, lambda number: _note_appended(stores, placed[number]))


def _batches_of(placed: Placed) -> Sequence[Batch]:
    """One batch per segment; the last one also carries the rest and ends the upload."""
    upload, entry = placed.upload, placed.entry

    def batch(start: int, end: int) -> Batch:
        return Batch(
            entry.path.run, upload.writer, upload.stream, start, end,
            offset_micros=placed.offset or 0, origin_micros=entry.origin_micros,
        )  # fmt: skip

    batches: list[Batch] = []
    position = upload.from_position
    for segment in upload.segments:
        batches.append(batch(position, segment.to_position))
        batches[-1].rows, batches[-1].system = segment.rows, segment.system
        position = segment.to_position
    last = batches[-1] if batches else batch(position, position)
    last.to_position = upload.to_position
    last.state = upload.state
    last.n_rows = upload.n_rows
    last.tail = upload.tail
    last.console = upload.console
    return batches or [last]


def _note_appended(stores: Stores, placed: Placed) -> None:
    entry, writer, upload = placed.entry, placed.writer, placed.upload
    rows = [segment.rows for segment in upload.segments if not segment.system]
    offset = placed.offset or 0
    is_noted = False
    try:
        note_rows(stores, entry, rows, writer=upload.writer, offset_micros=offset)
        is_noted = True
    finally:
        with entry.lock:
            entry.n_appending -= 1
            entry.n_appended += 1
            entry.n_printed += bool(upload.console)
            entry.last_append_micros = stores.now()
            if upload.stream == upload.writer:
                writer.position = max(writer.position or 0, upload.to_position)
            if upload.records:
                stored, _ = upload.records[-1]
                writer.stored_record_position = max(writer.stored_record_position or 0, stored)
            if not is_noted:
                entry.summary.mark_stale()
    if upload.segments or upload.console:
        keys = [key for segment in upload.segments for key in segment.rows.columns]
        stores.live.publish(SYSTEM, entry.path, keys=keys, logs=bool(upload.console))
