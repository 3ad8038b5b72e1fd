"""References: which files an address stands for, and what they hash to. Does I/O."""

from __future__ import annotations

from pathlib import Path

from weft.client.artifact_client import VersionTarget
from weft.errors import NotFound, UsageError
from weft.records.files.artifact_references import parse_file_address, split_object_version
from weft.records.files.artifacts import MAX_ENTRIES, ManifestEntry
from weft.sdk.artifacts.connecting import artifact_client
from weft.sdk.artifacts.draft import local_path
from weft.sdk.artifacts.entry import ArtifactEntry
from weft.sdk.artifacts.hashing import hash_of
from weft.sdk.artifacts.remote.contract import Store
from weft.sdk.artifacts.remote.stores import is_known, kind_of, store_of
from weft.sdk.setup.precedence import read_settings
from weft.wire.artifacts.artifacts import ArtifactFile


def references_at(
    address: str, name: str | None, *, checksum: bool, most: int | None
) -> list[ManifestEntry]:
    """The entries of what is at an address.

    Args:
        name: its path in the artifact; of a folder, the folder there.
        checksum: ask what the files hash to.
        most: most files of a folder. None: all.

    Raises:
        UsageError: there is no such file, or the folder has more files.
    """
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
        return [_moved(entry, file.n_bytes, file.reference, file.checksum or "")]
    return [_moved(entry, file.n_bytes, address, file.sha256)]


def entry_reference(entry: ArtifactEntry, name: str | None) -> ManifestEntry:
    """The entry of a file of another artifact.

    Raises:
        UsageError: that artifact is not stored yet.
    """
    source = entry.manifest_entry()
    target = ManifestEntry(name or _last_part(entry.path))
    return _moved(target, source.n_bytes, entry.ref_url(), source.sha256 or source.checksum)


def _remote_references(
    store: Store, address: str, name: str | None, most: int | None
) -> list[ManifestEntry]:
    files = store.files_at(address, MAX_ENTRIES if most is None else most)
    is_file = len(files) == 1 and files[0].address == address
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


def reference_fault(file: ArtifactFile) -> str | None:
    """The change of a file that is kept elsewhere; None if there is none, or it is not known.

    Raises:
        CommError: its store can't be reached.
    """
    address = file.reference or ""
    source = local_path(address)
    if source is not None:
        if not source.is_file():
            return f"{file.path} is gone: {address}"
        is_same = not file.checksum or hash_of(source) == file.checksum
        return None if is_same else f"{file.path} was changed: {address}"
    if not file.checksum or not is_known(address):
        return None
    store = store_of(kind_of(address))
    assert store is not None
    try:
        present = store.file_at(address)
    except NotFound:
        return f"{file.path} is gone: {address}"
    is_same = (present.checksum, present.n_bytes) == (file.checksum, file.n_bytes)
    return None if is_same else f"{file.path} was changed: {address}"


def _moved(entry: ManifestEntry, n_bytes: int, reference: str, checksum: str) -> ManifestEntry:
    return ManifestEntry(entry.path, n_bytes, reference=reference, checksum=checksum)


def _last_part(address: str) -> str:
    plain, _ = split_object_version(address)
    return plain.rstrip("/").rpartition("/")[2]


def _local_references(
    source: Path, name: str | None, *, checksum: bool, most: int | None
) -> list[ManifestEntry]:
    """The entries of a file, or of all files of a folder.

    Args:
        name: its path in the artifact; of a folder, the folder there.
        checksum: hash the files.
        most: most files of a folder. None: all.

    Raises:
        UsageError: there is no such file, or the folder has more files.
    """
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
