"""Copies the artifact versions of a W&B server, and which runs used them. Does I/O.

Each version is a log of its own, named by the version, in a directory of the run that logged it.
They are sent one after another in the order in which they were made, so that they get the same
numbers. What may change, aliases and tags, is compared again by each copy.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from weft.errors import ConfigError, Unavailable
from weft.records.files.artifact_references import address_of_object_version, file_address
from weft.records.files.artifacts import (
    ARTIFACTS_FOLDER,
    LATEST,
    MANIFEST_SUFFIX,
    ArtifactPath,
    Manifest,
    ManifestEntry,
    check_alias,
    check_artifact_name,
    check_artifact_type,
    check_entry_path,
    check_tag,
)
from weft.records.record import Artifact, Run
from weft.runlog.layout import FILES, log_path, run_directory
from weft.runlog.reader import open_file
from weft.sync.files.encoders.manifest import DraftManifest, encode
from weft.wandb_import.copied_artifacts import CopiedArtifacts
from weft.wandb_import.copying import SERVER_VERSION, micros_of_time, run_origin
from weft.wandb_import.json_fields import as_object, json_object
from weft.wandb_import.run_files import file_record
from weft.wandb_import.run_log import ImportedLog, imported_header, writer_id_of
from weft.wandb_import.wandb_server import RemoteFile, WandbServer

_AT_ONCE: Final = 8
_PIECE_BYTES: Final = 1 << 20
_WANDB_SCHEME: Final = "wandb-artifact://"
"""The scheme of a file in another version; the hex of its id and a path follow."""

_INTERNAL_TYPES: Final = ("wandb-history", "job")
"""Types of W&B's own artifacts: exports of rows, and descriptions of launched programs."""


class Target(Protocol):
    """The server to which the versions are copied."""

    def send(self, directory: Path) -> None:
        """Send a run directory; the server adds nothing twice."""
        ...

    def version(self, run_id: str, folder: str) -> str | None:
        """The version, such as `v3`, that was logged under a folder. None if there is none yet."""
        ...

    def describe(self, name: str, version: str, aliases: list[str], tags: list[str]) -> None:
        """Give a version the aliases and tags that it lacks."""
        ...


@dataclass(frozen=True, slots=True)
class _Version:
    """A version on the W&B server."""

    run: dict[str, Any]
    node: dict[str, Any]
    name: str
    type: str
    writer_id: str
    micros: int
    aliases: list[str]
    tags: list[str]

    @property
    def run_id(self) -> str:
        return str(self.run["name"])

    @property
    def folder(self) -> str:
        return f"{ARTIFACTS_FOLDER}{self.writer_id}"


