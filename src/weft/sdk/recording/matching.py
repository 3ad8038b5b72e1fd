"""Finds the files that a pattern of `save()` names. Does I/O: walks folders.

Run directories are left out unless the pattern names one: with `**` a run would get its own files
and all earlier runs' files again. `glob` follows a link to a parent folder 32 levels deep.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from glob import escape, has_magic
from glob import glob as expand
from pathlib import Path

from weft.runlog.layout import is_run_directory


def files_named(pattern: Path, *, glob: bool) -> list[Path]:
    """The regular files that an absolute path or pattern names, also inside named folders.

    As in a shell, patterns leave out hidden files and folders.
    """
    named: Iterator[str] = iter([os.fspath(pattern)])
    if glob and has_magic(os.fspath(pattern)):
        n_literal = next(n for n, part in enumerate(pattern.parts) if has_magic(part))
        base = os.fspath(Path(*pattern.parts[:n_literal]))
        named = _matches(base, pattern.parts[n_literal:])
    paths: list[Path] = []
    walked: set[str] = set()
    for name in named:
        if os.path.isdir(name):  # noqa: PTH112
            paths += _files_below(name, walked)
        else:
            paths.append(Path(name))
    return [path for path in dict.fromkeys(paths) if path.is_file()]


def files_inside(folder: Path, below: str, *, glob: bool) -> list[str]:
    """The regular files that a relative path or pattern names in a folder, relative to it."""
    if not glob or not has_magic(below):
        return [below] if (folder / below).is_file() else []
    paths = (Path(name) for name in _matches(os.fspath(folder), Path(below).parts))
    return sorted({path.relative_to(folder).as_posix() for path in paths if path.is_file()})


def _matches(base: str, parts: Sequence[str]) -> Iterator[str]:
    """Files and folders below `base` that a pattern names, sorted level by level."""
    at = parts.index("**") if "**" in parts else len(parts)
    heads = [base]
    if at:
        heads = sorted(expand(os.path.join(escape(base), *parts[:at])))  # noqa: PTH118, PTH207
        heads = [head for head in heads if not _is_in_run_directory(head, base)]
    if at == len(parts):
        yield from heads
        return
    for head in heads:
        for folder in _folders_from(head, _parents_of(head)):
            if parts[at + 1 :]:
                yield from _matches(folder, parts[at + 1 :])
            else:
                yield folder


def _parents_of(folder: str) -> frozenset[tuple[int, int]]:
    """Device and inode of the folders that hold a folder."""
    stats = [parent.stat() for parent in Path(os.path.realpath(folder)).parents]
    return frozenset((status.st_dev, status.st_ino) for status in stats)


def _folders_from(folder: str, parents: frozenset[tuple[int, int]]) -> Iterator[str]:
    """A folder and those below it, without hidden ones, run directories, and links to parents."""
    try:
        status = os.stat(folder)  # noqa: PTH116
        identity = (status.st_dev, status.st_ino)
        if identity in parents:
            return
        with os.scandir(folder) as entries:
            below = sorted(
                entry.path for entry in entries if entry.name[0] != "." and entry.is_dir()
            )
    except OSError:
        return
    yield folder
    for path in below:
        if not is_run_directory(path):
            yield from _folders_from(path, parents | {identity})


def _files_below(top: str, walked: set[str]) -> Iterator[Path]:
    for folder, folders, names in os.walk(top):
        if folder in walked:
            folders.clear()
            continue
        walked.add(folder)
        paths = ((name, os.path.join(folder, name)) for name in sorted(folders))  # noqa: PTH118
        folders[:] = [name for name, path in paths if not is_run_directory(path)]
        yield from (Path(folder, name) for name in sorted(names))


def _is_in_run_directory(path: str, base: str) -> bool:
    below = Path(path).relative_to(base)
    return any(is_run_directory(Path(base, folder)) for folder in (below, *below.parents[:-1]))
