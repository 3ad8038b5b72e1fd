"""References to local files: which files an address stands for, and what they hash to."""

from __future__ import annotations

from pathlib import Path

from weft.errors import UsageError
from weft.records.artifacts import ManifestEntry
from weft.sdk.artifacts.download import hash_of


def local_references(
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