class ArtifactCopier:
    """Copies the versions of one project.

    `base` is where run directories are written. `target` sends each of them, and may remove it.
    None: they stay, to be sent later; uses are left out, as the numbers of versions come from a
    server. `names` are the entity and project in which the versions are found there.
    """

    def __init__(
        self,
        server: WandbServer,
        base: Path,
        target: Target | None,
        *,
        project: str,
        entity: str | None,
        names: tuple[str, str],
    ) -> None:
        self._server = server
        self._base = base
        self._target = target
        self._project, self._entity = project, entity
        self._names = names
        self._result = CopiedArtifacts()
        self._copied: dict[str, ArtifactPath] = {}
        """The new versions, by their ids on the W&B server."""

    def copy(
        self,
        runs: Sequence[dict[str, Any]],
        progress: Callable[[int], None] = lambda _: None,
    ) -> CopiedArtifacts:
        """Copy the versions that runs logged, and note which ones they used.

        The runs, from `WandbServer.runs`, have been copied before.
        """
        versions = [
            version
            for run in runs
            for version in _logged(self._server, run, self._result.left_out)
        ]
        versions.sort(key=lambda version: (version.micros, version.node.get("versionIndex") or 0))
        for nth, version in enumerate(versions):
            number = self._copy_version(version)
            if number is not None:
                path = ArtifactPath(*self._names, version.name, number)
                self._copied[str(version.node["id"])] = path
            progress(nth + 1)
        if self._target is not None:
            for run in runs:
                self._copy_uses(run, self._target)
        return self._result

    def _copy_version(self, version: _Version) -> str | None:
        """Copy a version unless it is there; its number, if that is known."""
        target = self._target
        if target is None:
            self._write(version)
            return None
        number = target.version(version.run_id, version.folder)
        if number is not None:
            target.describe(version.name, number, version.aliases, version.tags)
            return number
        directory = self._write(version)
        if directory is None:
            return None
        target.send(directory)
        return target.version(version.run_id, version.folder)

    def _write(self, version: _Version) -> Path | None:
        """Write the run directory of a version. None if its files can't be had."""
        directory = run_directory(self._base, version.run_id, version.micros / 1e6)
        folder = directory / FILES / version.folder
        path = f"{version.folder}{MANIFEST_SUFFIX}"

        def open_entry(path: str) -> int:
            return open_file(folder / path)

        try:
            entries, nanos = self._place_files(version, folder)
            manifest = Manifest(
                entries,
                description=str(version.node.get("description") or ""),
                metadata=json_object(version.node.get("metadata")),
                tags=version.tags,
            )
            payload = msgspec.msgpack.encode(DraftManifest(manifest, nanos))
            with (directory / FILES / path).open("wb") as out:
                encode(memoryview(payload), {"open_entry": open_entry}, out)
            # The time of the download would make each copy another one.
            secs = version.micros // 1_000_000
            os.utime(directory / FILES / path, (secs, secs))
        except (OSError, ValueError, Unavailable) as error:
            # A ConfigError is a ValueError.
            number = version.node.get("versionIndex")
            self._result.faults.append(f"artifact {version.name}:v{number} is not copied: {error}")
            shutil.rmtree(folder, ignore_errors=True)
            return None
        with self._log(version.run, directory, version.writer_id, version.micros) as log:
            log.append(file_record(directory / FILES / path, path, version.micros))
            log.append(Artifact("log", version.name, version.type, path, version.aliases, 0))
        self._result.n_versions += 1
        self._result.n_files += len(entries)
        self._result.n_bytes += sum(entry.n_bytes for entry in entries)
        return directory

    def _place_files(
        self, version: _Version, folder: Path
    ) -> tuple[list[ManifestEntry], list[int]]:
        """Download the files of a version; return its entries, and each file's time of change."""
        folder.mkdir(parents=True, exist_ok=True)
        entries: list[ManifestEntry] = []
        nanos: list[int] = []
        digests: dict[str, str] = {}
        for path, entry in self._server.manifest(version.node).items():
            check_entry_path(path)
            fields = as_object(entry)
            if fields.get("ref"):
                entries.append(self._reference(path, fields))
                nanos.append(0)
            else:
                digests[path] = str(fields.get("digest") or "")

        def fetch(file: RemoteFile) -> tuple[str, int, int]:
            target = folder / file.name
            self._server.download(file, target)
            if _md5_text(target) != digests[file.name]:
                raise Unavailable(f"{file.name} has not the content that the server announced")
            state = target.stat()
            return file.name, state.st_size, state.st_mtime_ns

        if digests:
            files = self._server.artifact_files(str(version.node["id"]))
            remote_files = [file for file in files if file.name in digests]
            if len(remote_files) < len(digests):
                raise Unavailable("the server does not have all files of the version")
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                for path, n_bytes, changed in pool.map(fetch, remote_files):
                    entries.append(ManifestEntry(path, n_bytes))
                    nanos.append(changed)
        pairs = sorted(zip(entries, nanos, strict=True), key=lambda pair: pair[0].path)
        return [entry for entry, _ in pairs], [changed for _, changed in pairs]

    def _reference(self, path: str, fields: dict[str, Any]) -> ManifestEntry:
        """The entry of a referenced file; a file in another version refers to its copy."""
        size = fields.get("size")
        n_bytes = size if type(size) is int and size > 0 else 0
        reference, checksum = str(fields["ref"]), str(fields.get("digest") or "")
        if checksum == reference:  # the client had not asked the storage for one
            checksum = ""
        if reference.startswith(_WANDB_SCHEME):
            hexed, _, name = reference.removeprefix(_WANDB_SCHEME).partition("/")
            with contextlib.suppress(ValueError):
                there = self._copied.get(base64.b64encode(bytes.fromhex(hexed)).decode())
                if there is not None:
                    return ManifestEntry(path, n_bytes, "", file_address(there, name))
            self._result.left_out["files in artifact versions that were not copied"] += 1
        version = as_object(fields.get("extra")).get("versionID")
        if version:
            reference = address_of_object_version(reference, str(version))
        return ManifestEntry(path, n_bytes, "", reference, checksum)

    def _copy_uses(self, run: dict[str, Any], target: Target) -> None:
        """Note which versions a run used, in a log that is named by them."""
        run_id = str(run["name"])
        names: list[str] = []
        for node in self._server.artifacts(run_id, used=True):
            path = self._copied.get(str(node["id"]))
            if path is not None:
                names.append(str(path))
            elif as_object(node.get("artifactType")).get("name") not in _INTERNAL_TYPES:
                self._result.left_out["uses of artifact versions that were not copied"] += 1
        if not names:
            return
        writer_id = writer_id_of(*run_origin(self._server, run_id), "uses", *sorted(names))
        micros = micros_of_time(run.get("createdAt")) or 0
        directory = run_directory(self._base, run_id, micros / 1e6)
        with self._log(run, directory, writer_id, micros) as log:
            for name in sorted(names):
                log.append(Artifact("use", name, "", ""))
        target.send(directory)

    @contextlib.contextmanager
    def _log(
        self, run: dict[str, Any], directory: Path, writer_id: str, micros: int
    ) -> Generator[ImportedLog]:
        """A log that belongs to a run's main one, with its first record."""
        run_id = str(run["name"])
        header = imported_header(
            run_id,
            writer_id,
            start_micros=micros,
            host="",
            version=SERVER_VERSION,
            parent_writer=writer_id_of(*run_origin(self._server, run_id)),
        )
        directory.mkdir(parents=True, exist_ok=True)
        with log_path(directory, run_id, writer_id).open("wb") as out:
            log = ImportedLog(header, out)
            start = micros_of_time(run.get("createdAt")) or 0
            log.append(Run(run_id, self._project, entity=self._entity, start_micros=start))
            yield log


