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
from weft.wire.runs.runs import Run, RunEdit

_PLACE: Final = Path(".weft-ui", "trash")


class DirectoryOriginals:
    """`services.stores.originals.Originals` of a followed directory."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._trash = follower.root / _PLACE
        self._edits: dict[RunPath, EditLog] = {}
        # Logs moved back from the trash. The follower finds them only when it searches again.
        self._returned: dict[RunPath, set[Path]] = {}

    def warnings(self, path: RunPath) -> list[str]:
        return self._follower.warnings_of(path)

    def are_there(self, path: RunPath, files: Sequence[OriginalFile]) -> list[bool]:
        folders = self._folders(path)
        states: list[bool] = []
        for file in files:
            opened = open_original(folders.get(file.writer), file)
            states.append(opened is not None)
            if opened is not None:
                opened.close()
        return states

    def open(self, path: RunPath, file: OriginalFile) -> BinaryIO | None:
        return open_original(self._folders(path).get(file.writer), file)

    def _folders(self, path: RunPath) -> dict[str, Path]:
        """The directory of each writer's log of a run."""
        logs, _ = self._follower.logs_of(path)
        return {log.stem.rpartition(".")[2]: log.parent for log in logs}

    def prepare_edit(self, path: RunPath, before: Run) -> None:
        if path in self._edits and self._edits[path].is_there():
            return
        target = self._follower.directory_of(path)
        if target is None:  # deleted meanwhile, or one of two copies that differ
            return
        try:
            self._edits[path] = EditLog(*target, before)
        except OSError as error:
            raise Unavailable(
                f"the edit can't be kept, the run's directory can't be written: {error}"
            ) from error

    def note_edit(self, path: RunPath, edit: RunEdit, before: Run, after: Run) -> None:
        log = self._edits.get(path)
        if log is not None:
            log.write(edit, before, after)

    def to_trash(self, paths: Sequence[RunPath]) -> None:
        try:
            with _undone_if_it_fails() as moved:
                for path in paths:
                    logs, other_logs = self._follower.logs_of(path)
                    logs |= self._returned.pop(path, set())
                    for source in _paths_to_move(logs, other_logs, self._follower.root):
                        target = self._trash / source.relative_to(self._follower.root)
                        moved.move(source, _free(target))
        except OSError as error:
            raise Unavailable(
                f"the run can't be deleted, its files can't be moved to {self._trash}: {error}"
            ) from error
        for path in paths:
            self._edits.pop(path, None)

    def from_trash(self, paths: Sequence[RunPath]) -> set[RunPath]:
        requested = set(paths)
        restored: set[RunPath] = set()
        try:
            with _undone_if_it_fails() as moved:
                for target, runs in self._directories():
                    own = requested & runs.keys()
                    restored |= own
                    back = self._follower.root / target.relative_to(self._trash)
                    for run in own:
                        logs = {back / log.name for log in runs[run]}
                        self._returned.setdefault(run, set()).update(logs)
                    if own and own == runs.keys() and not os.path.lexists(back):
                        moved.move(target, back)
                    else:
                        for log in (log for run in own for log in runs[run]):
                            moved.move(log, _free(back / log.name))
        except OSError as error:
            raise Unavailable(f"the run's files can't be moved back: {error}") from error
        return restored

    def look_again(self, paths: Sequence[RunPath]) -> None:
        for path in paths:
            self._follower.release(path)

    def trashed(self) -> list[TrashedOriginal]:
        sizes: dict[RunPath, int] = {}
        times: dict[RunPath, int] = {}
        for target, runs in self._directories():
            micros = target.stat().st_ctime_ns // 1000
            for run, logs in runs.items():
                size = _size(target) if len(runs) == 1 else sum(log.stat().st_size for log in logs)
                sizes[run] = sizes.get(run, 0) + size
                times[run] = max(times.get(run, 0), micros)
        originals = [TrashedOriginal(run, times[run], sizes[run]) for run in sizes]
        return sorted(originals, key=lambda original: original.trashed_micros, reverse=True)

    def remove(self, paths: Sequence[RunPath]) -> None:
        removed = set(paths)
        for target, runs in self._directories():
            if removed >= runs.keys():
                shutil.rmtree(target)
                continue
            for log in (log for run in removed & runs.keys() for log in runs[run]):
                log.unlink()

    def _directories(self) -> Iterator[tuple[Path, dict[RunPath, list[Path]]]]:
        """The directories in the trash that have logs, with their logs by run."""
        for directory in sorted({log.parent for log in self._trash.rglob("run-*.weft")}):
            runs: dict[RunPath, list[Path]] = {}
            for log in logs_of(directory):
                try:
                    identity = identify_log(log)
                except (WeftError, OSError):
                    continue
                if identity is not None:
                    runs.setdefault(identity[1], []).append(log)
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


def _paths_to_move(
    logs: Collection[Path], other_logs: Collection[Path], root: Path
) -> Iterable[Path]:
    """The paths to move: whole directories, or single logs if other runs' logs are there, too."""
    # The log of a recent edit may not have been found yet; its name begins like the others.
    names = {_run_of(log) for log in logs}
    for directory in sorted({log.parent for log in logs if log.exists()}):
        present = logs_of(directory)
        own = [
            path
            for path in present
            if path in logs or (path not in other_logs and _run_of(path) in names)
        ]
        if len(own) == len(present) and directory != root:
            yield directory
        else:
            yield from own


def _run_of(log: Path) -> str:
    """The common beginning of the names of one run's logs: `run-<id>`."""
    return log.stem.rpartition(".")[0]


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def _free(path: Path) -> Path:
    """The path, or the first numbered variant of it that does not exist yet."""
    number = 1
    candidate = path
    while os.path.lexists(candidate):
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate
