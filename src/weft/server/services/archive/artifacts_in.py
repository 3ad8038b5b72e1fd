"""Imports the artifacts of an archive, in the transaction that reveals its runs.

Used by `importing`. Collections that the project has are left out or refused, as runs are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from weft.errors import CorruptLog
from weft.records.files.artifact_references import ARTIFACT_SCHEME
from weft.records.files.artifacts import (
    MAX_REFERENCE_CHARS,
    ManifestEntry,
    check_alias,
    check_artifact_name,
    check_artifact_type,
    check_entry_path,
    digest_of,
)
from weft.records.ids import SHA256_PATTERN
from weft.records.limits import MAX_MICROS
from weft.server.services.access.paths import ProjectPath
from weft.server.services.archive.format import COLLECTIONS_NAME, VERSIONS_NAME
from weft.server.services.archive.lines import (
    check_existing,
    check_value,
    convert_line,
    find_existing,
)
from weft.server.services.archive.opening import OpenArchive
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import Transaction

_Size = Annotated[int, msgspec.Meta(ge=0)]


class ArtifactsIn:
    """The artifacts of one import.

    The caller calls `check`, `find_existing` and `put`, in this order.
    """

    def __init__(self, archive: OpenArchive) -> None:
        self._archive = archive
        self._collections: set[str] = set()
        self._versions: dict[tuple[str, int], _Version] = {}
        self._left_out: set[str] = set()

    @property
    def n_versions(self) -> int:
        """The number of versions that are imported."""
        return sum(name not in self._left_out for name, _ in self._versions)

    def check(self) -> None:
        """Check all collections and versions."""
        self._archive.check_lines(COLLECTIONS_NAME, self._check_collection)
        self._archive.check_lines(VERSIONS_NAME, self._check_version)

    def find_existing(self, stores: Stores, to: ProjectPath, *, skip_existing: bool) -> None:
        """Find the collections that the project already has."""
        rows = stores.metadata.collections
        self._left_out = find_existing(
            stores,
            to,
            lambda tx, project_id: (
                name
                for name in self._collections
                if rows.find_collection(tx, project_id, name) is not None
            ),
        )
        check_existing("artifacts", self._left_out, to, skip_existing=skip_existing)

    def blobs(self) -> dict[str, int]:
        """The size of each content that the imported versions need, by SHA-256."""
        return {
            content["sha256"]: content["n_bytes"]
            for line in self._archive.lines(VERSIONS_NAME)
            if line["name"] not in self._left_out
            for content in (*line["files"], *line["chunks"])
            if content["state"] == "stored"
        }

    def _check_collection(self, line: dict[str, Any]) -> None:
        name = _collection_in(line)
        if name in self._collections:
            raise CorruptLog(f"the archive is damaged: it has the artifact {name!a} twice")
        self._collections.add(name)

    def _check_version(self, line: dict[str, Any]) -> None:
        record = _version_in(line)
        name, version = record.name, record.version
        if name not in self._collections:
            raise CorruptLog(f"the archive is damaged: it lacks the collection {name!a}")
        if (name, version.version) in self._versions:
            raise CorruptLog(f"the archive is damaged: it has {name}:v{version.version} twice")
        self._check_totals(record)
        self._versions[name, version.version] = version
        for content in (*line["files"], *line["chunks"]):
            if content["state"] == "stored" and not self._archive.has_content(content):
                path = content["path"]
                raise CorruptLog(
                    f"the archive is damaged: it lacks the content of {path!a} of {name}"
                )

    def _check_totals(self, record: _VersionLine) -> None:
        """Check that a stored version has the number, bytes and digest of its files, and a link
        those of the version that it points to, which comes before it.
        """
        version = record.version
        if version.state != "stored":
            return  # the files of a deleted version are gone
        if record.link is None:
            totals = len(record.files), sum(file.n_bytes for file in record.files)
            # References follow collections that are renamed, and the digest stays.
            is_fixed = not any(map(_refers_to_artifact, record.files))
            entries = [file.entry for file in record.files]
            digest = digest_of(entries) if is_fixed else version.digest
        else:
            source = self._versions.get(record.link[:2])
            if source is None:
                return  # `put` refuses it
            totals = source.n_files, source.n_bytes
            digest = source.digest
        if (version.n_files, version.n_bytes) != totals:
            raise CorruptLog(
                f"the archive is damaged: {record.name}:v{version.version} has {totals[0]} files "
                f"of {totals[1]} bytes, and says {version.n_files} of {version.n_bytes}"
            )
        if version.digest != digest:
            raise CorruptLog(
                f"the archive is damaged: the digest of {record.name}:v{version.version} "
                "does not match its files"
            )

    def put(
        self, stores: Stores, tx: Transaction, project_id: int, run_names: Sequence[str]
    ) -> None:
        """Write the artifacts of the runs `run_names`, which were imported."""
        metadata = stores.metadata
        rows = metadata.archived_artifacts
        runs = metadata.trash.all_rows(tx, project_id, run_names)
        ids: dict[str, int] = {}
        aliases: dict[str, dict[str, int]] = {}
        for line in self._archive.lines(COLLECTIONS_NAME):
            name = _collection_in(line)
            if name not in self._left_out:
                ids[name] = rows.write_collection(tx, project_id, line)
                aliases[name] = line["aliases"]
        for line in self._archive.lines(VERSIONS_NAME):
            if line["name"] in ids:
                rows.write_version(tx, ids[line["name"]], runs, line)
        for name, row_id in ids.items():
            rows.write_aliases(tx, row_id, aliases[name])


class _Collection(msgspec.Struct):
    name: str
    type: str


class _CollectionLine(msgspec.Struct):
    collection: _Collection
    aliases: dict[str, int]
    changes: list[dict[str, Any]]


class _Version(msgspec.Struct):
    version: int
    state: str
    digest: str
    n_files: _Size
    n_bytes: _Size


class _File(msgspec.Struct):
    path: str
    state: str
    n_bytes: _Size
    sha256: str = ""
    reference: str | None = None
    checksum: str | None = None

    @property
    def entry(self) -> ManifestEntry:
        """The file as in the version's manifest."""
        return ManifestEntry(
            self.path, self.n_bytes, self.sha256, self.reference or "", self.checksum or ""
        )


