"""Versions in several logs of one run: of a sidecar that was killed, and of the one after it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from live_runs import PROJECT, LiveServer
from weft.records.files.artifacts import Manifest, ManifestEntry
from weft.records.record import Artifact, Exit, File, Run
from weft.runlog.header import make_header
from weft.runlog.layout import log_path, run_directory
from weft.runlog.writer import LogWriter
from weft.sync.addresses.server_address import ServerAddress
from weft.sync.uploading.tail import TailedLog
from weft.sync.uploading.uploader import Uploader

RUN = "order"


@pytest.fixture
def own_live(tmp_path: Path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path) as server:
        yield server


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def announce(log: LogWriter, directory: Path, number: int, content: bytes, name: str) -> None:
    """Announce one version, whose file has this content, in a log."""
    folder = directory / "files" / "artifacts" / f"{number:04d}"
    folder.mkdir(parents=True)
    (folder / "a.bin").write_bytes(content)
    manifest = msgspec.json.encode(
        Manifest([ManifestEntry("a.bin", len(content), sha256(content))])
    )
    folder.with_suffix(".json").write_bytes(manifest)
    manifest_path = f"artifacts/{number:04d}.json"
    log.append(File(manifest_path, len(manifest), sha256(manifest), 1))
    log.append(Artifact("log", name, "dataset", manifest_path, [], 1))


def sidecar_log(directory: Path, parent: str, number: int, content: bytes) -> Path:
    """A log that announces one version, whose file has this content."""
    header = make_header(RUN, parent_writer=parent, labels={"process": "system"})
    header = msgspec.structs.replace(header, wall_micros=header.wall_micros + number * 1000)
    path = log_path(directory, RUN, header.writer_id)
    log = LogWriter(path, header)
    log.append(Run(RUN, PROJECT))
    announce(log, directory, number, content, "data")
    log.append(Exit(2, 0))
    log.close()
    return path


def send(live: LiveServer, *logs: Path) -> None:
    uploader = Uploader(ServerAddress(live.url, key=live.process.token))
    uploader.logs += [TailedLog(path) for path in logs]
    until = time.monotonic() + 60
    while not uploader.is_idle:
        time.sleep(uploader.step(flush=True))
        assert time.monotonic() < until, [log.status() for log in uploader.logs]
    uploader.close()


def test_the_version_of_the_earlier_log_is_the_first(own_live: LiveServer, tmp_path: Path) -> None:
    directory = run_directory(tmp_path, RUN, time.time())
    directory.mkdir(parents=True)
    header = make_header(RUN)
    main = LogWriter(log_path(directory, RUN, header.writer_id), header)
    main.append(Run(RUN, PROJECT))
    main.append(Exit(1, 0))
    main.close()
    contents = [bytes(range(256)) * 100_000, b"small"]
    logs = [
        sidecar_log(directory, header.writer_id, number, content)
        for number, content in enumerate(contents)
    ]
    send(own_live, *reversed(logs), main.path)
    for number, content in enumerate(contents):
        version = own_live.api.artifact(f"local/{PROJECT}/data:v{number}")
        assert version.size == len(content)


def test_a_version_whose_content_is_known_comes_after_the_one_before_it(
    own_live: LiveServer, tmp_path: Path
) -> None:
    """As a final model does, whose files are those of an earlier run's."""
    contents = [b"new content", b"known"]
    for run, announced in (("earlier", [b"known"]), (RUN, contents)):
        directory = run_directory(tmp_path, run, time.time())
        directory.mkdir(parents=True)
        header = make_header(run)
        log = LogWriter(log_path(directory, run, header.writer_id), header)
        log.append(Run(run, PROJECT))
        for number, content in enumerate(announced):
            announce(log, directory, number, content, f"data-{run}")
        log.append(Exit(1, 0))
        log.close()
        send(own_live, log.path)
    for number, content in enumerate(contents):
        version = own_live.api.artifact(f"local/{PROJECT}/data-{RUN}:v{number}")
        assert version.size == len(content)


def test_a_version_is_sent_though_the_manifest_before_it_is_lost(
    own_live: LiveServer, tmp_path: Path
) -> None:
    directory = run_directory(tmp_path, RUN, time.time())
    directory.mkdir(parents=True)
    header = make_header(RUN)
    log = LogWriter(log_path(directory, RUN, header.writer_id), header)
    log.append(Run(RUN, PROJECT))
    for number, content in enumerate((b"lost", b"later")):
        announce(log, directory, number, content, "data")
    log.append(Exit(1, 0))
    log.close()
    (directory / "files" / "artifacts" / "0000.json").unlink()
    send(own_live, log.path)
    version = own_live.api.artifact(f"local/{PROJECT}/data:v0")
    assert version.size == len(b"later")
