"""A version does not wait for the parts of deleted runs, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import msgspec

from made_artifacts import sha256
from service_uploads import START, WriterLog
from weft.records.files.artifacts import Manifest, ManifestEntry
from weft.records.record import Artifact, File, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.artifacts.storing import store_waiting
from weft.server.services.opening.services import Services, open_services

PROJECT = ProjectPath("local", "mnist")


def announce(services: Services, run: RunPath, action: str, content: bytes) -> bytes:
    """Log a part or a version with one file, named as the run; its manifest."""
    manifest = msgspec.json.encode(
        Manifest([ManifestEntry(run.run, len(content), sha256(content))])
    )
    path = "artifacts/0001.json"
    log = WriterLog(f"writer-{run.run}").upload(
        Run(run.run, run.project, start_micros=START),
        File(path, len(manifest), sha256(manifest), 1),
        Artifact(action, "data", "dataset", path, [], 1, "night"),
    )
    services.ingest.apply_upload(LOCAL, run, log)
    return manifest


def send(services: Services, run: RunPath, manifest: bytes, content: bytes) -> None:
    for data in (manifest, content):
        services.contents.store(LOCAL, PROJECT, [data])
        services.contents.lacking(LOCAL, run, f"writer-{run.run}")


def test_a_part_that_never_comes_is_not_waited_for(url: str | None, tmp_path: Path) -> None:
    services = open_services(tmp_path, url)
    lost, good, last = (PROJECT.run(name) for name in ("lost", "good", "last"))
    announce(services, lost, "part", b"never sent")
    for run, action in ((good, "part"), (last, "log")):
        content = run.run.encode()
        send(services, run, announce(services, run, action, content), content)
    store_waiting(services.stores)
    [waiting] = services.artifacts.of_run(LOCAL, last, folder="artifacts/0001").logged
    assert (waiting.state, waiting.version) == ("awaited", None)
    services.runs.delete(LOCAL, lost)
    store_waiting(services.stores)
    [stored] = services.artifacts.of_run(LOCAL, last, folder="artifacts/0001").logged
    assert (stored.state, stored.version, stored.n_files) == ("stored", "v0", 2)
    files = services.artifact_files.list(LOCAL, PROJECT, "data", "v0").files
    assert [file.path for file in files] == ["good", "last"]
    services.close()
