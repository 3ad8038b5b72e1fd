"""Converts `.wandb` files to run directories of weft, which `weft sync` sends. Does I/O.

The way of a file: `sources` finds it, `chunks` and `messages` read it, `conversion` writes what
they say through `run_log`, and `run_files` adds the files and the summary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import ConfigError, CorruptLog
from weft.records.ids import check_name
from weft.runlog.layout import FILES, log_path, run_directory
from weft.wandb_import.chunks import ChunkReader
from weft.wandb_import.conversion import Conversion, first_run
from weft.wandb_import.messages import (
    HistoryRow,
    MalformedMessage,
    Message,
    Output,
    Producer,
    RunInfo,
    Stats,
    read_message,
)
from weft.wandb_import.run_files import place_files, write_end_log
from weft.wandb_import.run_log import ImportedLog, imported_header, writer_id_of

_MOST_PENDING: Final = 10_000
"""The limit of messages held until one names the run and its start."""


class ImportedRun(msgspec.Struct, kw_only=True):
    """The run imported from one source."""

    source: str
    run: str
    project: str
    entity: str | None
    state: str
    n_rows: int
    n_samples: int
    n_lines: int
    n_files: int
    n_file_bytes: int
    left_out: dict[str, int]


def convert_log(
    source: Path,
    base: Path,
    *,
    project: str | None = None,
    entity: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> ImportedRun:
    """Convert one `.wandb` file to a run directory below `base`.

    The run's files are next to it, in `files`. The project defaults to the file's, the entity to
    the server's.
    """
    with source.open("rb") as file:
        chunks = ChunkReader(file, str(source))
        left_out: Counter[str] = Counter()
        messages = _messages(chunks, left_out)
        pending, info, version = _beginning(messages, source)
        start_micros = info.start_micros or _first_time(pending) or _changed_micros(source)
        run = first_run(info, _project(info, project, source), entity, start_micros)
        _check_run(info, source)
        header = imported_header(
            info.run_id,
            writer_id_of(info.run_id, source.name, _process_of(info, source)),
            start_micros=start_micros,
            host=info.host,
            version=f"wandb {version}".strip(),
        )
        directory = run_directory(base, info.run_id, start_micros / 1e6)
        directory.mkdir(parents=True, exist_ok=True)
        with log_path(directory, info.run_id, header.writer_id).open("wb") as out:
            log = ImportedLog(header, out)
            conversion = Conversion(log, run)
            for message in pending:
                conversion.add(message)
            for message in messages:
                conversion.add(message)
                progress(log.n_rows)
    summary = conversion.summary_values()
    placed = place_files(source.parent / FILES, directory / FILES, start_micros)
    write_end_log(
        directory,
        header,
        conversion.run,
        log.last_micros + 1 + conversion.has_ended,
        summary,
        placed.records,
        conversion.state,
    )
    missing = conversion.saved_files - {record.path for record in placed.records}
    left_out += conversion.left_out + log.left_out + placed.left_out
    left_out["announced files that are missing"] += _n_missing(missing, source.parent / FILES)
    left_out["damaged bytes"] += chunks.n_damaged_bytes
    left_out["incomplete records at the end"] += chunks.is_cut
    return ImportedRun(
        source=str(source),
        run=info.run_id,
        project=run.project,
        entity=entity,
        state=conversion.state,
        n_rows=log.n_rows,
        n_samples=log.n_samples,
        n_lines=log.n_lines,
        n_files=len(placed.records),
        n_file_bytes=placed.n_bytes,
        left_out={reason: n for reason, n in sorted(left_out.items()) if n},
    )


def _messages(chunks: ChunkReader, left_out: Counter[str]) -> Iterator[Message]:
    for record in chunks:
        try:
            message = read_message(record)
        except MalformedMessage:
            left_out["malformed records"] += 1
            continue
        if message is not None:
            yield message


def _beginning(messages: Iterator[Message], source: Path) -> tuple[list[Message], RunInfo, str]:
    """The messages up to the one that names the run, or up to the first time if it has none."""
    pending: list[Message] = []
    info: RunInfo | None = None
    version = ""
    for message in messages:
        if isinstance(message, Producer):
            version = version or message.version
            continue
        pending.append(message)
        if info is None and isinstance(message, RunInfo):
            info = message
        if info is not None and (info.start_micros or _first_time(pending[-1:])):
            break
        if len(pending) >= _MOST_PENDING:
            break
    if info is None:
        raise CorruptLog(
            f"no run in the .wandb file, it was cut before its first record: {source}"
        )
    return pending, info, version


def _first_time(messages: list[Message]) -> int:
    for message in messages:
        if isinstance(message, (Output, Stats)) and message.micros:
            return message.micros
        if isinstance(message, HistoryRow):
            for item in message.items:
                if item.path == ("_timestamp",) and isinstance(item.value, (int, float)):
                    return round(item.value * 1e6)
    return 0


def _process_of(info: RunInfo, source: Path) -> str:
    """The id of this process among those of its run, the same wherever the file is copied to."""
    return str(info.start_micros) if info.start_micros else source.parent.name


def _changed_micros(path: Path) -> int:
    return path.stat().st_mtime_ns // 1000


def _project(info: RunInfo, project: str | None, source: Path) -> str:
    name = project or info.project or "uncategorized"
    try:
        return check_name("project", name)
    except ConfigError as error:
        raise ConfigError(f"{error}; name another one with --project: {source}") from None


def _check_run(info: RunInfo, source: Path) -> None:
    try:
        check_name("run", info.run_id)
    except ConfigError as error:
        raise ConfigError(f"{error}: {source}") from None


def _n_missing(paths: set[str], folder: Path) -> int:
    """The number of announced files that are missing, apart from patterns such as `*.txt`."""
    return sum(
        not any(character in path for character in "*?[") and not (folder / path).exists()
        for path in paths
    )
