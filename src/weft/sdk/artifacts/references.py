"""References: which files an address stands for, and what they hash to. Does I/O."""

from __future__ import annotations

from pathlib import Path

from weft.client.artifact_client import VersionTarget
from weft.errors import UsageError
from weft.records.artifact_references import parse_file_address
from weft.records.artifacts import ManifestEntry
from weft.sdk.artifacts.connecting import artifact_client
from weft.sdk.artifacts.draft import local_path
from weft.sdk.artifacts.entry import ArtifactEntry
from weft.sdk.artifacts.hashing import hash_of
from weft.sdk.setup.precedence import read_settings


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
        return [ManifestEntry(name or _last_part(address), reference=address)]
    version, path = named
    entry = ManifestEntry(name or _last_part(path), reference=address)
    if not checksum:
        return [entry]
    found = artifact_client(read_settings({})).file(VersionTarget(*version), path)
    if found.reference is not None:
        return [_moved(entry, found.n_bytes, found.reference, found.checksum or "")]
    return [_moved(entry, found.n_bytes, address, found.sha256)]


def entry_reference(entry: ArtifactEntry, name: str | None) -> ManifestEntry:
    """The entry of a file of another artifact.

    Raises:
        UsageError: that artifact is not stored yet.
    """
    known = entry.manifest_entry()
    made = ManifestEntry(name or _last_part(entry.path))
    return _moved(made, known.n_bytes, entry.ref_url(), known.sha256 or known.checksum)


def _moved(entry: ManifestEntry, n_bytes: int, reference: str, checksum: str) -> ManifestEntry:
    return ManifestEntry(entry.path, n_bytes, reference=reference, checksum=checksum)


def _last_part(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


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
