"""The files of an artifact that is being made: where each is on this machine. Does I/O."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final, Literal

from weft.errors import ConfigError, UsageError
from weft.records.files.artifacts import MAX_ENTRIES, ManifestEntry, check_entry_path
from weft.wire.artifacts.files import ArtifactFile

Policy = Literal["mutable", "immutable"]
POLICIES: Final = ("mutable", "immutable")


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file that is added to an artifact.

    Its policy is `mutable` to copy it when the artifact is logged, since it may be overwritten, or
    `immutable` to link it.
    """

    path: str
    source: Path
    policy: Policy = "mutable"
    is_ours: bool = False

    @property
    def n_bytes(self) -> int:
        """The size of the file now."""
        return self.source.stat().st_size


@dataclass
class DraftFiles:
    """The files and references of an artifact that was not logged yet.

    `by_path` has files on this machine, and entries of files whose contents are not needed here:
    references, and files of a version that the draft has taken over.
    """

    by_path: dict[str, DraftFile | ManifestEntry] = field(
        default_factory=dict[str, DraftFile | ManifestEntry]
    )
    server: ClassVar[None] = None
    _folder: str | None = None
    _folders: set[str] = field(default_factory=set[str])

    @property
    def paths(self) -> list[str]:
        """The paths of all files, sorted."""
        return sorted(self.by_path)

    @property
    def local(self) -> list[DraftFile]:
        """The files on this machine."""
        return [file for file in self.by_path.values() if isinstance(file, DraftFile)]

    @property
    def others(self) -> list[ManifestEntry]:
        """The entries of files whose contents are not needed here."""
        return [file for file in self.by_path.values() if isinstance(file, ManifestEntry)]

    @property
    def n_files(self) -> int:
        """Number of its files."""
        return len(self.by_path)

    @property
    def n_bytes(self) -> int:
        return sum(file.n_bytes for file in self.by_path.values())

    def manifest_entries(self) -> list[ManifestEntry]:
        """The entries of all files in a manifest; files on this machine have no hash yet."""
        return [*(ManifestEntry(file.path) for file in self.local), *self.others]

    def find_entry(self, path: str) -> tuple[ManifestEntry, Path | None] | None:
        """A file, and its path on this machine; None if there is no such file."""
        file = self.by_path.get(path)
        if isinstance(file, DraftFile):
            return ManifestEntry(path), file.source
        return None if file is None else (file, None)

    def listed(self, page_files: int = 0) -> Iterator[ArtifactFile]:
        """Yield all files, by path, as a server's entries of files that are still to be sent."""
        del page_files
        for path in self.paths:
            file = self.by_path[path]
            reference = file.reference or None if isinstance(file, ManifestEntry) else None
            yield ArtifactFile(
                path=path,
                n_bytes=file.n_bytes,
                sha256="",
                media_type="",
                url=None,
                reference=reference,
                checksum=None,
                state="awaited",
            )

    def add_file(
        self, source: Path, path: str, policy: str, *, overwrite: bool, is_ours: bool = False
    ) -> DraftFile:
        """Add one file; see `Artifact.add_file`."""
        if policy not in POLICIES:
            raise UsageError(f"policy is 'mutable' or 'immutable', not {policy!r}")
        if not source.is_file():
            kind = "a folder: use add_dir()" if source.is_dir() else "not a file"
            raise UsageError(f"{str(source)!r} is {kind}")
        self._check_path(path)
        if not overwrite and _differ(self.by_path.get(path), source):
            raise UsageError(
                f"the artifact has a file {path!r} already: pass overwrite=True to replace it"
            )
        self._check_room(path)
        file = DraftFile(path, source, policy, is_ours)
        self._put(path, file)
        return file

    def add_dir(self, source: Path, prefix: str, policy: str) -> int:
        """Add all files below a folder, and return how many they are; see `Artifact.add_dir`.

        Links to folders are followed, but not those to a folder that they are in.
        """
        if not source.is_dir():
            raise UsageError(f"{str(source)!r} is not a folder: use add_file()")
        base = prefix.strip("/")
        n_files = 0
        for folder, folders, names in os.walk(source, followlinks=True):
            folders[:] = [name for name in sorted(folders) if not _is_loop(Path(folder, name))]
            below = os.path.relpath(folder, source).replace(os.sep, "/")
            parts = [base] if base else []
            if below != ".":
                parts.append(below)
            for name in sorted(names):
                path = "/".join([*parts, name])
                file = Path(folder, name)
                if file.is_file():
                    self.add_file(file.absolute(), path, policy, overwrite=True)
                    n_files += 1
        if not n_files:
            raise UsageError(f"the folder {str(source)!r} has no files")
        return n_files

    def add_entry(self, entry: ManifestEntry) -> None:
        """Add a file whose content is not needed here; see `Artifact.add_reference`."""
        self._check_path(entry.path)
        if isinstance(self.by_path.get(entry.path), DraftFile):
            raise UsageError(f"the artifact has a file {entry.path!r} already")
        self._check_room(entry.path)
        self._put(entry.path, entry)

    def remove(self, path: str) -> None:
        """Remove a file or reference, or all below a folder; see `Artifact.remove`."""
        removed = [own for own in self.by_path if own == path or own.startswith(f"{path}/")]
        if not removed:
            raise UsageError(f"the artifact has no file {path!r}")
        for removed_path in removed:
            del self.by_path[removed_path]
        self._folders = {folder for own in self.by_path for folder in _folders_of(own)}

    def new_path(self, path: str) -> Path:
        """Return the path for a new file of the artifact, and make its folder."""
        self._check_path(path)
        target = self._draft_folder() / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def scratch_path(self) -> Path:
        """Return the path for a file whose path in the artifact is not known yet."""
        return self._draft_folder() / f".{secrets.token_hex(8)}.making"

    def close(self) -> None:
        """Remove the files that were made for the artifact: it is logged."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _draft_folder(self) -> Path:
        """The folder of the files that were made for the artifact."""
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="weft-artifact-")
            # for an artifact that is never logged
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return Path(self._folder)

    def _put(self, path: str, file: DraftFile | ManifestEntry) -> None:
        self.by_path[path] = file
        self._folders.update(_folders_of(path))

    def _check_path(self, path: str) -> None:
        """Check that a file can have the path, and is no folder of another on a disk."""
        check_entry_path(path)
        if path in self._folders:
            raise UsageError(f"the artifact has files in a folder {path!r}: no file can be there")
        for folder in _folders_of(path):
            if folder in self.by_path:
                raise UsageError(
                    f"the artifact has a file {folder!r}, and {path!r} would be in it"
                )

    def _check_room(self, path: str) -> None:
        if self.n_files >= MAX_ENTRIES and path not in self.by_path:
            raise ConfigError(f"an artifact has at most {MAX_ENTRIES} files")


def _folders_of(path: str) -> Iterator[str]:
    """Yield the folders that a file is in.

    >>> list(_folders_of("a/b/c.txt"))
    ['a/b', 'a']
    """
    while path := path.rpartition("/")[0]:
        yield path


def _is_loop(folder: Path) -> bool:
    """Whether a folder is a link to a folder that it is in."""
    if not folder.is_symlink():
        return False
    real = os.path.realpath(folder)
    return any(os.path.realpath(parent) == real for parent in folder.absolute().parents)


def _differ(before: DraftFile | ManifestEntry | None, source: Path) -> bool:
    if not isinstance(before, DraftFile):
        return before is not None
    try:
        return not before.source.samefile(source)
    except OSError:
        return True