def _logged(
    server: WandbServer, run: dict[str, Any], left_out: Counter[str]
) -> Iterator[_Version]:
    for node in server.artifacts(str(run["name"])):
        sequence, type_ = (
            as_object(node.get("artifactSequence")),
            as_object(node.get("artifactType")),
        )
        if node.get("state") != "COMMITTED" or type_.get("name") in _INTERNAL_TYPES:
            continue
        try:
            name = check_artifact_name(sequence.get("name"))
            type_name = check_artifact_type(type_.get("name"))
        except ConfigError:
            left_out["artifact versions with an invalid name or type"] += 1
            continue
        aliases = [
            str(alias.get("alias"))
            for alias in map(as_object, node.get("aliases") or ())
            if as_object(alias.get("artifactCollection")).get("name", name) == name
        ]
        tags = [str(as_object(tag).get("name")) for tag in node.get("tags") or ()]
        yield _Version(
            run,
            node,
            name,
            type_name,
            writer_id_of(server.url, "artifact", str(node["id"])),
            micros_of_time(node.get("createdAt")) or 0,
            [alias for alias in aliases if alias != LATEST and _is_valid(check_alias, alias)],
            [tag for tag in tags if _is_valid(check_tag, tag)],
        )


def _md5_text(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return base64.b64encode(digest.digest()).decode()


def _is_valid(check: Callable[[object], str], text: str) -> bool:
    try:
        check(text)
    except ConfigError:
        return False
    return True
