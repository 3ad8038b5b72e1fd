"""The effects of each record on metadata, exactly once. The table in docs/decisions/0003 as code.

Works inside the transaction of `services.ingest`; returns what the caller has to remember.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Literal, cast

import msgspec

from weft.records.colors import is_color
from weft.records.field_sizes import field_bytes
from weft.records.files.artifacts import (
    check_manifest_path,
    parse_artifact_path,
    parse_link_target,
)
from weft.records.limits import (
    MAX_FIELDS_BYTES,
    MAX_KEY_BYTES,
    MAX_MICROS,
    MAX_NAME_CHARS,
    MAX_NESTING,
    MAX_RUN_TAGS,
    MAX_TEXT_BYTES,
)
from weft.records.merge import Stamp, join_path
from weft.records.record import (
    Alert,
    Artifact,
    Config,
    Exit,
    File,
    Gap,
    LostMedia,
    MetricDefinition,
    Preempting,
    Record,
    Run,
    Summary,
)
from weft.server.services.access.actors import Actor
from weft.server.services.artifacts.linking import refusal_of_key
from weft.server.services.ingest.upload import Upload
from weft.server.services.reading.lineage import apply_sources
from weft.server.services.stores.file_types import media_type_of
from weft.server.storage.metadata import (
    REMOVE,
    Announced,
    AssemblyRow,
    FieldChange,
    FileRow,
    KeptRecord,
    MetadataStore,
    RunRow,
    Transaction,
    WriterRow,
    clean_text,
)

_INT64: Final = 2**63 - 1
_encode: Final = msgspec.msgpack.Encoder().encode
_decode_run: Final = msgspec.msgpack.Decoder(Run)


class RecordEffects:
    """Applies the records of one upload, in one transaction.

    Attributes:
        row, writer: the run and the writer after the records applied.
        is_first: whether this is the writer's first upload.
        announced: the changes by the announcement of files; None if no file was announced.
        redefined: whether a metric definition changed.
        relineaged: whether the rows that make up the run's history changed.
        begun: whether a version of an artifact was announced.
        asks_links: whether a version is to be linked in a registry.
    """

    def __init__(
        self,
        metadata: MetadataStore,
        tx: Transaction,
        row: RunRow,
        writer: WriterRow,
        received: int,
        *,
        is_new: bool,
        is_first: bool,
        actor: Actor,
    ) -> None:
        self.row = row
        self.writer: WriterRow = writer
        self.is_first = is_first
        self.announced: Announced | None = None
        self.redefined = False
        self.relineaged = False
        self.begun = False
        self.asks_links = False
        self._actor = actor
        self._config: dict[str, FieldChange] = {}
        self._summary: dict[str, FieldChange] = {}
        self._files: dict[str, FileRow] = {}
        self._metadata = metadata
        self._tx = tx
        self._received = received
        self._is_new = is_new

    def apply_records(self, upload: Upload) -> None:
        """Apply the new records, in log order.

        Refused records and damaged bytes of the log are counted.
        """
        before = self.row
        damage_end = upload.from_position + upload.n_damaged
        if upload.n_damaged and damage_end > self.writer.record_position:
            self.writer = replace(
                self.writer,
                n_damaged_bytes=self.writer.n_damaged_bytes + upload.n_damaged,
                record_position=damage_end,
            )
        refused = [
            refusal for refusal in upload.refused if refusal[0] > self.writer.record_position
        ]
        for position, record in upload.records:
            if position > self.writer.record_position:
                self._apply_one(position, record)
                self.writer = replace(self.writer, record_position=position)
        if refused:
            self.writer = replace(
                self.writer,
                n_refused=self.writer.n_refused + len(refused),
                refusal=self.writer.refusal or refused[0][1],
                record_position=max(self.writer.record_position, refused[-1][0]),
            )
        if upload.ended is not None:
            # Not a record of the log at a position: the records before it are still to come.
            self._end(upload.ended)
        self._bound_fields("config", self._config)
        self._bound_fields("set", self._summary)
        self._metadata.runs.write(self._tx, before, self.row)
        fields = self._metadata.fields
        row_id, is_new = self.row.row_id, self._is_new
        fields.put(self._tx, row_id, "config", self._config, is_new=is_new)
        fields.put(self._tx, row_id, "set", self._summary, is_new=is_new)
        if self._files:
            self.announced = self._metadata.files.announce(
                self._tx, self.row.project_id, row_id, self._files.values(), is_new=is_new
            )
        self._metadata.writers.put(self._tx, self.row.row_id, self.writer)

    def _bound_fields(
        self, scope: Literal["config", "set"], changes: dict[str, FieldChange]
    ) -> None:
        """Leave out the values with which a run would have more than a run may; they are counted
        as refused.
        """
        sizes = {path: field_bytes(change.value) for path, change in changes.items()}
        n_added = sum(sizes.values())
        row_id = self.row.row_id
        fields = self._metadata.fields
        if not sizes:
            return
        n_bytes = 0 if self._is_new else fields.n_bytes(self._tx, row_id, scope)
        if n_bytes + n_added <= MAX_FIELDS_BYTES:
            return
        present = {} if self._is_new else fields.sizes(self._tx, row_id, scope)
        n_refused = 0
        for path, size in sizes.items():
            n_more = size - present.get(path, 0)
            if n_more > 0 and n_bytes + n_more > MAX_FIELDS_BYTES:
                del changes[path]
                n_refused += 1
            else:
                n_bytes += n_more
        if n_refused:
            name = "config" if scope == "config" else "summary"
            reason = (
                f"with it, the {name} of the run has more than {MAX_FIELDS_BYTES >> 20} MB; put "
                "large values into a file or an artifact"
            )
            self.writer = replace(
                self.writer,
                n_refused=self.writer.n_refused + n_refused,
                refusal=self.writer.refusal or reason,
            )

    def _apply_one(self, position: int, record: Record) -> None:
        match record:
            case Run():
                self._apply_run(position, record)
            case Config(micros=micros):
                stamp = self._stamp(micros, position)
                put_changes(self._config, record.values, record.removed, stamp)
            case Summary(micros=micros):
                stamp = self._stamp(micros, position)
                put_changes(self._summary, record.values, record.removed, stamp)
            case MetricDefinition():
                stamp = self._stamp(record.micros, position)
                definitions = self._metadata.definitions
                self.redefined |= definitions.put(self._tx, self.row.row_id, record, stamp)
            case Exit():
                self._end(record)
            case Preempting():
                self.writer = replace(self.writer, preempting=True)
                self._keep(position, record)
            case File():
                self._apply_file(position, record)
            case Artifact():
                self._apply_artifact(position, record)
            case Alert() | Gap() | LostMedia():
                self._keep(position, record)
            case _:  # rows, and records that only the decoder needs
                pass

    def _end(self, record: Exit) -> None:
        self.writer = replace(
            self.writer,
            exit_micros=record.micros,
            exit_code=min(max(record.exit_code, -_INT64), _INT64),
            exit_state=record.state,
            exit_reason=record.reason,
        )

    def _apply_run(self, position: int, record: Run) -> None:
        before = self.writer.run_record
        previous = _decode_run.decode(before) if before is not None else None
        record = self._bound_texts(record)
        changed = self._stamp(max(record.micros, record.start_micros), position)
        self.row = self.row.changed(_changed_columns(previous, record), changed)
        if self.writer.parent is None:
            began = record.start_micros or self.writer.anchor_micros
            if began:
                start = self._stamp(began, position).micros
                self._note_start(start)
                if record.runtime_micros > 0:
                    self._note_runtime(start - min(record.runtime_micros, MAX_MICROS))
            resumed = previous is None and record.resume is not None
            if resumed:
                self.writer = replace(self.writer, resumed=True)
            if resumed or record.runtime_micros > 0:
                self.row = replace(self.row, is_continued=True)
        if previous is None:
            self._note_origin(position, record)
            self._note_user(position, record)
            self._note_lineage(record)
        self.writer = replace(self.writer, run_record=_encode(record))

    def _bound_texts(self, record: Run) -> Run:
        """Cut the texts and tags that are longer than an edit allows; the run has a warning."""
        tags = [tag[:MAX_NAME_CHARS] for tag in record.tags[:MAX_RUN_TAGS]]
        texts = {name: getattr(record, name) for name in ("notes", "group", "job_type")}
        cut = {name: text and _cut(text) for name, text in texts.items()}
        if cut == texts and tags == record.tags:
            return record
        names = [name for name, text in texts.items() if cut[name] != text]
        names += ["tags"] if tags != record.tags else []
        reason = (
            f"its {' and '.join(names)} were cut: texts have at most {MAX_TEXT_BYTES >> 20} MB, "
            f"and a run {MAX_RUN_TAGS} tags of {MAX_NAME_CHARS} characters"
        )
        self.writer = replace(
            self.writer,
            n_refused=self.writer.n_refused + 1,
            refusal=self.writer.refusal or reason,
        )
        return msgspec.structs.replace(record, tags=tags, **cut)

    def _note_user(self, position: int, record: Run) -> None:
        if not record.user:
            return
        # Of a user with an account, the login on some machine says less.
        user = self._actor.user or record.user
        began = self._stamp(record.start_micros or self.writer.anchor_micros or 0, position)
        self.row = self.row.started_by(user[:MAX_NAME_CHARS], began)

    def _note_lineage(self, record: Run) -> None:
        self.relineaged |= apply_sources(self._metadata, self._tx, self.row, record)
        row = self.row
        # A later rewind must not overwrite that the run is a fork.
        if record.fork_run is not None and row.fork_run in {None, row.run}:
            self.row = row.forked_from(record.fork_run, record.fork_step)

    def _note_start(self, start_micros: int) -> None:
        row = self.row
        if start_micros < row.started_micros:
            row = row.started_at(start_micros)
        if row.host is None and self.writer.host:
            row = replace(row, host=clean_text(self.writer.host))
        self.row = row

    def _note_origin(self, position: int, record: Run) -> None:
        """Count the run's times from this log's start if a log that began later came first."""
        anchor = self.writer.anchor_micros or record.start_micros
        if self.writer.parent is not None or not anchor:
            return
        # Only a fork began before its first log. A resumed run's runtime is rounded by clocks.
        is_fork = record.resume is None
        ran_before = min(max(record.runtime_micros, 0), MAX_MICROS) if is_fork else 0
        origin = self._stamp(anchor, position).micros - ran_before
        if origin < self.row.origin_micros:
            self.row = replace(self.row, origin_micros=origin, is_continued=True)

    def _note_runtime(self, from_micros: int) -> None:
        row = self.row
        # Each pause and each rewind makes it later: with several lives, the last one's counts.
        if row.runtime_from_micros is None or from_micros > row.runtime_from_micros:
            self.row = replace(row, runtime_from_micros=from_micros)

    def _apply_file(self, position: int, record: File) -> None:
        stamp = self._stamp(record.micros, position)
        present = self._files.get(record.path)
        if present is None or present.stamp < stamp:
            self._files[record.path] = FileRow(
                record.path,
                record.sha256,
                record.n_bytes,
                media_type_of(record.path, None),
                self._received,
                stamp,
                "awaited" if record.error is None else "failed",
                record.error and clean_text(record.error),
            )

    def _apply_artifact(self, position: int, record: Artifact) -> None:
        micros = self._stamp(record.micros, position).micros
        tx, metadata, row = self._tx, self._metadata, self.row
        if record.action == "use":
            self._apply_use(record, micros)
            return
        if record.action == "link":
            target = parse_link_target(record.target)
            metadata.links.ask(
                tx,
                row.row_id,
                self.writer.writer,
                position,
                folder=check_manifest_path(record.manifest) if record.manifest else "",
                source=record.name,
                target=str(target),
                aliases=record.aliases,
                user=self._actor.user or "",
                error=refusal_of_key(metadata, tx, self._actor, target, record.aliases),
            )
            self.asks_links = True
            return
        name, type_ = record.name, record.artifact_type
        collection = metadata.collections.make(tx, row.project_id, name, type_, self._received)
        error = None
        if collection.has_links:
            error = f"artifact {name} has links: log to another name, and link the version to it"
        elif collection.type != type_:
            error = f"artifact {name} has the type {collection.type}, not {type_}"
        metadata.artifacts.begin(
            tx,
            collection.row_id,
            row.row_id,
            self.writer.writer,
            check_manifest_path(record.manifest),
            record.aliases,
            micros,
            error=error,
        )
        if record.distributed_id:
            begun = metadata.artifacts.by_folder(
                tx, row.row_id, check_manifest_path(record.manifest)
            )
            if begun is not None and begun.version is None and begun.state != "same":
                metadata.artifact_assemblies.put(
                    tx,
                    begun.row_id,
                    collection.row_id,
                    AssemblyRow(record.distributed_id, is_part=record.action == "part"),
                )
        self.begun = True

    def _apply_use(self, record: Artifact, micros: int) -> None:
        tx, metadata = self._tx, self._metadata
        path = parse_artifact_path(record.name)
        folder = check_manifest_path(record.manifest) if record.manifest else ""
        if folder:
            used = metadata.artifacts.announced_at(
                tx, path.entity, path.project, path.name, folder
            )
            if used is not None and used.same_as is not None:
                used = metadata.artifacts.by_id(tx, used.same_as)
        else:
            used = metadata.artifacts.find_version(tx, *path)
        if used is not None and used.version is not None:
            used_id = metadata.links.source_id(tx, used.row_id)
            metadata.artifact_uses.note(tx, self.row.row_id, used_id, "use", micros)
        else:
            metadata.artifact_uses.await_version(tx, self.row.row_id, path, folder, micros)

    def _keep(self, position: int, record: Record) -> None:
        stored = KeptRecord(self.writer.writer, position, type(record).__name__, _encode(record))
        self._metadata.kept_records.add_record(self._tx, self.row.row_id, stored)

    def _stamp(self, micros: int, position: int) -> Stamp:
        corrected = micros + (self.writer.offset_micros or 0)
        return Stamp(min(max(corrected, -_INT64), _INT64), self.writer.writer, position)


def put_changes(
    changes: dict[str, FieldChange],
    values: Sequence[tuple[Sequence[str], Any]],
    removed: Sequence[Sequence[str]],
    stamp: Stamp,
) -> None:
    """Add set and removed leaf paths, all with one stamp, to changes by joined path.

    A dict is split into its leaves. Paths too long for a database to index are left out.
    """
    for parts in removed:
        if _fits(parts):
            _put(changes, join_path(parts), FieldChange(REMOVE, stamp))
    for parts, value in values:
        if _fits(parts):
            _put_value(changes, join_path(parts), value, stamp)


def _put_value(
    changes: dict[str, FieldChange], path: str, value: Any, stamp: Stamp, depth: int = 0
) -> None:
    if not isinstance(value, dict) or not value or "_type" in value or depth >= MAX_NESTING:
        _put(changes, path, FieldChange(value, stamp))
        return
    _put(changes, path, FieldChange(REMOVE, stamp))
    for key, below in cast("dict[Any, Any]", value).items():
        longer = f"{path}.{join_path((str(key),))}"
        if len(longer.encode()) <= 2 * MAX_KEY_BYTES:
            _put_value(changes, longer, below, stamp, depth + 1)


def _put(changes: dict[str, FieldChange], path: str, change: FieldChange) -> None:
    present = changes.get(path)
    if present is None or change.stamp >= present.stamp:
        changes[path] = change


def _cut(text: str) -> str:
    """A text of at most `MAX_TEXT_BYTES`."""
    if 4 * len(text) <= MAX_TEXT_BYTES:
        return text
    return text.encode(errors="replace")[:MAX_TEXT_BYTES].decode(errors="ignore")


def _fits(parts: Sequence[str]) -> bool:
    return bool(parts) and sum(len(part.encode()) + 1 for part in parts) <= MAX_KEY_BYTES + 1


def _changed_columns(previous: Run | None, record: Run) -> dict[str, Any]:
    """Columns that a Run record changes from the previous one, or all it sets if it is first."""
    values: dict[str, Any] = {
        "name": record.name and record.name[:MAX_NAME_CHARS],
        "notes": record.notes,
        "tags": record.tags,
        "run_group": record.group,
        "job_type": record.job_type,
        "color": record.color if record.color and is_color(record.color) else None,
        "sweep": record.sweep and record.sweep[:MAX_NAME_CHARS],
    }
    if previous is None:
        return {column: value for column, value in values.items() if value}
    before = _changed_columns(None, previous)
    return {
        column: value
        for column, value in values.items()
        if (before.get(column) or None) != (value or None)
        and (column not in {"name", "color"} or value)
    }
