"""`run.use_artifact()`. Does I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.errors import Unavailable, UsageError, WrongType
from weft.records.files.artifacts import LATEST, ArtifactPath, parse_artifact_path
from weft.records.record import Artifact as ArtifactRecord
from weft.sdk.artifacts.artifact import Artifact
from weft.sdk.artifacts.connecting import artifact_client
from weft.sdk.artifacts.recording.logs import log_artifact, run_names
from weft.sdk.artifacts.states.description import Description
from weft.sdk.artifacts.states.logged import Logged
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact

if TYPE_CHECKING:
    from weft.sdk.recording.recorder import Recorder


def use_artifact(
    recorder: Recorder,
    artifact: Artifact | str,
    type_: str | None,
    aliases: Iterable[str] | None,
    use_as: str | None,
) -> Artifact:
    """See `Run.use_artifact`."""
    recorder.life.check_open()
    mode = recorder.settings.mode
    if isinstance(artifact, str):
        used = _named(recorder, artifact, type_)
    elif isinstance(artifact, Artifact):
        used = artifact
        if used.logged is None and used.is_draft():
            log_artifact(recorder, used, None, None, aliases)
        if mode == "online":
            used.wait()
    else:
        raise WrongType(f"an artifact or its name, not {type(artifact).__name__}")
    if mode == "disabled":
        return used
    if type_ is not None and used.type != type_:
        raise UsageError(f"{used.name} is a {used.type}, not a {type_}")
    _record_use(recorder, used, use_as)
    return used


def log_input(recorder: Recorder, artifact: Artifact) -> None:
    """Log a new artifact as an input of the run without waiting for the server, as a callback
    within a training must.
    """
    log_artifact(recorder, artifact, None, None, None)
    if recorder.settings.mode != "disabled":
        _record_use(recorder, artifact, None)


def _record_use(recorder: Recorder, used: Artifact, use_as: str | None) -> None:
    logged = used.logged
    used.note_use(use_as)
    if logged is None:
        name, manifest = used.qualified_name, ""
    else:
        ref = logged.ref or LATEST
        name = str(ArtifactPath(*logged.project, used.collection_name, ref))
        manifest = logged.manifest
    recorder.records.record_artifact(
        lambda micros: ArtifactRecord(
            "use", name, "", manifest, [use_as] if use_as else [], micros
        )
    )


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

    description = Description(path.name, type_ or "unspecified")
    project_names = (path.entity, path.project)
    return Artifact.of_state(Logged(description, look, project=project_names, ref=path.ref))
