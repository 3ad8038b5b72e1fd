"""Copies a run of a W&B server to a run directory of weft. Does I/O.

Rows, samples and console lines are logs of their own: each only grows, so a later copy adds what
is new. All that may change is in a further log, which its content names.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from itertools import chain
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from weft.errors import ConfigError, Unavailable
from weft.records.files.artifacts import ARTIFACTS_FOLDER
from weft.records.files.file_paths import check_file_path
from weft.records.ids import check_name
from weft.records.limits import MAX_NAME_CHARS
from weft.records.record import Config, File, MetricDefinition, Run
from weft.records.states import ENDED_STATES
from weft.runlog.format import Header
from weft.runlog.layout import FILES, log_path, run_directory
from weft.sdk.values.scalars import valid_text
from weft.wandb_format import additions_in
from weft.wandb_format.definitions import read_definitions
from weft.wandb_import.conversion import ABOUT_ROW, INTERNAL, leaves_of, micros_of
from weft.wandb_import.importing import ImportedRun
from weft.wandb_import.json_fields import as_object, json_object
from weft.wandb_import.messages import Item
from weft.wandb_import.run_files import file_record, write_end_log
from weft.wandb_import.run_log import ImportedLog, imported_header, writer_id_of
from weft.wandb_import.wandb_server import WandbServer

SERVER_VERSION: Final = "wandb server"
"""The version of the software that wrote copied logs, in their headers."""

_STREAMS: Final = ("samples", "console")


def copy_run(
    server: WandbServer,
    node: dict[str, Any],
    base: Path,
    *,
    project: str,
    entity: str | None,
    progress: Callable[[int], None] = lambda _: None,
    known_writers: Callable[[str], Sequence[tuple[str, str | None]]] = lambda _: (),
) -> ImportedRun:
    """Copy one run, as `WandbServer.runs` gives it.

    `known_writers` are the run's at its new server, oldest first, each with its parent.
    """
    run_id = check_name("run", node["name"])
    rows = server.history(run_id, _last_step(node))
    first = next(rows, None)
    start_micros = _start_micros(node, first)
    origin = run_origin(server, run_id)
    directory = run_directory(base, run_id, start_micros / 1e6)
    directory.mkdir(parents=True, exist_ok=True)
    begun = Run(run_id=run_id, project=project, entity=entity, start_micros=start_micros)
    header = _header(run_id, start_micros, *origin)
    internal = as_object(as_object(json_object(node.get("config")).get(INTERNAL)).get("value"))
    left_out: Counter[str] = Counter()
    with log_path(directory, run_id, header.writer_id).open("wb") as out:
        log = ImportedLog(header, out)
        log.append(begun)
        _add_rows(log, chain([] if first is None else [first], rows), internal, progress)
    has_ended = node.get("state") in ENDED_STATES
    counts = [0, 0]
    if has_ended:
        counts = _copy_streams(server, run_id, directory, header, begun, left_out)
    else:
        left_out["system metrics and console output of a run that is going on"] += 1
    files = _copy_files(server, run_id, directory / FILES, start_micros, left_out)
    micros = log.last_micros + 1 + has_ended
    summary = json_object(node.get("summaryMetrics"))
    written = write_end_log(
        directory,
        header,
        begun,
        micros,
        [
            leaf
            for key, value in summary.items()
            if key not in ABOUT_ROW and key
            for leaf in leaves_of(log, Item((key,), value))
        ],
        files,
        str(node["state"]) if has_ended else None,
        _changes(log, begun, node, internal),
        now_micros=time.time_ns() // 1000 - start_micros,
        writers=_end_writers(known_writers(run_id), header.writer_id),
    )
    if written is None:
        # The server has the files. Without a record here, `weft sync` would announce them again.
        shutil.rmtree(directory / FILES, ignore_errors=True)
    left_out += log.left_out
    return ImportedRun(
        source=f"{server.url}/{server.entity}/{server.project}/runs/{run_id}",
        run=run_id,
        project=project,
        entity=entity,
        state=str(node.get("state")),
        n_rows=log.n_rows,
        n_samples=counts[0],
        n_lines=counts[1],
        n_files=len(files),
        n_file_bytes=sum(file.n_bytes for file in files),
        left_out={reason: n for reason, n in sorted(left_out.items()) if n},
    )


def run_origin(server: WandbServer, run_id: str) -> tuple[str, ...]:
    """The parts of the id of a copied run's main writer."""
    return server.url, server.entity, server.project, run_id


def _header(run_id: str, start_micros: int, *origin: str, parent: str | None = None) -> Header:
    return imported_header(
        run_id,
        writer_id_of(*origin),
        start_micros=start_micros,
        host="",
        version=SERVER_VERSION,
        parent_writer=parent,
    )


