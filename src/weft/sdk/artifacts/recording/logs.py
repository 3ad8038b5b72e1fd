"""`run.log_artifact()`. Does I/O.

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
from weft.errors import NotFound, Unavailable, UsageError, WeftError, WrongType
from weft.records.files.artifacts import (
    ARTIFACTS_FOLDER,
    MANIFEST_SUFFIX,
    Manifest,
    check_alias,
    check_tag,
)
from weft.records.secrets.redaction import Redactor
from weft.runlog.layout import FILES
from weft.runlog.spool import MANIFEST, Job
from weft.sdk.artifacts.artifact import Artifact
from weft.sdk.artifacts.connecting import artifact_client
from weft.sdk.artifacts.fetching.staged import StagedFiles
from weft.sdk.artifacts.fetching.version_files import VersionFiles
from weft.sdk.artifacts.making.placing import place_files
from weft.sdk.artifacts.states.draft import Draft
from weft.sdk.artifacts.states.logged import Logged
from weft.sdk.artifacts.states.sending import Sending
from weft.sdk.recording.linked_files import LinkedFiles
from weft.sync.files.encoders.manifest import DraftManifest
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact
from weft.wire.artifacts.artifacts import RunArtifacts

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
    recorder.life.check_open()
    is_disabled = recorder.settings.mode == "disabled"
    prefix = f"run-{recorder.record.run_id}"
    logged_artifact = _artifact_of(artifact, name, type_, prefix, is_read=not is_disabled)
    # spaCy's logger has "" for a version that is not the best; W&B's client leaves it out, too.
    alias_names = [
        check_alias(alias) for alias in check_strings(aliases, "aliases") if alias != ""
    ]
    draft = logged_artifact.draft
    files, description = draft.files, draft.description
    description.tags += [check_tag(tag) for tag in check_strings(tags, "tags")]
    if is_disabled:
        return logged_artifact
    entity, project, run_id = run_names(recorder)
    _check_base(draft, entity, project)
    folder = f"{ARTIFACTS_FOLDER}{time.time_ns() // 1000:016x}-{secrets.token_hex(4)}"
    path = f"{folder}{MANIFEST_SUFFIX}"
    target = Path(recorder.directory) / FILES / folder
    try:
        placed = place_files(files.local, target)
        entries = [*(file.entry for file in placed), *files.others]
        manifest = redacted_manifest(description.manifest(entries), recorder.redactor)
        manifest = msgspec.structs.replace(manifest, step=_newest_step(recorder))
        changed = [*(file.changed_nanos for file in placed), *(0 for _ in files.others)]
        payload = msgspec.msgpack.encode(DraftManifest(manifest, changed))
        options: dict[str, Any] = {"name": description.name, "type": description.type}
        if distributed_id is not None:
            options |= {"distributed_id": distributed_id, "is_part": is_part}
        job = Job(path, MANIFEST, {**options, "aliases": alias_names})

        def write(log: Path | None) -> None:
            if log is not None:
                recorder.spool.write_jobs(log, [job], [[payload]])

        recorder.history.store_files(write)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        reason = (error.strerror or str(error)).lower()
        recorder.guard.warn("artifact", f"artifact {description.name} can't be logged: {reason}")
        return logged_artifact
    except WeftError:
        raise
    except Exception as error:  # noqa: BLE001  never into the user's training
        shutil.rmtree(target, ignore_errors=True)
        recorder.guard.fault(error, "log_artifact()")
        return logged_artifact
    if any(file.policy == "immutable" and not file.is_ours for file in files.local):
        recorder.linked_files.append(LinkedFiles(description.name, target, placed))
    description.distributed_id = distributed_id or description.distributed_id
    staged = None
    if recorder.settings.mode == "offline":
        target_version = VersionTarget(entity, project, description.name, "")
        n_bytes = sum(entry.n_bytes for entry in manifest.entries)
        staged_files = StagedFiles(target, manifest.entries)
        staged = VersionFiles(staged_files, target_version, len(manifest.entries), n_bytes)
    logged = Logged(
        description,
        partial(_find_version, recorder.settings, (entity, project, run_id), folder),
        project=(entity, project),
        manifest=path,
        run_id=run_id,
        sending=Sending(recorder.uploads, recorder.log.path, run_id),
        staged=staged,
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


def _check_base(draft: Draft, entity: str, project: str) -> None:
    """Check that the project has the contents that a draft has taken over."""
    base = draft.base
    if base is not None and (base.entity, base.project) != (entity, project):
        raise UsageError(
            f"artifact {draft.description.name} has files of {base.entity}/{base.project} and "
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


def check_strings(values: Iterable[str] | None, argument: str) -> list[str]:
    """A list of strings; an error names the argument."""
    if isinstance(values, str):
        raise WrongType(f"{argument} must be a list of strings, not a string: [{values!r}]")
    return list(values or ())


def run_names(recorder: Recorder) -> tuple[str, str, str]:
    """Entity, project and id of a run."""
    record = recorder.record
    return record.entity or "local", record.project, record.run_id


def artifacts_of_run(
    settings: Settings, run: tuple[str, str, str], folder: str | None
) -> tuple[ArtifactClient, RunArtifacts] | None:
    """The server, and what it knows of a run's artifacts; None if it can't know anything yet."""
    if settings.mode != "online":
        raise Unavailable("the run is offline: `weft sync` sends it with its artifacts and links")
    client = artifact_client(settings)
    try:
        return client, client.of_run(*run, folder=folder)
    except (NotFound, Unavailable):
        return None  # the run was not sent yet, or the server is restarting


def _find_version(
    settings: Settings, run: tuple[str, str, str], folder: str
) -> tuple[ArtifactClient, StoredArtifact] | None:
    """The server's version of an artifact that was logged; None: nothing yet."""
    client, artifacts = artifacts_of_run(settings, run, folder) or (None, None)
    return (client, artifacts.logged[0]) if client and artifacts and artifacts.logged else None
