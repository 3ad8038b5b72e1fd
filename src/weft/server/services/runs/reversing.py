"""Edits that restore the earlier values of runs: the undo of an edit of many.

Clients get them as a text and send it back unchanged. A browser that parsed it would round whole
numbers beyond 2^53 and turn 3.0 into 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import msgspec

from weft.errors import ConfigError
from weft.records.merge import join_path, split_path
from weft.records.value import msgpack_safe, tagged_floats
from weft.server.services.runs.editing import MAX_PATHS
from weft.server.storage.metadata import MetadataStore, RunRow, Transaction
from weft.wire.runs.bulk import MAX_UNDO_CHARS
from weft.wire.runs.runs import MAX_RUNS, ConfigEdit, RunEdit

_COLUMNS: Final = {
    "name": "name",
    "notes": "notes",
    "tags": "tags",
    "group": "run_group",
    "job_type": "job_type",
    "color": "color",
}
"""Column of each field of an edit that is stored in a run's row."""


_EditsByRun = Annotated[dict[str, RunEdit], msgspec.Meta(max_length=MAX_RUNS)]

_decode_edits: Final = msgspec.json.Decoder(_EditsByRun).decode


class UndoEdits:
    """Collects the edits that take a request back, until they are too large."""

    def __init__(self) -> None:
        # JSON of the edit of each run
        self._edits: dict[str, bytes] | None = {}
        self._n_chars = 0

    def add_edit(
        self, metadata: MetadataStore, tx: Transaction, rows: Sequence[RunRow], edit: RunEdit
    ) -> None:
        """Add the values that an edit will replace; `tx` has locked the runs, or only reads."""
        if self._edits is None:
            return
        roots: list[str] = []
        if isinstance(edit.config, ConfigEdit):
            paths = [*(path for path, _ in edit.config.set), *edit.config.removed]
            roots = list(dict.fromkeys(map(join_path, paths)))
        config = metadata.fields.config_at(tx, [row.row_id for row in rows], roots)
        for row in rows:
            undo = _undo_of(row, edit, roots, config.get(row.row_id, {}))
            encoded = msgspec.json.encode(undo)
            n_escaped = encoded.count(b'"') + encoded.count(b"\\")
            self._n_chars += len(encoded) + n_escaped + len(row.run) + 6
            config_edit = undo.config
            n_paths = len(config_edit.set) if isinstance(config_edit, ConfigEdit) else 0
            if self._n_chars > MAX_UNDO_CHARS or n_paths + len(roots) > MAX_PATHS:
                self._edits = None
                return
            self._edits[row.run] = encoded

    def drop(self, runs: Iterable[str]) -> None:
        """Leave out runs that were not edited."""
        for run in runs:
            if self._edits is not None:
                self._edits.pop(run, None)

    def text(self) -> str | None:
        """The edits as a text for `edits_of`; None if they are too large."""
        if self._edits is None:
            return None
        edits = {run: msgspec.Raw(edit) for run, edit in self._edits.items()}
        return msgspec.json.encode(edits).decode()


def edits_of(text: str) -> dict[str, RunEdit]:
    """The edits of a text that `UndoEdits` made, by run; ConfigError for another text."""
    try:
        return _decode_edits(text)
    except (msgspec.MsgspecError, RecursionError):
        raise ConfigError(
            "invalid undo: send the text that the edit answered, unchanged", field="undo"
        ) from None


def _undo_of(row: RunRow, edit: RunEdit, roots: Sequence[str], config: dict[str, Any]) -> RunEdit:
    fields: dict[str, Any] = {
        field: getattr(row, column)
        for field, column in _COLUMNS.items()
        if getattr(edit, field) is not msgspec.UNSET
    }
    if edit.add_notes:
        fields["notes"] = row.notes
    if edit.is_locked is not msgspec.UNSET:
        fields["is_locked"] = row.locked_by is not None
    # Not all tags: a script or another user may have changed others meanwhile.
    tags = set(row.tags)
    removed = set(edit.remove_tags) - set(edit.add_tags)
    if edit.add_tags:
        fields["remove_tags"] = [tag for tag in dict.fromkeys(edit.add_tags) if tag not in tags]
    if removed:
        fields["add_tags"] = [tag for tag in row.tags if tag in removed]
    if roots:
        values = [
            (split_path(path), msgpack_safe(tagged_floats(value)))
            for path, value in config.items()
            if any(_is_within(path, root) or _is_within(root, path) for root in roots)
        ]
        fields["config"] = ConfigEdit(set=values, removed=[split_path(root) for root in roots])
    return RunEdit(**fields)


def _is_within(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root}.")
