"""Places uploads: everything except rows, in one transaction of metadata."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

from weft.errors import Gone
from weft.records.merge import NEVER
from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.artifacts import store_followed
from weft.server.services.artifacts.linking import make_links
from weft.server.services.ingest.effects import RecordEffects
from weft.server.services.ingest.new_runs import NewRuns
from weft.server.services.ingest.steps import Failures, Placed, Received
from weft.server.services.live_runs.aggregates import Rules
from weft.server.services.live_runs.run_entry import RunEntry, WriterEntry
from weft.server.services.reading.similar_projects import similar_projects_warning
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import Transaction, WriterRow


def place_uploads(
    stores: Stores, received: Mapping[int, Received], failures: Failures
) -> dict[int, Placed]:
    """Write what metadata has to know of some uploads, and update memory to the commit."""
    if not received:
        return {}
    n_forgotten = stores.registry.n_forgotten
    steps = received.values()
    firsts = [step for step in steps if step.entry is None]
    new_runs = NewRuns(stores, firsts)
    jobs = [partial(_apply_effects, stores, new_runs, step) for step in steps]
    announces = any(step.upload.announces_files() for step in steps)
    # A content that a file of the project has must not be removed before this commits.
    with stores.blobs.hold() if announces else nullcontext():
        outcomes = dict(zip(received, stores.metadata.write_together(jobs), strict=True))

    warnings = _Warnings(stores)
    followed: list[int] = []

    def remember(number: int) -> Placed:
        if isinstance(outcomes[number], BaseException):
            raise outcomes[number]
        effects, is_new = outcomes[number]
        if effects.begun and received[number].upload.followed:
            followed.append(number)
        placed = _remember(stores, received[number], effects, is_new, n_forgotten)
        if is_new or effects.writer.exit_micros is not None:  # a script's first lines, and last
            placed = replace(placed, warning=warnings.of(placed, received[number].actor, is_new))
        if effects.asks_links:
            make_links(stores, effects.row.row_id)
        return placed

    placed = failures.step(received, remember)
    if any(number in placed for number in followed):
        store_followed(stores)
    return placed


def _apply_effects(
    stores: Stores, new_runs: NewRuns, received: Received, tx: Transaction
) -> tuple[RecordEffects, bool]:
    """The effects of an upload's records, and whether it created its run."""
    metadata, target, upload = stores.metadata, received.target, received.upload
    if received.entry is None:
        row, is_new = new_runs.get_or_make(tx, target)
    else:
        row, is_new = metadata.runs.get(tx, *target, for_update=True), False
    if row is None:
        raise Gone(f"run {target} was deleted")
    existing = None if is_new else metadata.writers.get(tx, row.row_id, upload.writer)
    effects = RecordEffects(
        metadata, tx, row, _writer_row(existing, received), received.arrived,
        is_new=is_new, is_first=existing is None, actor=received.actor,
    )  # fmt: skip
    effects.apply_records(upload)
    announced = effects.announced
    if announced is not None and announced.replaced:
        stores.blobs.drop_after(tx, {content.sha256 for content in announced.replaced} - {""})
    if existing is None and upload.followed:
        metadata.writers.note_followed(tx, row.row_id, upload.writer)
    return effects, is_new


def _writer_row(existing: WriterRow | None, received: Received) -> WriterRow:
    """A writer's row, updated with an upload's facts about the writer itself."""
    upload, header = received.upload, received.upload.header
    row = existing or WriterRow(upload.writer, first_micros=received.arrived)
    if header is not None:
        row = replace(
            row,
            parent=header.parent_writer,
            host=header.host,
            anchor_micros=header.wall_micros,
            labels=header.labels,
        )
    heartbeat = received.arrived if upload.live else row.heartbeat_micros
    return replace(row, offset_micros=received.offset, heartbeat_micros=heartbeat)


def _remember(
    stores: Stores,
    received: Received,
    effects: RecordEffects,
    is_new: bool,
    n_forgotten: int,
) -> Placed:
    """Update memory to the commit, and publish the change of the run."""
    registry, target, row = stores.registry, received.target, effects.writer
    entry = received.entry
    if entry is None and is_new:
        new_entry = RunEntry(target, effects.row, [row])
        entry = registry.put(new_entry, unless_forgotten_since=n_forgotten)
    if entry is None or (is_new and registry.peek(target) is not entry):
        entry = registry.find_run(target)
        if entry is None:
            raise Gone(f"run {target} was deleted")
    with entry.lock:
        entry.origin_micros = min(entry.origin_micros, effects.row.origin_micros)
        writer = entry.writers.get(row.writer)
        if writer is None:
            writer = entry.writers[row.writer] = WriterEntry(row)
        elif row.record_position >= writer.row.record_position:
            writer.row = row
        announced = effects.announced
        if effects.is_first and not effects.begun:
            writer.n_lacking = announced.n_awaited if announced else 0
        elif announced or effects.begun:
            entry.note_files_changed(row.writer)
        for replaced in announced.replaced if announced else ():
            entry.note_files_changed(replaced.stamp.writer)
        summary = entry.summary
        if is_new and summary.seen_micros is None:
            summary.seen_micros = NEVER.micros
        if effects.redefined:
            summary.rules = None
        elif is_new and not summary.generation:
            summary.rules = Rules(())  # a new run has no definitions: saves a query
        if effects.redefined or effects.relineaged:
            summary.mark_stale()
    # If the run was forked or rewound, every chart of it may show other rows now.
    keys = None if effects.relineaged else ()
    stores.live.publish(SYSTEM, target, keys=keys, meta=True)
    return Placed(target, received.upload, entry, writer, received.offset)


class _Warnings:
    """The warnings for the senders of some uploads: read once for each project and actor."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._warnings: dict[tuple[ProjectPath, Actor, bool], str | None] = {}

    def of(self, placed: Placed, actor: Actor, is_new: bool) -> str | None:
        """The warning for an upload; names of other projects are compared if its run is new."""
        project = placed.target.of_project
        case = (project, actor, is_new)
        if case not in self._warnings:
            stores, warning = self._stores, None
            with stores.metadata.read() as tx:
                if is_new:
                    warning = similar_projects_warning(stores.metadata, tx, actor, project)
                self._warnings[case] = warning or stores.room.nearly_full(tx, actor, project)
        return self._warnings[case]
