"""Applies changes made in `weft ui` to the run's directory, which outlives the store.

The store of `weft ui` can be thrown away, and is then rebuilt from the directory. So an edit is
written to a log of its own writer (`edit_log`), and the files of a deleted run are kept in
`DIR/.weft-ui/trash`, at the path that they had in DIR, until a user empties it. Does I/O.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from weft.errors import Unavailable, WeftError
from weft.runlog.layout import logs_of
from weft.server.intake.directories.edit_log import EditLog
from weft.server.intake.directories.file_contents import open_original
from weft.server.intake.directories.follow import Follower
from weft.server.intake.directories.listing import identify_log
from weft.server.services.access import RunPath
from weft.server.services.stores import OriginalFile, TrashedOriginal
from weft.wire.runs import Run, RunEdit

_PLACE: Final = Path(".weft-ui", "trash")


class DirectoryOriginals:
    """`services.stores.Originals` of a followed directory."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._trash = follower.root / _PLACE
        self._edits: dict[RunPath, EditLog] = {}
        # Logs moved back from the trash. The follower finds them only when it searches again.
        self._returned: dict[RunPath, set[Path]] = {}

    def warnings(self, path: RunPath) -> list[str]:
        """See `Originals.warnings`."""
        return self._follower.warnings_of(path)

    def are_there(self, path: RunPath, files: Sequence[OriginalFile]) -> list[bool]:
        """See `Originals.are_there`."""
        folders = self._folders(path)
        found: list[bool] = []
        for file in files:
            opened = open_original(folders.get(file.writer), file)
            found.append(opened is not None)
            if opened is not None:
                opened.close()
        return found

    def open(self, path: RunPath, file: OriginalFile) -> BinaryIO | None:
        """See `Originals.open`."""
        return open_original(self._folders(path).get(file.writer), file)

    def _folders(self, path: RunPath) -> dict[str, Path]:
        """The directory of each writer's log of a run."""
        logs, _ = self._follower.logs_of(path)
        return {log.stem.rpartition(".")[2]: log.parent for log in logs}

    def prepare_edit(self, path: RunPath, before: Run) -> None:
        """See `Originals.prepare_edit`."""
        if path in self._edits and self._edits[path].is_there():
            return
        place = self._follower.place_of(path)
        if place is None:  # deleted meanwhile, or one of two copies that differ
            return
        try:
            self._edits[path] = EditLog(*place, before)
        except OSError as error:
            raise Unavailable(
                f"the edit can't be kept, the run's directory can't be written: {error}"
            ) from error

    def note_edit(self, path: RunPath, edit: RunEdit, before: Run, after: Run) -> None:
        """See `Originals.note_edit`."""
        log = self._edits.get(path)
        if log is not None:
            log.write(edit, before, after)

    def to_trash(self, paths: Sequence[RunPath]) -> None:
        """See `Originals.to_trash`."""
        try:
            with _undone_if_it_fails() as moved:
                for path in paths:
                    logs, others = self._follower.logs_of(path)
                    logs |= self._returned.pop(path, set())
                    for source in _places(logs, others, self._follower.root):
                        place = self._trash / source.relative_to(self._follower.root)
                        moved.move(source, _free(place))
        except OSError as error:
            raise Unavailable(
                f"the run can't be deleted, its files can't be moved to {self._trash}: {error}"
            ) from error
        for path in paths:
            self._edits.pop(path, None)

    def from_trash(self, paths: Sequence[RunPath]) -> set[RunPath]:
        """See `Originals.from_trash`."""
        wanted = set(paths)
        found: set[RunPath] = set()
        try:
            with _undone_if_it_fails() as moved:
                for place, runs in self._directories():
                    mine = wanted & runs.keys()
                    found |= mine
                    back = self._follower.root / place.relative_to(self._trash)
                    for run in mine:
                        logs = {back / log.name for log in runs[run]}
                        self._returned.setdefault(run, set()).update(logs)
                    if mine and mine == runs.keys() and not os.path.lexists(back):
                        moved.move(place, back)
                    else:
                        for log in (log for run in mine for log in runs[run]):
                            moved.move(log, _free(back / log.name))
        except OSError as error:
            raise Unavailable(f"the run's files can't be moved back: {error}") from error
        return found

    def look_again(self, paths: Sequence[RunPath]) -> None:
        """See `Originals.look_again`."""
        for path in paths:
            self._follower.release(path)

    def trashed(self) -> list[TrashedOriginal]:
        """See `Originals.trashed`."""
        sizes: dict[RunPath, int] = {}
        times: dict[RunPath, int] = {}
        for place, runs in self._directories():
            micros = place.stat().st_ctime_ns // 1000
            for run, logs in runs.items():
                size = _size(place) if len(runs) == 1 else sum(log.stat().st_size for log in logs)
                sizes[run] = sizes.get(run, 0) + size
                times[run] = max(times.get(run, 0), micros)
        found = [TrashedOriginal(run, times[run], sizes[run]) for run in sizes]
        return sorted(found, key=lambda one: one.trashed_micros, reverse=True)

    def remove(self, paths: Sequence[RunPath]) -> None:
        """See `Originals.remove`."""
        wanted = set(paths)
        for place, runs in self._directories():
            if wanted >= runs.keys():
                shutil.rmtree(place)
                continue
            for log in (log for run in wanted & runs.keys() for log in runs[run]):
                log.unlink()

    def _directories(self) -> Iterator[tuple[Path, dict[RunPath, list[Path]]]]:
        """The directories in the trash that have logs, with their logs by run."""
        for directory in sorted({log.parent for log in self._trash.rglob("run-*.weft")}):
            runs: dict[RunPath, list[Path]] = {}
            for log in logs_of(directory):
                try:
                    found = identify_log(log)
                except (WeftError, OSError):
                    continue
                if found is not None:
                    runs.setdefault(found[1], []).append(log)
            if runs:
                yield directory, runs


class _Moves:
    def __init__(self) -> None:
        self._done: list[tuple[Path, Path]] = []

    def __enter__(self) -> _Moves:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            for source, target in reversed(self._done):
                target.rename(source)

    def move(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        self._done.append((source, target))


def _undone_if_it_fails() -> _Moves:
    return _Moves()


def _places(logs: Collection[Path], others: Collection[Path], root: Path) -> Iterable[Path]:
    """What to move: whole directories, or single logs if a directory has other runs' logs, too."""
    # The log of a recent edit may not have been found yet; its name begins like the others.
    names = {_run_of(log) for log in logs}
    for directory in sorted({log.parent for log in logs if log.exists()}):
        present = logs_of(directory)
        mine = [
            path
            for path in present
            if path in logs or (path not in others and _run_of(path) in names)
        ]
        if len(mine) == len(present) and directory != root:
            yield directory
        else:
            yield from mine


def _run_of(log: Path) -> str:
    """The beginning that the names of one run's logs have in common: `run-<id>`."""
    return log.stem.rpartition(".")[0]


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def _free(path: Path) -> Path:
    """The path, or the first numbered variant of it that does not exist yet."""
    number = 1
    found = path
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found
