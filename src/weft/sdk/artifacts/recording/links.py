"""`run.link_artifact()`. Does I/O.

A link goes through the run's log, so it needs no server and survives a kill. The server makes it
once the version is stored, in the name of who sends the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.errors import CommError, WrongType
from weft.records.files.artifacts import (
    MANIFEST_SUFFIX,
    ArtifactPath,
    LinkTarget,
    check_alias,
    parse_link_target,
)
from weft.records.record import Artifact as ArtifactRecord
from weft.sdk.artifacts.artifact import Artifact
from weft.sdk.artifacts.recording.logs import (
    artifacts_of_run,
    check_strings,
    log_artifact,
    run_names,
)
from weft.sdk.artifacts.states.description import Description
from weft.sdk.artifacts.states.logged import Logged
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact

if TYPE_CHECKING:
    from weft.sdk.recording.recorder import Recorder
    from weft.sdk.setup.settings import Settings


def link_artifact(
    recorder: Recorder, artifact: Artifact, target_path: str, aliases: Sequence[str] | None
) -> Artifact:
    """See `Run.link_artifact`."""
    recorder.life.check_open()
    is_disabled = recorder.settings.mode == "disabled"
    if not isinstance(artifact, Artifact):
        if is_disabled:  # scripts are tried with stand-ins
            return artifact
        raise WrongType(f"an artifact, not {type(artifact).__name__}")
    target = parse_link_target(target_path)
    alias_names = [check_alias(alias) for alias in check_strings(aliases, "aliases")]
    if _is_new(artifact):
        log_artifact(recorder, artifact, None, None, None)
    if is_disabled or _is_new(artifact):
        return artifact  # a message says why it could not be logged
    run = run_names(recorder)
    logged = artifact.logged
    if logged is not None and logged.manifest and (*logged.project, logged.run_id) == run:
        name, manifest = "", logged.manifest
    elif logged is not None and logged.ref:
        name, manifest = (
            str(ArtifactPath(*logged.project, artifact.collection_name, logged.ref)),
            "",
        )
    else:
        name, manifest = artifact.qualified_name, ""
    recorder.records.record_artifact(
        lambda micros: ArtifactRecord(
            "link", name, "", manifest, alias_names, micros, target=str(target)
        )
    )
    folder = manifest.removesuffix(MANIFEST_SUFFIX)
    find_link = partial(_find_link, recorder.settings, run, folder, name, target)
    return Artifact.of_state(Logged(Description(target.name, artifact.type), find_link))


def _is_new(artifact: Artifact) -> bool:
    """Whether it was not logged."""
    return artifact.logged is None and artifact.is_draft()


def _find_link(
    settings: Settings, run: tuple[str, str, str], folder: str, name: str, target: LinkTarget
) -> tuple[ArtifactClient, StoredArtifact] | None:
    """The link that a run asked for; None: it is not there yet.

    CommError if it can't be made. The linked version is in a folder of the run, or has a name.
    """
    client, artifacts = artifacts_of_run(settings, run, folder or None) or (None, None)
    if client is None or artifacts is None:
        return None
    ends = (folder or name, str(target))
    link = next(
        (link for link in reversed(artifacts.links) if (link.source, link.target) == ends), None
    )
    if link is None or link.state == "awaited":
        return None
    if link.state == "failed":
        raise CommError(f"no link to {target} can be made: {link.error}")
    return client, client.version(VersionTarget(*target, link.version or ""))
