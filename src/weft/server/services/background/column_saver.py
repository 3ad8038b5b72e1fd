"""Saves columns of large projects that are in memory, so that the next server starts with them.

`background` runs it every few seconds; `columns.saved_columns` has the files. Each server has its
own. See `storage.metadata.runs.column_saves` for the order that keeps saves true.
"""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import dataclass
from typing import Final

from weft.server.services.columns.cache import ColumnCache
from weft.server.services.columns.project_columns import ProjectColumns
from weft.server.services.columns.saved_columns import ColumnSaves, OpenSave
from weft.server.storage.metadata import PARTS, BegunSave, MetadataStore

_TRIM_SECS: Final = 60.0
_AGAIN_SECS: Final = 600.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Begun:
    """A save that waits for other servers' transactions.

    Attributes:
        min_reads: number of reads of others' changes after which memory has those up to the mark;
            None as long as they may not be committed.
    """

    project: ProjectColumns
    save: BegunSave
    min_reads: int | None = None


class ColumnSaver:
    """Tracks the saves that have begun. Not thread-safe."""

    def __init__(self, metadata: MetadataStore, cache: ColumnCache, saves: ColumnSaves) -> None:
        self._metadata = metadata
        self._cache = cache
        self._saves = saves
        self._begun: dict[int, _Begun] = {}
        self._not_before: dict[int, float] = {}
        self._due_trim = 0.0

    def save_some(self) -> None:
        """Begin the saves that are due, and finish those that have what they waited for."""
        table = self._metadata.column_saves
        with self._metadata.read() as tx:
            last_change = table.last_change(tx)
        for project_id, project in self._cache.projects().items():
            if project_id in self._begun:
                continue
            if time.monotonic() < self._not_before.get(project_id, 0.0):
                continue
            if project.is_save_due(last_change):
                draft = secrets.token_hex(16)
                with self._metadata.write() as tx:
                    save = table.begin(tx, self._saves.owner(), project_id, draft)
                self._begun[project_id] = _Begun(project, save)
        for project_id, begun in list(self._begun.items()):
            if self._is_ready(begun):
                del self._begun[project_id]
                self._finish(project_id, begun)
        if time.monotonic() >= self._due_trim:
            self._due_trim = time.monotonic() + _TRIM_SECS
            self._trim()

    def _is_ready(self, begun: _Begun) -> bool:
        """Whether memory has, or will read, all changes up to the mark of a save."""
        if not self._metadata.is_shared:
            return True
        n_reads = self._metadata.n_change_reads
        if begun.min_reads is None:
            with self._metadata.read() as tx:
                if self._metadata.column_saves.is_settled(tx, begun.save):
                    # One may have begun before: only the second is sure to see what is settled.
                    begun.min_reads = n_reads + 2
            return False
        return n_reads >= begun.min_reads

    def _finish(self, project_id: int, begun: _Begun) -> None:
        table, saves = self._metadata.column_saves, self._saves
        savable = begun.project.savable()
        changed = {
            name: column for name, column in savable.columns.items() if name not in savable.files
        }
        try:
            runs_file, files = saves.write_files(
                project_id, None if savable.runs_file else savable.runs, changed
            )
            runs_file = savable.runs_file or runs_file
            assert runs_file is not None
            files = {**savable.files, **files}
            name, owner = secrets.token_hex(16), saves.owner()
            with self._metadata.write() as tx:
                is_named = table.finish(tx, begun.save, name)
            if not is_named:
                saves.remove_unlisted(project_id)
                return
            folder = saves.replace(project_id, name, runs_file, files)
        except OSError as error:
            _log.warning("columns of runs can't be saved: %s", error)
            self._not_before[project_id] = time.monotonic() + _AGAIN_SECS
            with self._metadata.write() as tx:
                table.forget(tx, begun.save.draft)
            return
        # Only now: a kill before leaves the earlier save, whose name the database still has.
        with self._metadata.write() as tx:
            table.forget_others(tx, owner, project_id, name)
        nothing = {part: set[int]() for part in PARTS}
        begun.project.take_save(
            OpenSave(
                folder, savable.runs, runs_file, files, nothing, savable.marks, begun.save.mark,
                time.monotonic(),
            ),
            savable,
        )  # fmt: skip
        saves.remove_unlisted(project_id)

    def _trim(self) -> None:
        with self._metadata.write() as tx:
            self._metadata.column_saves.trim(tx)
            project_ids = self._metadata.projects.row_ids(tx)
        self._saves.remove_others(project_ids)
