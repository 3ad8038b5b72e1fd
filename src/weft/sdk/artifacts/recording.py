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
from weft.records.files.artifacts import (
    ARTIFACTS_FOLDER,
    LATEST,
    MANIFEST_SUFFIX,
    ArtifactPath,
    Manifest,
    check_alias,
    check_tag,
    parse_artifact_path,
)
from weft.records.record import Artifact as ArtifactRecord
from weft.records.secrets.redaction import Redactor
from weft.runlog.spool import MANIFEST, Job
from weft.sdk.artifacts.artifact import Artifact
from weft.sdk.artifacts.connecting import artifact_client
from weft.sdk.artifacts.placing import place_files
from weft.sdk.artifacts.sending import Sending
from weft.sdk.artifacts.staged import StagedFiles
from weft.sdk.artifacts.state import Logged
from weft.sdk.recording.linked_files import LinkedFiles
from weft.sync.files.encoders.manifest import DraftManifest
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact

if TYPE_CHECKING:
    from weft.sdk.recording.recorder import Recorder
    from weft.sdk.setup.settings import Settings


def log_artifact(
    recorder: Recorder,
    artifact: Artifact | str | os.PathLike[str],
    name: str | None,
    type_: str | None,
    aliases: Iterable[str] | None,
    tags: Iterable[str] | None = None,
    *,
    distributed_id: str | None = None,
    is_part: bool = False,
) -> Artifact:
    """See `Run.log_artifact`, and `Run.upsert_artifact` for the last two."""
    recorder.check_open()
    is_disabled = recorder.settings.mode == "disabled"
    prefix = f"run-{recorder.record.run_id}"
    logged_artifact = _artifact_of(artifact, name, type_, prefix, is_read=not is_disabled)
    alias_names = [check_alias(alias) for alias in _listed(aliases, "aliases")]
    logged_artifact.tags = [
        *logged_artifact.tags,
        *(check_tag(tag) for tag in _listed(tags, "tags")),
    ]
    draft = logged_artifact.draft
    if is_disabled:
        return logged_artifact
    entity, project, run_id = run_names(recorder)
    _check_base(logged_artifact, entity, project)
    folder = f"{ARTIFACTS_FOLDER}{time.time_ns() // 1000:016x}-{secrets.token_hex(4)}"
    path = f"{folder}{MANIFEST_SUFFIX}"
    target = Path(recorder.directory) / "files" / folder
    try:
        entries, changed = place_files(draft.files.values(), target)
        others = list(draft.entries.values())
        manifest = redacted_manifest(
            logged_artifact.made_manifest([*entries, *others]), recorder.redactor
        )
        manifest = msgspec.structs.replace(manifest, step=_newest_step(recorder))
        changed += [0] * len(others)
        payload = msgspec.msgpack.encode(DraftManifest(manifest, changed))
        options: dict[str, Any] = {
            "name": logged_artifact.collection_name,
            "type": logged_artifact.type,
        }
        if distributed_id is not None:
            options |= {"distributed_id": distributed_id, "is_part": is_part}
        job = Job(path, MANIFEST, {**options, "aliases": alias_names})

        def write(log: Path | None) -> None:
            if log is not None:
                recorder.spool.write(log, [job], [[payload]])

        recorder.history.store_files(write)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        reason = (error.strerror or str(error)).lower()
        recorder.guard.warn(
            "artifact", f"artifact {logged_artifact.collection_name} can't be logged: {reason}"
        )
        return logged_artifact
    if any(file.policy == "immutable" and not file.is_ours for file in draft.files.values()):
        linked = LinkedFiles(
            logged_artifact.collection_name, target, entries, changed[: len(entries)]
        )
        recorder.linked_files.append(linked)
    if distributed_id is not None:
        logged_artifact.distributed_id = distributed_id
    look = partial(_look, recorder.settings, (entity, project, run_id), folder)
    is_offline = recorder.settings.mode == "offline"
    logged = Logged(
        look,
        (entity, project),
        path,
        run_id=run_id,
        is_part=is_part,
        sending=Sending(recorder.uploads, recorder.log, run_id),
        staged=StagedFiles(target, manifest.entries) if is_offline else None,
    )
    logged_artifact.note_logged(logged, recorder.settings)
    return logged_artifact


def _newest_step(recorder: Recorder) -> int | None:
    """The step of the newest row, without its fraction. None if there is no row yet."""
    step = recorder.history.newest_step
    return None if step is None else int(step)