class _Chunk(msgspec.Struct):
    path: str
    start: int
    state: str
    n_bytes: int


class _VersionLine(msgspec.Struct):
    name: str
    run: str | None
    version: _Version
    files: list[_File]
    chunks: list[_Chunk]
    uses: list[tuple[str, str, int]]
    link: tuple[str, int, str] | None = None


def _collection_in(line: dict[str, Any]) -> str:
    """The name of a collection, whose line is well-formed."""
    parsed = convert_line(line, _CollectionLine, "artifacts")
    check_value(check_artifact_name, parsed.collection.name)
    check_value(check_artifact_type, parsed.collection.type)
    for alias in parsed.aliases:
        check_value(check_alias, alias)
    return parsed.collection.name


def _version_in(line: dict[str, Any]) -> _VersionLine:
    """A version, whose line is well-formed."""
    version = convert_line(line, _VersionLine, "artifacts")
    subject = f"the archive is damaged: a version of {version.name!a}"
    if version.version.state not in {"stored", "deleted"}:
        raise CorruptLog(f"{subject} has an invalid state")
    for file in version.files:
        _check_file(file)
    if len({file.path for file in version.files}) < len(version.files):
        raise CorruptLog(f"{subject} has a file twice")
    _check_chunks(version, subject)
    if any(
        action not in {"log", "use"} or not 0 <= micros <= MAX_MICROS
        for _, action, micros in version.uses
    ):
        raise CorruptLog(f"{subject} has invalid uses")
    if len({(run, action) for run, action, _ in version.uses}) < len(version.uses):
        raise CorruptLog(f"{subject} has a use twice")
    return version


def _refers_to_artifact(file: _File) -> bool:
    return (file.reference or "").startswith(ARTIFACT_SCHEME)


def _check_file(file: _File) -> None:
    check_value(check_entry_path, file.path)
    if file.state not in {"stored", "chunked", "reference"}:
        raise CorruptLog(f"the archive is damaged: invalid state of {file.path!a}")
    is_reference = file.state == "reference"
    if bool(file.reference) != is_reference or len(file.reference or "") > MAX_REFERENCE_CHARS:
        raise CorruptLog(f"the archive is damaged: invalid reference {file.path!a}")
    if not is_reference and not SHA256_PATTERN.fullmatch(file.sha256):
        raise CorruptLog(f"the archive is damaged: invalid hash of {file.path!a}")


def _check_chunks(version: _VersionLine, subject: str) -> None:
    """Check that the chunks of each file are all of it, without a hole."""
    sizes = {file.path: file.n_bytes for file in version.files if file.state == "chunked"}
    ends = dict.fromkeys(sizes, 0)
    for chunk in sorted(version.chunks, key=lambda chunk: (chunk.path, chunk.start)):
        is_next = ends.get(chunk.path) == chunk.start
        if not is_next or chunk.state != "stored" or chunk.n_bytes <= 0:
            raise CorruptLog(f"{subject} has invalid chunks of {chunk.path!a}")
        ends[chunk.path] += chunk.n_bytes
    for path, end in ends.items():
        if end != sizes[path]:
            raise CorruptLog(f"{subject} has chunks of {path!a} that are not all of it")
