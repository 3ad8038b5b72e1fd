"""The files and the summary of an imported run, in a log of their own. Does I/O.

They are known only at the end of a source, and may differ when it is imported again. The log is
named by what it says, so that the same files and summary are the same log.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final, NamedTuple

import msgspec

from weft.errors import ConfigError
from weft.records.files.artifacts import ARTIFACTS_FOLDER
from weft.records.files.file_paths import check_file_path
from weft.records.limits import MAX_FILE_BYTES, MAX_FRAME_BYTES
from weft.records.record import Config, Exit, File, MetricDefinition, Record, Run, Summary
from weft.runlog.format import Header, encode_frame, encode_header, encode_payload
from weft.runlog.layout import log_path
from weft.wandb_import.run_log import writer_id_of

_PIECE_BYTES: Final = 1 << 20


class PlacedFiles(NamedTuple):
    """The files of a run, and what was left out, by the reason."""

    records: list[File]
    n_bytes: int
    left_out: Counter[str]


def place_files(source: Path, target: Path, start_micros: int) -> PlacedFiles:
    """Put the files of a run, a client's folder `files`, into its run directory, as links where
    that is possible.

    The client stores saved files as symbolic links to the user's. They are followed if link and
    file are this user's: a folder from someone else may link to any file. Times of records count
    from `start_micros`.
    """
    placed = PlacedFiles([], 0, Counter())
    n_bytes = 0
    for path in sorted(_paths_in(source, placed.left_out)):
        if path.startswith(ARTIFACTS_FOLDER):
            placed.left_out["files of artifacts"] += 1
            continue
        try:
            check_file_path(path)
        except ConfigError:
            placed.left_out["files with an invalid path"] += 1
            continue
        file = source / path
        try:
            if not _may_be_read(file):
                placed.left_out["links to files of other users"] += 1
                continue
            state = file.stat()
            if not S_ISREG(state.st_mode) or state.st_size > MAX_FILE_BYTES:
                placed.left_out["files that are too large or not regular"] += 1
                continue
            record = _place(file, target / path, path, start_micros)
        except OSError:
            placed.left_out["files that can't be read"] += 1
            continue
        placed.records.append(record)
        n_bytes += record.n_bytes
    return placed._replace(n_bytes=n_bytes)


def _paths_in(root: Path, left_out: Counter[str]) -> Iterator[str]:
    def note(_: OSError) -> None:
        left_out["folders that can't be read"] += 1

    if not root.is_dir() or not _may_be_read(root):
        return
    for folder, folders, names in os.walk(root, onerror=note):
        below = os.path.relpath(folder, root).replace(os.sep, "/")
        prefix = "" if below == "." else f"{below}/"
        for name in [name_ for name_ in folders if Path(folder, name_).is_symlink()]:
            folders.remove(name)
            left_out["links to folders"] += 1
        yield from (f"{prefix}{name}" for name in names)


def _may_be_read(path: Path) -> bool:
    if not path.is_symlink() or not hasattr(os, "getuid"):
        return True
    user = os.getuid()
    return path.lstat().st_uid == user and path.stat().st_uid == user


def _place(source: Path, target: Path, path: str, start_micros: int) -> File:
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        target.unlink()
    try:
        os.link(source.resolve(strict=True), target)
    except OSError:
        shutil.copy2(source, target)
    return file_record(target, path, start_micros)


def file_record(file: Path, path: str, start_micros: int) -> File:
    """The record of a file that is in its place."""
    with file.open("rb") as opened:
        digest = sha256()
        while piece := opened.read(_PIECE_BYTES):
            digest.update(piece)
        state = os.fstat(opened.fileno())
    # After the file's own time: a later change would count as not recorded.
    micros = max(0, state.st_mtime_ns // 1000 + 1 - start_micros)
    return File(path, state.st_size, digest.hexdigest(), micros)


def write_end_log(
    directory: Path,
    main: Header,
    run: Run,
    micros: int,
    summary: Sequence[tuple[list[str], Any]],
    files: Sequence[File],
    state: str | None,
    changes: Sequence[Run | Config | MetricDefinition] = (),
    *,
    now_micros: int | None = None,
    writers: Sequence[str] = (),
) -> Path | None:
    """Write the log of a run's summary, files and state. None if the server's newest says it all.

    `micros`, the end, is later than an earlier import's, whose `state` is replaced: nothing else
    says that a run was killed. None if the run continues. `changes` are other records that replace
    earlier ones. `now_micros` is the time of the source's state. `writers` are those of earlier
    logs of this kind at the server, oldest first.
    """

    def records(at_micros: int) -> list[bytes]:
        parts: list[Record] = [run]
        parts += [msgspec.structs.replace(record, micros=at_micros) for record in changes]
        parts += [Summary(at_micros, part) for part in _parts(summary)]
        parts += files
        if state is not None:
            parts.append(Exit(micros, 0, state))
        return [encode_payload(record) for record in parts]

    at_micros = micros if now_micros is None else max(micros, now_micros)
    content = sha256(b"".join(records(micros))).hexdigest()
    writer_id = writer_id_of(main.writer_id, content)
    # A source may change, and change back: the second time it is another log.
    if writers and writers[-1] in {
        writer_id,
        *(writer_id_of(main.writer_id, content, writer) for writer in writers),
    }:
        return None
    if writer_id in writers:
        writer_id = writer_id_of(main.writer_id, content, writers[-1])
    header = msgspec.structs.replace(
        main,
        writer_id=writer_id,
        parent_writer=main.writer_id,
        labels={"process": "system"},
    )
    path = log_path(directory, header.run_id, header.writer_id)
    frames = map(encode_frame, records(at_micros))
    path.write_bytes(encode_header(header) + b"".join(frames))
    return path


def _parts(
    values: Sequence[tuple[list[str], Any]],
) -> Iterator[list[tuple[list[str], Any]]]:
    """Values in parts that fit into a frame each."""
    part: list[tuple[list[str], Any]] = []
    n_bytes = 0
    for value in values:
        size = len(encode_payload(value))
        if part and n_bytes + size > MAX_FRAME_BYTES // 2 - 64:
            yield part
            part, n_bytes = [], 0
        part.append(value)
        n_bytes += size
    if part:
        yield part