def redacted_manifest(manifest: Manifest, redactor: Redactor) -> Manifest:
    """Return a manifest without the secrets in its texts: description, metadata and tags."""
    return msgspec.structs.replace(
        manifest,
        description=redactor.text(manifest.description),
        metadata=redactor.value("", manifest.metadata),
        # Tags consist of letters and digits.
        tags=[tag if redactor.text(tag) == tag else "redacted" for tag in manifest.tags],
    )


def use_artifact(
    recorder: Recorder,
    artifact: Artifact | str,
    type_: str | None,
    aliases: Iterable[str] | None,
    use_as: str | None,
) -> Artifact:
    """See `Run.use_artifact`."""
    recorder.check_open()
    mode = recorder.settings.mode
    if isinstance(artifact, str):
        used = _named(recorder, artifact, type_)
    elif isinstance(artifact, Artifact):  # pyright: ignore[reportUnnecessaryIsInstance]
        used = artifact
        if used.logged is None and used.is_draft():
            log_artifact(recorder, used, None, None, aliases)
        if mode == "online":
            used.wait()
    else:
        raise WrongType(f"an artifact or its name, not {type(artifact).__name__}")
    if mode == "disabled":
        return used
    logged = used.logged
    if type_ is not None and used.type != type_:
        raise UsageError(f"{used.name} is a {used.type}, not a {type_}")
    used_as = [use_as] if use_as else []
    used.note_use(use_as)
    if logged is None:
        name, manifest = used.qualified_name, ""
    else:
        ref = logged.ref or LATEST
        name = str(ArtifactPath(*logged.project, used.collection_name, ref))
        manifest = logged.manifest
    recorder.record_artifact(
        lambda micros: ArtifactRecord("use", name, "", manifest, used_as, micros)
    )
    return used


def _named(recorder: Recorder, text: str, type_: str | None) -> Artifact:
    """The version that a name stands for."""
    settings = recorder.settings
    entity, project, _ = run_names(recorder)
    path = parse_artifact_path(text, entity, project)
    if settings.mode == "online":
        client = artifact_client(settings)
        return Artifact.from_server(client, client.version(VersionTarget(*path)), settings)

    def look() -> tuple[ArtifactClient, StoredArtifact] | None:
        raise Unavailable(
            f"the run is {settings.mode}: artifact {path} can't be read. That the run uses it is "
            "recorded, and `weft sync` sends it"
        )

    logged = Logged(look, (path.entity, path.project), ref=path.ref)
    return Artifact.awaited(path.name, type_ or "unspecified", logged)


def _check_base(artifact: Artifact, entity: str, project: str) -> None:
    """Check that the project has the contents that a draft has taken over."""
    base = artifact.base
    if base is not None and (base.entity, base.project) != (entity, project):
        raise UsageError(
            f"artifact {artifact.collection_name} has files of {base.entity}/{base.project} and "
            f"can't be logged to {entity}/{project}: download() the version and add its files"
        )


def _artifact_of(
    artifact_or_path: Artifact | str | os.PathLike[str],
    name: str | None,
    type_: str | None,
    prefix: str,
    *,
    is_read: bool,
) -> Artifact:
    if isinstance(artifact_or_path, Artifact):
        return artifact_or_path
    path = Path(artifact_or_path)
    artifact = Artifact(name or f"{prefix}-{path.name}", type_ or "unspecified")
    if not is_read:
        return artifact
    if path.is_dir():
        artifact.add_dir(path)
    else:
        artifact.add_file(path)
    return artifact


def _listed(values: Iterable[str] | None, argument: str) -> list[str]:
    if isinstance(values, str):
        raise WrongType(f"{argument} must be a list of strings, not a string: [{values!r}]")
    return list(values or ())


def run_names(recorder: Recorder) -> tuple[str, str, str]:
    """Entity, project and id of a run."""
    record = recorder.record
    return record.entity or "local", record.project, record.run_id


def _look(
    settings: Settings, run: tuple[str, str, str], folder: str
) -> tuple[ArtifactClient, StoredArtifact] | None:
    """The server's version of an artifact that was logged; None: nothing yet."""
    if settings.mode != "online":
        raise Unavailable("the run is offline: `weft sync` sends it with its artifacts")
    client = artifact_client(settings)
    try:
        logged = client.of_run(*run, folder=folder).logged
    except (NotFound, Unavailable):
        return None  # the run was not sent yet, or the server is restarting
    return (client, logged[0]) if logged else None