def _add_rows(
    log: ImportedLog,
    rows: Iterator[dict[str, Any]],
    internal: dict[str, Any],
    progress: Callable[[int], None],
) -> None:
    amend = additions_in(internal)
    before: int | float = -1
    for row in rows:
        step = row.get("_step")
        before = cast("float", step) if type(step) in {int, float} else before + 1
        values = {key: value for key, value in row.items() if key not in ABOUT_ROW}
        if amend is not None:
            amend(values)
        log.add_row(values, before, micros_of(row.get("_timestamp")))
        progress(log.n_rows)


def _copy_streams(
    server: WandbServer,
    run_id: str,
    directory: Path,
    main: Header,
    begun: Run,
    left_out: Counter[str],
) -> list[int]:
    """Copy the samples of the machine and the console output; return the number of each."""
    counts: list[int] = []
    for stream_name in _STREAMS:
        header = _header(
            run_id, main.wall_micros, main.writer_id, stream_name, parent=main.writer_id
        )
        path = log_path(directory, run_id, header.writer_id)
        with path.open("wb") as out:
            log = ImportedLog(header, out)
            log.append(begun)
            if stream_name == "samples":
                for sample in server.samples(run_id):
                    values = {k: v for k, v in sample.items() if k not in ABOUT_ROW}
                    log.add_sample(values, micros_of(sample.get("_timestamp")))
                counts.append(log.n_samples)
            else:
                for line in server.lines(run_id):
                    stream = "stderr" if line.get("level") == "error" else "stdout"
                    text = valid_text(str(line.get("line") or "")).rstrip("\r\n")
                    log.add_line(
                        stream, int(line["number"]), text, micros_of_time(line.get("timestamp"))
                    )
                counts.append(log.n_lines)
        left_out += log.left_out
        if not counts[-1]:
            path.unlink()
    return counts


def _end_writers(writers: Sequence[tuple[str, str | None]], main: str) -> list[str]:
    """The writers of earlier copies' logs of the changeable fields, oldest first."""
    streams = {writer_id_of(main, stream) for stream in _STREAMS}
    return [writer for writer, parent in writers if parent == main and writer not in streams]


def _copy_files(
    server: WandbServer,
    run_id: str,
    folder: Path,
    start_micros: int,
    left_out: Counter[str],
) -> list[File]:
    records: list[File] = []
    for file in server.files(run_id):
        if file.name.startswith(ARTIFACTS_FOLDER):
            continue
        try:
            check_file_path(file.name)
        except ConfigError:
            left_out["files with an invalid path"] += 1
            continue
        try:
            server.download(file, folder / file.name)
        except (OSError, Unavailable):
            left_out["files that can't be downloaded"] += 1
            continue
        # The time of the download would make each copy another one.
        os.utime(folder / file.name, (start_micros // 1_000_000, start_micros // 1_000_000))
        records.append(file_record(folder / file.name, file.name, start_micros))
    return sorted(records, key=lambda record: record.path)


def _changes(
    log: ImportedLog, begun: Run, node: dict[str, Any], internal: dict[str, Any]
) -> list[Run | Config | MetricDefinition]:
    """The changeable fields of a run: its name and the like, its config and its definitions."""
    fields: dict[str, Any] = {
        "name": valid_text(str(node.get("displayName") or ""))[:MAX_NAME_CHARS],
        "notes": valid_text(str(node.get("notes") or "")),
        "tags": [valid_text(str(tag)) for tag in cast("list[Any]", node.get("tags") or [])],
        "group": node.get("group"),
        "job_type": node.get("jobType"),
        "sweep": node.get("sweepName"),
    }
    named = {name: value for name, value in fields.items() if value}
    values = [
        leaf
        for key, entry in json_object(node.get("config")).items()
        if key != INTERNAL and key
        for leaf in leaves_of(log, Item((key,), as_object(entry).get("value", entry)))
    ]
    return [
        msgspec.structs.replace(begun, **named),
        *([Config(0, values)] if values else []),
        *read_definitions(internal.get("m"), 0),
    ]


def _last_step(node: dict[str, Any]) -> int:
    step = as_object(node.get("historyKeys")).get("lastStep", -1)
    return int(step) if isinstance(step, (int, float)) else -1


def _start_micros(node: dict[str, Any], first: dict[str, Any] | None) -> int:
    """The start of the run: by the server, or by its first row if that was earlier."""
    created = micros_of_time(node.get("createdAt")) or 0
    row = first or {}
    secs, runtime = row.get("_timestamp"), row.get("_runtime")
    if isinstance(secs, (int, float)) and isinstance(runtime, (int, float)):
        began = micros_of(secs - runtime)
        if began is not None and (began < created or not created):
            return began
    return created


def micros_of_time(text: Any) -> int | None:
    """A time of the API, which is UTC, in µs since 1970."""
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0, round(moment.timestamp() * 1e6))
