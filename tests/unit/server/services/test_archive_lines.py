"""Lines of an archive's list of runs: any length is read in time that grows as the length does."""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile

import pytest

from at_length import at_length
from weft.errors import CorruptLog, LimitExceeded
from weft.server.services.archive.format import FORMAT, VERSION
from weft.server.services.archive.opening import OpenArchive


def archive_of(lines: bytes, project: bytes = b"{}") -> OpenArchive:
    contents = {
        "project.json": project,
        "runs.jsonl": lines,
        "collections.jsonl": b"",
        "versions.jsonl": b"",
        "sweeps.jsonl": b"",
        "trials.jsonl": b"",
    }
    entries = {
        name: {"n_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in contents.items()
    }
    manifest = {
        "format": FORMAT, "version": VERSION, "weft": "1", "entity": "local", "project": "p",
        "created_micros": 0, "n_runs": 1, "n_points": 0, "entries": entries,
    }  # fmt: skip
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, data in {**contents, "manifest.json": json.dumps(manifest).encode()}.items():
            packed.writestr(name, data)
    return OpenArchive(zipfile.ZipFile(file))


def secs_to_refuse(n_bytes: int) -> float:
    archive = archive_of(b" " * n_bytes + b"\n")
    begin = time.process_time()
    with pytest.raises(CorruptLog, match=r"runs\.jsonl, line 1: not JSON"):
        list(archive.lines("runs.jsonl"))
    return time.process_time() - begin


@at_length
def test_a_line_costs_as_much_as_it_is_long() -> None:
    short, long = secs_to_refuse(4 << 20), secs_to_refuse(96 << 20)
    # 24 times as long; with a square it was 200 times as much.
    assert long < 100 * max(short, 0.01)


def test_lines_are_the_same_wherever_the_pieces_end() -> None:
    runs = [{"id": "x" * n} for n in (1, 1 << 20, (1 << 20) - 9, 5, (3 << 20) + 1, 0)]
    lines = b"".join(json.dumps(run).encode() + b"\n" for run in runs)
    assert list(archive_of(lines).lines("runs.jsonl")) == runs
    with pytest.raises(CorruptLog, match="ends within line 7"):
        list(archive_of(lines + b"{").lines("runs.jsonl"))


def test_a_text_that_is_far_larger_than_what_was_sent_is_refused() -> None:
    """Half a megabyte of an archive would else become 10 GB of values."""
    text = b'{"a":[' + b"[]," * 4_000_000 + b"0]}"
    with pytest.raises(LimitExceeded, match=r"runs\.jsonl has more than 3,0[0-9,]* values"):
        list(archive_of(text + b"\n").lines("runs.jsonl"))
    with pytest.raises(LimitExceeded, match=r"project\.json has more than 3,0[0-9,]* values"):
        archive_of(b"", project=text).project()


@pytest.mark.parametrize("n_bytes", [12 << 20, 32 << 20])
def test_a_manifest_that_is_far_larger_than_what_was_sent_is_refused(n_bytes: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("manifest.json", b'{"entries":[' + b"[]," * (n_bytes // 3) + b"0]}")
    with pytest.raises(LimitExceeded, match="manifest"):
        OpenArchive(zipfile.ZipFile(file))
