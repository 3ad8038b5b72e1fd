"""`run.log_artifact()` and `run.use_artifact()`. Does I/O.

A logged artifact is put into the run's directory, and a spool file tells the sidecar, which hashes
the files and records the version (`weft.sync.files`). So it survives a kill once the call returns,
and needs no server.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.errors import NotFound, Unavailable, UsageError, WrongType
from weft.records.artifacts import (
    ARTIFACTS_FOLDER,
    MANIFEST_SUFFIX,
    check_alias,
    check_tag,
    parse_artifact_path,
)
from weft.records.record import Artifact as ArtifactRecord
from weft.runlog.spool import MANIFEST, Job
from weft.sdk.artifacts.artifact import Artifact
from weft.sdk.artifacts.connecting import artifact_client
from weft.sdk.artifacts.placing import place_files
from weft.sdk.artifacts.state import Logged
from weft.sync.files.encoders.manifest import DraftManifest
from weft.wire.artifacts import Artifact as StoredArtifact

if TYPE_CHECKING:
    from weft.sdk.recording.recorder import Recorder
    from weft.sdk.setup.settings import Settings


def log_artifact(
    recorder: Recorder,
    artifact: Artifact | str | os.PathLike[str],
    name: str | None,
    type_: str | None,
    aliases: Iterable[str] | None,
    tags: Iterable[str] | None,
) -> Artifact:
    """See `Run.log_artifact`."""
    recorder.check_open()
    made = _artifact_of(artifact, name, type_, f"run-{recorder.record.run_id}")
    wanted = [check_alias(alias) for alias in _listed(aliases, "aliases")]
    made.tags = [*made.tags, *(check_tag(tag) for tag in _listed(tags, "tags"))]
    draft = made.draft
    if recorder.settings.mode == "disabled":
        return made
    folder = f"{ARTIFACTS_FOLDER}{time.time_ns() // 1000:016x}-{secrets.token_hex(4)}"
    place = Path(recorder.directory) / "files" / folder
    try:
        entries, changed = place_files(draft.files.values(), place)
        references = list(draft.references.values())
        manifest = made.made_manifest([*entries, *references])
        changed += [0] * len(references)
        payload = msgspec.msgpack.encode(DraftManifest(manifest, changed))
        options: dict[str, Any] = {"name": made.collection_name, "type": made.type}
        job = Job(f"{folder}{MANIFEST_SUFFIX}", MANIFEST, {**options, "aliases": wanted})

        def write(log: Path | None) -> None:
            if log is not None:
                recorder.spool.write(log, [job], [[payload]])

        recorder.history.store_files(write)
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        reason = (error.strerror or str(error)).lower()
        recorder.guard.warn(
            "artifact", f"artifact {made.collection_name} can't be logged: {reason}"
        )
        return made
    look = partial(_look, recorder.settings, _run_names(recorder), folder)
    made.note_logged(Logged(look))
    return made


def use_artifact(
    recorder: Recorder, artifact: Artifact | str, type_: str | None, use_as: str | None
) -> Artifact:
    """See `Run.use_artifact`."""
    recorder.check_open()
    if isinstance(artifact, str):
        entity, project, _ = _run_names(recorder)
        path = parse_artifact_path(artifact, entity, project)
        client = artifact_client(recorder.settings)
        stored = client.version(VersionTarget(*path))
        found = Artifact.from_server(client, stored, recorder.settings)
    elif isinstance(artifact, Artifact):  # pyright: ignore[reportUnnecessaryIsInstance]
        found = artifact
    else:
        raise WrongType(f"an artifact or its name, not {type(artifact).__name__}")
    if type_ is not None and found.type != type_:
        raise UsageError(f"{found.name} is a {found.type}, not a {type_}")
    name, used_as = found.qualified_name, [use_as] if use_as else []
    recorder.record_artifact(lambda micros: ArtifactRecord("use", name, "", "", used_as, micros))
    return found


def _artifact_of(
    given: Artifact | str | os.PathLike[str], name: str | None, type_: str | None, prefix: str
) -> Artifact:
    if isinstance(given, Artifact):
        return given
    path = Path(given)
    made = Artifact(name or f"{prefix}-{path.name}", type_ or "unspecified")
    if path.is_dir():
        made.add_dir(path)
    else:
        made.add_file(path)
    return made


def _listed(values: Iterable[str] | None, what: str) -> list[str]:
    if isinstance(values, str):
        raise WrongType(f"{what} must be a list of strings, not a string: [{values!r}]")
    return list(values or ())


def _run_names(recorder: Recorder) -> tuple[str, str, str]:
    record = recorder.record
    return record.entity or "local", record.project, record.run_id


def _look(
    settings: Settings, run: tuple[str, str, str], folder: str
) -> tuple[ArtifactClient, StoredArtifact] | None:
    """What the server knows of an artifact that was logged; None: nothing yet."""
    if settings.mode != "online":
        raise Unavailable("the run is offline: `weft sync` sends it with its artifacts")
    client = artifact_client(settings)
    try:
        logged = client.of_run(*run, folder=folder).logged
    except (NotFound, Unavailable):
        return None  # the run was not sent yet, or the server is restarting
    return (client, logged[0]) if logged else None
