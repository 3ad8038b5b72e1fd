"""The files of an artifact that is being made: where each is on this machine. Does I/O."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from weft.errors import ConfigError, UsageError
from weft.records.files.artifact_references import ARTIFACT_SCHEME
from weft.records.files.artifacts import MAX_ENTRIES, ManifestEntry, check_entry_path
from weft.sdk.artifacts.remote.stores import is_known

Policy = Literal["mutable", "immutable"]
POLICIES: Final = ("mutable", "immutable")


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file that is added to an artifact.

    Attributes:
        path: its path in the artifact.
        source: its path on this machine.
        policy: `mutable` to copy it when the artifact is logged, since it may be overwritten;
            `immutable` to link it, since it is never overwritten.
    """

    path: str
    source: Path
    policy: Policy = "mutable"
    is_ours: bool = False


@dataclass
class Draft:
    """The files and references of an artifact that was not logged yet.

    Attributes:
        files: those that are on this machine.
        entries: those whose contents are not needed here: references, and files of a version that
            the draft has taken over.
    """

    files: dict[str, DraftFile] = field(default_factory=dict[str, DraftFile])
    entries: dict[str, ManifestEntry] = field(default_factory=dict[str, ManifestEntry])
    _folder: str | None = None

    @property
    def paths(self) -> list[str]:
        """The paths of all files, sorted."""
        return sorted([*self.files, *self.entries])

    def has(self, path: str) -> bool:
        """Whether it has a file at a path."""
        return path in self.files or path in self.entries

    def add_file(
        self, source: Path, path: str, policy: str, *, overwrite: bool, is_ours: bool = False
    ) -> DraftFile:
        """Add one file.

        Raises:
            UsageError: there is no such file, the policy is unknown, or the artifact has another
                file of that name.
            ConfigError: the name is invalid.
        """
        if policy not in POLICIES:
            raise UsageError(f"policy is 'mutable' or 'immutable', not {policy!r}")
        if not source.is_file():
            kind = "a folder: use add_dir()" if source.is_dir() else "not a file"
            raise UsageError(f"{str(source)!r} is {kind}")
        check_entry_path(path)
        before = self.files.get(path)
        if not overwrite and (path in self.entries or _differ(before, source)):
            raise UsageError(
                f"the artifact has a file {path!r} already: pass overwrite=True to replace it"
            )
        self._check_room(path)
        self.entries.pop(path, None)
        file = DraftFile(path, source, policy, is_ours)  # pyright: ignore[reportArgumentType]
        self.files[path] = file
        return file

    def add_dir(self, source: Path, prefix: str, policy: str) -> int:
        """Add all files below a folder, and return how many they are.

        Raises:
            UsageError: there is no such folder, or it has no files.
            ConfigError: a name is invalid.
        """
        if not source.is_dir():
            raise UsageError(f"{str(source)!r} is not a folder: use add_file()")
        base = prefix.strip("/")
        n_files = 0
        for folder, folders, names in os.walk(source, followlinks=True):
            folders.sort()
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
        """Add a file whose content is not needed here.

        Raises:
            UsageError: the artifact has another file of that name.
            ConfigError: the name is invalid.
        """
        check_entry_path(entry.path)
        if entry.path in self.files:
            raise UsageError(f"the artifact has a file {entry.path!r} already")
        self._check_room(entry.path)
        self.entries[entry.path] = entry

    def remove(self, path: str) -> None:
        """Remove a file or reference, or all below a folder.

        Raises:
            UsageError: the artifact has no such file.
        """
        removed = [
            own_path
            for own_path in self.paths
            if own_path == path or own_path.startswith(f"{path}/")
        ]
        if not removed:
            raise UsageError(f"the artifact has no file {path!r}")
        for removed_path in removed:
            self.files.pop(removed_path, None)
            self.entries.pop(removed_path, None)

    def new_path(self, path: str) -> Path:
        """Return the path for a new file of the artifact, and make its folder."""
        check_entry_path(path)
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

    def _check_room(self, path: str) -> None:
        n_files = len(self.files) + len(self.entries)
        if n_files >= MAX_ENTRIES and path not in self.files and path not in self.entries:
            raise ConfigError(f"an artifact has at most {MAX_ENTRIES} files")


def local_path(reference: str) -> Path | None:
    """The path that a reference `file://…` or a plain path names; None for other addresses.

    >>> local_path("file:///data/a%20b.csv").as_posix(), local_path("s3://bucket/key")
    ('/data/a b.csv', None)
    """
    parts = urlsplit(reference)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(reference) if "://" not in reference else None


def is_fetchable(reference: str) -> bool:
    """Whether a download fetches what a reference stands for.

    >>> is_fetchable("file:///data/a.csv"), is_fetchable("ftp://host/a.csv")
    (True, False)
    """
    is_here = local_path(reference) is not None
    return is_here or reference.startswith(ARTIFACT_SCHEME) or is_known(reference)


def _differ(before: DraftFile | None, source: Path) -> bool:
    if before is None:
        return False
    try:
        return not before.source.samefile(source)
    except OSError:
        return True
