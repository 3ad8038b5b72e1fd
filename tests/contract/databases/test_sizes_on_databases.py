"""Sizes count each stored content once, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from made_artifacts import sha256
from service_uploads import START, WriterLog
from weft.records.files.artifacts import Chunk, Manifest, ManifestEntry
from weft.records.record import Artifact, File, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.wire.projects.projects import ProjectEdit

PROJECT = ProjectPath("local", "mnist")
IMAGE, WEIGHTS, HEAD, TAIL = (os.urandom(n) for n in (3_000, 50_000, 20_000, 7_000))


def log_run(
    services: Services,
    run: str,
    files: Mapping[str, bytes],
    entries: list[ManifestEntry],
    *contents: bytes,
    name: str = "model",
) -> int:
    """Log files, and a version of `name` with the entries; the bytes of the manifest."""
    manifest = msgspec.json.encode(Manifest(entries))
    path = "artifacts/0001.json"
    upload = WriterLog(f"w-{run}").upload(
        Run(run, PROJECT.project, start_micros=START),
        *(File(path, len(data), sha256(data), 1) for path, data in files.items()),
        File(path, len(manifest), sha256(manifest), 1),
        Artifact("log", name, "model", path, [], 1, ""),
    )
    services.ingest.apply_upload(LOCAL, PROJECT.run(run), upload)
    for content in (manifest, *files.values(), *contents):
        services.contents.store(LOCAL, PROJECT, [content])
        services.contents.lacking(LOCAL, PROJECT.run(run), f"w-{run}")
    return len(manifest)


def entry(path: str, data: bytes) -> ManifestEntry:
    return ManifestEntry(path, len(data), sha256(data))


def chunked(path: str, *parts: bytes) -> ManifestEntry:
    whole = b"".join(parts)
    chunks = [Chunk(len(part), sha256(part)) for part in parts]
    return ManifestEntry(path, len(whole), sha256(whole), chunks=chunks)


def metric_bytes(services: Services, run: str) -> int:
    """The bytes of the rows of a run, which may be in the trash."""
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        return store.usage().by_run.get(run, 0)


def test_a_content_counts_once_for_its_project(services: Services) -> None:
    gone = log_run(
        services, "gone", {"a.png": IMAGE}, [entry("w", b"x" * 9)], b"x" * 9, name="old"
    )
    first = log_run(
        services, "r1", {"a.png": IMAGE, "copy.png": IMAGE}, [entry("w", WEIGHTS)], WEIGHTS
    )
    second = log_run(
        services,
        "r2",
        {"b.png": IMAGE},
        [entry("w", WEIGHTS), entry("i.png", IMAGE), chunked("big", HEAD, TAIL, HEAD)],
        *(HEAD, TAIL),
    )
    services.runs.delete(LOCAL, PROJECT.run("gone"))

    sizes = services.sizes.project(LOCAL, PROJECT)
    # the trash has the manifest alone: other runs have the image, and a version its content
    assert sizes.trash_bytes == gone + metric_bytes(services, "gone")
    # the image is a file of runs, so it is not counted for the artifact as well
    assert sizes.file_bytes == len(IMAGE) + first + second + gone
    assert sizes.artifact_bytes == len(WEIGHTS) + len(HEAD) + len(TAIL) + 9
    assert sizes.n_bytes == sizes.metric_file_bytes + sizes.file_bytes + sizes.artifact_bytes
    assert {run.id: run.file_bytes for run in sizes.runs} == {
        "r1": len(IMAGE) + first,
        "r2": len(IMAGE) + second,
    }
    assert services.sizes.run(LOCAL, PROJECT.run("r1")).file_bytes == len(IMAGE) + first
    assert [
        (artifact.name, artifact.n_versions, artifact.n_bytes) for artifact in sizes.artifacts
    ] == [
        ("model", 2, len(WEIGHTS) + len(IMAGE) + len(HEAD) + len(TAIL)),
        ("old", 1, 9),
    ]
    assert len(services.sizes.project(LOCAL, PROJECT, limit=1).artifacts) == 1


def test_what_is_awaited_or_deleted_has_no_size(services: Services) -> None:
    log_run(services, "r1", {}, [entry("w", WEIGHTS), entry("never sent", HEAD)], WEIGHTS)
    sizes = services.sizes.project(LOCAL, PROJECT)
    assert sizes.artifact_bytes == len(WEIGHTS)
    log_run(services, "r2", {}, [entry("w", HEAD)], HEAD, name="other")
    services.artifacts.delete_collection(LOCAL, PROJECT, "other")
    assert [artifact.name for artifact in services.sizes.project(LOCAL, PROJECT).artifacts] == [
        "model"
    ]
    services.projects.delete(LOCAL, PROJECT, permanently=True)
    services.projects.put(LOCAL, PROJECT, ProjectEdit())
    sizes = services.sizes.project(LOCAL, PROJECT)
    assert (sizes.file_bytes, sizes.artifact_bytes, sizes.artifacts) == (0, 0, [])


def test_the_usage_of_an_entity_names_its_people(services: Services) -> None:
    for n, user in enumerate(("ada", "ada", "bob")):
        upload = WriterLog(f"w{n}").upload(Run(f"run{n}", PROJECT.project, user=user))
        services.ingest.apply_upload(LOCAL, PROJECT.run(f"run{n}"), upload)
    people = services.usage.get(LOCAL, "local").people
    assert {person.user: person.n_runs for person in people} == {"ada": 2, "bob": 1}
