"""Versions of artifacts in hand-made logs, and their contents sent as a sidecar does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import msgspec

from run_log_bytes import HandMadeLog
from weft.records.files.artifacts import Manifest, ManifestEntry
from weft.records.record import Artifact, File


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def add_artifact(
    log: HandMadeLog,
    number: int,
    files: Mapping[str, bytes],
    *,
    name: str = "data",
    kind: str = "dataset",
    aliases: Sequence[str] = (),
    entries: Sequence[ManifestEntry] | None = None,
    action: str = "log",
    distributed_id: str = "",
    **described: Any,
) -> bytes:
    """Add a version to a log that was not sent yet; its manifest.

    Args:
        number: tells it from others of the log.
        entries: what the manifest lists; by default the files.
        action: `part` for a part of a version with this distributed id.
    """
    listed = entries
    if listed is None:
        listed = [
            ManifestEntry(path, len(content), sha256(content)) for path, content in files.items()
        ]
    manifest = msgspec.json.encode(Manifest(list(listed), **described))
    path = f"artifacts/{number:04d}.json"
    log.add(File(path, len(manifest), sha256(manifest), 1))
    log.add(Artifact(action, name, kind, path, list(aliases), 1, distributed_id))
    return manifest


def send_contents(client: httpx.Client, project: str, contents: Sequence[bytes]) -> dict[str, Any]:
    """Send contents to a project, `entity/project`; what became of them."""
    body = msgspec.msgpack.encode(contents)
    sent = client.post(f"/api/v1/projects/{project}/contents", content=body)
    return sent.raise_for_status().json()


def send_artifact(
    client: httpx.Client, project: str, log: HandMadeLog, manifest: bytes, files: Sequence[bytes]
) -> None:
    """Send all contents of a version whose log the server has."""
    send_contents(client, project, [manifest])
    lacking = client.get(f"{log.path}/log/{log.writer}/lacking")
    lacking.raise_for_status()
    send_contents(client, project, files)


def store_version(
    client: httpx.Client,
    project: str,
    files: Mapping[str, bytes],
    *,
    run: str = "run1",
    **named: Any,
) -> dict[str, Any]:
    """Log a version with all of its contents, from a run of its own; what became of it.

    Args:
        project: of the entity `local`.
    """
    log = HandMadeLog(run=run, writer=f"writer{run}", project=project)
    manifest = add_artifact(log, 1, files, **named)
    log.upload(client).raise_for_status()
    send_artifact(client, f"local/{project}", log, manifest, list(files.values()))
    answer = client.get(f"{log.path}/artifacts").raise_for_status()
    return answer.json()["logged"][-1]
