"""Versions of a followed directory: their contents stay there, and are read from there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from service_artifacts import entry, sha256
from weft.records.files.artifacts import Manifest
from weft.records.record import Artifact, File, Run
from weft.runlog.header import make_header
from weft.runlog.layout import log_path, run_directory
from weft.runlog.writer import LogWriter
from weft.server.intake.directories.follow import Follower
from weft.server.intake.directories.originals import DirectoryOriginals
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import RunPath
from weft.server.services.artifacts import store_followed
from weft.server.services.opening.services import Services
from weft.wire.artifacts.artifacts import Artifact as Version

RUN = RunPath("local", "p", "train")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory with the log of a run that announces a version of one file, and its files."""
    root = tmp_path / "runs"
    directory = run_directory(root, RUN.run, 1_700_000_000)
    folder = directory / "files" / "artifacts" / "0001"
    folder.mkdir(parents=True)
    (folder / "w").write_bytes(b"weights")
    manifest = msgspec.json.encode(Manifest([entry("w", b"weights")]))
    folder.with_suffix(".json").write_bytes(manifest)
    header = make_header(RUN.run)
    log = LogWriter(log_path(directory, RUN.run, header.writer_id), header)
    log.append(Run(RUN.run, RUN.project))
    log.append(File("artifacts/0001.json", len(manifest), sha256(manifest), 1))
    log.append(Artifact("log", "net", "model", "artifacts/0001.json", [], 1))
    log.close()
    return root


@contextmanager
def following(services: Services, root: Path) -> Iterator[Follower]:
    """A follower of the directory, which reads from the moment it is entered."""
    follower = Follower(root, services.ingest, services.following)
    services.stores.originals = DirectoryOriginals(follower)
    services.following.logs = follower
    with follower:
        yield follower


@pytest.fixture
def follower(services: Services, root: Path) -> Iterator[Follower]:
    with following(services, root) as follower:
        yield follower


def version_of(services: Services) -> Version:
    (version,) = services.artifacts.of_run(LOCAL, RUN).logged
    return version


def test_a_version_is_stored_and_its_files_are_read_from_the_directory(
    services: Services, follower: Follower
) -> None:
    assert follower.catch_up(60)
    version = version_of(services)
    assert (version.state, version.version, version.n_bytes) == ("stored", "v0", 7)
    file = services.artifact_files.get(LOCAL, RUN.of_project, "net", "v0", "w")
    assert b"".join(services.artifact_files.read(LOCAL, RUN.of_project, file)) == b"weights"
    assert not services.stores.blobs.store.find_blob(sha256(b"weights")), "nothing is copied"


def test_a_manifest_that_comes_late_is_read_by_the_next_look(
    services: Services, root: Path
) -> None:
    (path,) = root.rglob("0001.json")
    manifest = path.read_bytes()
    path.unlink()
    with following(services, root) as follower:
        assert follower.catch_up(60)
        assert version_of(services).state == "awaited"
        store_followed(services.stores)
        assert version_of(services).state == "awaited"
        path.write_bytes(manifest)
        store_followed(services.stores)
        assert version_of(services).version == "v0"
