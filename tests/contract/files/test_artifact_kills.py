"""A server killed after any commit loses no version, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from at_length import case_at_length
from made_artifacts import sha256
from service_uploads import START, WriterLog
from weft.records.files.artifacts import Manifest, ManifestEntry
from weft.records.record import Artifact, File, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services
from weft.server.storage.metadata import Transaction

FILES = {"labels.csv": b"cat,dog", "photos/1.bin": b"pixels" * 1000}
MAX_COMMITS = 40


class Died(BaseException):
    """The server was killed here."""


def die_after(services: Services, n_commits: int, patch: pytest.MonkeyPatch) -> list[int]:
    """Make the server die after some commits; counts them."""
    write = services.stores.metadata.write
    count = [0]

    @contextmanager
    def write_and_die() -> Generator[Transaction]:
        with write() as tx:
            yield tx
        if threading.current_thread() is threading.main_thread():  # not the server's upkeep
            count[0] += 1
            if count[0] == n_commits:
                raise Died

    patch.setattr(services.stores.metadata, "write", write_and_die)
    return count


def announce(services: Services, run: RunPath, manifest: bytes) -> None:
    path = "artifacts/0001.json"
    log = WriterLog(f"writer-{run.run}").upload(
        Run(run.run, run.project, start_micros=START),
        File(path, len(manifest), sha256(manifest), 1),
        Artifact("log", "data", "dataset", path, [run.run], 1),
    )
    services.ingest.apply_upload(LOCAL, run, log)


def send(services: Services, project: ProjectPath, run: RunPath) -> None:
    """Send what the server lacks until it lacks nothing: files together, and in pieces."""
    manifest = manifest_of()
    contents = {sha256(content): content for content in (manifest, *FILES.values())}
    while True:
        lacking = services.contents.lacking(LOCAL, run, f"writer-{run.run}")
        if not lacking.contents:
            assert not lacking.is_more
            return
        for content in lacking.contents:
            data = contents[content.sha256]
            if content.n_bytes < 1000:
                services.contents.store(LOCAL, project, [data])
            else:
                upload = services.contents.receive(
                    LOCAL, project, content.sha256, content.position
                )
                upload.write(data[content.position :])
                upload.finish()


def manifest_of() -> bytes:
    entries = [
        ManifestEntry(path, len(content), sha256(content)) for path, content in FILES.items()
    ]
    return msgspec.json.encode(Manifest(entries))


@pytest.mark.parametrize("url", ["sqlite", case_at_length("postgresql")], indirect=True)
def test_a_kill_after_any_commit_leaves_each_version_whole(
    url: str | None, tmp_path: Path
) -> None:
    for n_commits in range(1, MAX_COMMITS):
        project = ProjectPath("local", f"p{n_commits}")
        first, second = project.run("first"), project.run("second")
        services = open_services(tmp_path, url)
        for run in (first, second):
            announce(services, run, manifest_of())
        # The second run's sender only waits for the contents that the first one's sends.
        services.contents.store(LOCAL, project, [manifest_of()])
        services.contents.lacking(LOCAL, second, "writer-second")
        with pytest.MonkeyPatch.context() as patch:
            count = die_after(services, n_commits, patch)
            try:
                send(services, project, first)
            except Died:
                pass
        services.close()
        again = open_services(tmp_path, url)
        send(again, project, first)
        for run in (first, second):
            logged = again.artifacts.of_run(LOCAL, run, folder=None).logged
            assert [version.version for version in logged] == ["v0"], (n_commits, run)
        newest = again.artifacts.get(LOCAL, project, "data", "latest")
        assert sorted(newest.aliases) == ["first", "latest", "second"], n_commits
        again.close()
        if count[0] < n_commits:
            return
    raise AssertionError(f"more than {MAX_COMMITS} commits")
