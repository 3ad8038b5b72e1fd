"""References: which files an address stands for, and what they hash to. Does I/O."""

from __future__ import annotations

from pathlib import Path

from weft.client.artifact_client import VersionTarget
from weft.errors import UsageError
from weft.records.files.artifact_references import parse_file_address, split_object_version
from weft.records.files.artifacts import MAX_ENTRIES, ManifestEntry
from weft.sdk.artifacts.connecting import artifact_client
from weft.sdk.artifacts.files.addresses import local_path
from weft.sdk.artifacts.files.entry import ArtifactEntry
from weft.sdk.artifacts.files.hashing import hash_of
from weft.sdk.artifacts.remote.contract import Store
from weft.sdk.artifacts.remote.stores import kind_of, store_of
from weft.sdk.setup.precedence import read_settings


def references_at(
    address: str, name: str | None, *, checksum: bool, most: int | None
) -> list[ManifestEntry]:
    """The entries of the files at an address; see `Artifact.add_reference`."""
    source = local_path(address)
    if source is not None:
        return _local_references(source, name, checksum=checksum, most=most)
    named = parse_file_address(address)
    if named is None:
        store = store_of(kind_of(address)) if checksum else None
        if store is None:
            return [ManifestEntry(name or _last_part(address), reference=address)]
        return _remote_references(store, address, name, most)
    version, path = named
    entry = ManifestEntry(name or _last_part(path), reference=address)
    if not checksum:
        return [entry]
    file = artifact_client(read_settings({})).file(VersionTarget(*version), path)
    if file.reference is not None:
        address, file_hash = file.reference, file.checksum or ""
    else:
        file_hash = file.sha256
    return [ManifestEntry(entry.path, file.n_bytes, reference=address, checksum=file_hash)]


def entry_reference(entry: ArtifactEntry, name: str | None) -> ManifestEntry:
    """The entry of a file of another artifact."""
    source = entry.manifest_entry()
    checksum = source.sha256 or source.checksum
    path = name or _last_part(entry.path)
    return ManifestEntry(path, source.n_bytes, reference=entry.ref_url(), checksum=checksum)


def _remote_references(
    store: Store, address: str, name: str | None, most: int | None
) -> list[ManifestEntry]:
    files = store.files_at(address, MAX_ENTRIES if most is None else most)
    is_file = [_unversioned(file.address) for file in files] == [_unversioned(address)]
    prefix = f"{name.strip('/')}/" if name and not is_file else ""
    return [
        ManifestEntry(
            name if name and is_file else f"{prefix}{file.path}",
            file.n_bytes,
            reference=file.address,
            checksum=file.checksum,
        )
        for file in files
    ]


def _last_part(address: str) -> str:
    return _unversioned(address).rstrip("/").rpartition("/")[2]


def _unversioned(address: str) -> str:
    return split_object_version(address)[0]


def _local_references(
    source: Path, name: str | None, *, checksum: bool, most: int | None
) -> list[ManifestEntry]:
    """The entries of a file, or of all files of a folder."""
    if source.is_file():
        return [_entry(source, name or source.name, checksum=checksum)]
    if not source.is_dir():
        raise UsageError(f"there is no file or folder {str(source)!r}")
    files = sorted(path for path in source.rglob("*") if path.is_file())
    if most is not None and len(files) > most:
        raise UsageError(
            f"{str(source)!r} has {len(files):,} files, more than max_objects={most:,}"
        )
    prefix = f"{name.strip('/')}/" if name else ""
    return [
        _entry(path, f"{prefix}{path.relative_to(source).as_posix()}", checksum=checksum)
        for path in files
    ]


def _entry(source: Path, path: str, *, checksum: bool) -> ManifestEntry:
    return ManifestEntry(
        path,
        source.stat().st_size,
        reference=source.absolute().as_uri(),
        checksum=hash_of(source) if checksum else "",
    )
