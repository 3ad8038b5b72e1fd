"""`weft.Artifact`: a versioned set of files. A draft until it is logged, then a stored version."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.errors import CommError, Unavailable, UsageError, WrongType
from weft.records.artifacts import (
    Manifest,
    ManifestEntry,
    check_alias,
    check_artifact_name,
    check_artifact_type,
    check_tag,
)
from weft.records.times import iso_time
from weft.records.value import json_safe
from weft.sdk.artifacts.draft import Draft, DraftFile, local_path
from weft.wire.artifacts import Artifact as StoredArtifact
from weft.wire.artifacts import ArtifactFile

_LOOK_SECS: Final = 0.1
"""How often `wait()` looks whether the version is stored."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Where an artifact was logged, so that its version can be found.

    Attributes:
        folder: its folder among the files of the run.
        look: asks what became of it: None until the server knows it.
    """

    folder: Path
    look: Callable[[], tuple[ArtifactClient, StoredArtifact] | None]


class Artifact:
    """A named set of files with versions: a dataset, a model.

    Make one, add files, and log it with `run.log_artifact()`; or get a version that was logged
    with `run.use_artifact()` or `Api.artifact()`, and `download()` it.

    Args:
        name: 1 to 128 letters, digits, `_`, `-` and `.`. Versions with one name are a collection.
        type: such as `dataset` or `model`; all versions of a collection have the same.
        description: a text for readers, in Markdown.
        metadata: values that describe it, by name; anything that JSON can hold.

    Raises:
        ConfigError: the name or the type is invalid.

    >>> import tempfile, weft
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "train.csv").write_text("x,y")
    >>> data = weft.Artifact("mnist", "dataset", metadata={"rows": 1})
    >>> data.add_dir(folder)
    >>> data.files()
    ['train.csv']
    """

    def __init__(
        self,
        name: str,
        type: str,  # noqa: A002  W&B's name
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        incremental: bool = False,  # noqa: ARG002  W&B's argument
        use_as: str | None = None,  # noqa: ARG002  W&B's argument
        storage_region: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> None:
        self._name = check_artifact_name(name)
        self._type = check_artifact_type(type)
        self._description = description or ""
        self._metadata = _checked_metadata(metadata or {})
        self._tags: list[str] = []
        self._ttl_secs = 0
        self._draft: Draft | None = Draft()
        self._logged: Logged | None = None
        self._client: ArtifactClient | None = None
        self._stored: StoredArtifact | None = None

    @classmethod
    def from_server(cls, client: ArtifactClient, stored: StoredArtifact) -> Artifact:
        """A version that a server has."""
        made = cls.__new__(cls)
        made._name, made._type = stored.name, stored.type
        made._draft = made._logged = None
        made._tags, made._ttl_secs = [], 0
        made._take(client, stored)
        return made

    def _take(self, client: ArtifactClient, stored: StoredArtifact) -> None:
        self._client, self._stored = client, stored
        self._description, self._metadata = stored.description, dict(stored.metadata)

    # --- adding files ---

    def add_file(
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        is_tmp: bool = False,  # noqa: ARG002  W&B's argument
        skip_cache: bool = False,  # noqa: ARG002  W&B's argument
        policy: str = "mutable",
        overwrite: bool = False,
    ) -> DraftFile:
        """Add a file. It is read when the artifact is logged.

        Args:
            local_path: the file.
            name: its path in the artifact. Defaults to the file's name.
            policy: `mutable` if it may be overwritten after it is logged: then it is copied, at no
                cost where the file system can share its blocks. `immutable` if it will never be
                overwritten: then it is linked.
            overwrite: replace a file that has the name already.

        Raises:
            UsageError: there is no such file, or the artifact was logged already.
            ConfigError: the name is invalid.
        """
        source = Path(local_path).absolute()
        return self.draft.add_file(source, name or source.name, policy, overwrite=overwrite)

    def add_dir(
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        skip_cache: bool = False,  # noqa: ARG002  W&B's argument
        policy: str = "mutable",
        merge: bool = True,  # noqa: ARG002  W&B's argument
    ) -> None:
        """Add all files of a folder, with the folders below it.

        Args:
            local_path: the folder.
            name: the folder in the artifact that they go to. Defaults to its root.
            policy: see `add_file`.

        Raises:
            UsageError: there is no such folder, or it is empty.
            ConfigError: a name is invalid.
        """
        self.draft.add_dir(Path(local_path), name or "", policy)

    @contextlib.contextmanager
    def new_file(
        self, name: str, mode: str = "x", encoding: str | None = None
    ) -> Generator[IO[Any], None, None]:
        """Open a new file of the artifact to write to.

        Args:
            name: its path in the artifact.
            mode: `x` or `w` for text, `xb` or `wb` for bytes; `w` replaces a file of that name.

        Raises:
            UsageError: the artifact has a file of that name, and the mode does not replace it.

        >>> import weft
        >>> notes = weft.Artifact("notes", "text")
        >>> with notes.new_file("a/b.txt") as file:
        ...     _ = file.write("hello")
        >>> notes.files()
        ['a/b.txt']
        """
        if mode.replace("b", "").replace("t", "") not in {"w", "x"}:
            raise UsageError(f"mode of new_file() is 'x', 'w', 'xb' or 'wb', not {mode!r}")
        draft = self.draft
        overwrite = "w" in mode
        if name in draft.files and not overwrite:
            raise UsageError(f"the artifact has a file {name!r} already")
        path = draft.new_path(name)
        with path.open(mode.replace("x", "w"), encoding=encoding) as file:
            yield file
        draft.add_file(path, name, "immutable", overwrite=overwrite, is_ours=True)

    def add_reference(
        self,
        uri: str | ArtifactFile,
        name: str | None = None,
        checksum: bool = True,
        max_objects: int | None = None,
    ) -> Sequence[ManifestEntry]:
        """Add a file that stays where it is: only its address is kept, and what it hashes to.

        Args:
            uri: an address. Of `file://` or a local path, a folder stands for all files in it.
            name: its path in the artifact; of a folder, the folder there. Defaults to the last
                part of the address.
            checksum: note what the file hashes to, so that a change is noticed.
            max_objects: most files of a folder. None: all.

        Returns:
            What was added.

        Raises:
            UsageError: a local file does not exist, or the artifact has a file of that name.
        """
        draft = self.draft
        address = uri if isinstance(uri, str) else str(uri.reference or uri.url)
        source = local_path(address)
        if source is None:
            entry = ManifestEntry(
                name or address.rstrip("/").rpartition("/")[2], reference=address
            )
            draft.add_reference(entry)
            return [entry]
        from weft.sdk.artifacts.references import local_references

        added = local_references(source, name, checksum=checksum, most=max_objects)
        for entry in added:
            draft.add_reference(entry)
        return added

    def remove(self, item: str | os.PathLike[str] | DraftFile) -> None:
        """Remove a file, or all files of a folder, from an artifact that was not logged yet.

        Raises:
            UsageError: the artifact has no such file, or it was logged already.
        """
        path = item.path if isinstance(item, DraftFile) else os.fspath(item)
        self.draft.remove(path.strip("/"))

    # --- what it is ---

    @property
    def name(self) -> str:
        """The collection's name, and for a stored version `:` and the version."""
        version = self._stored.version if self._stored is not None else None
        return f"{self._name}:{version}" if version is not None else self._name

    @property
    def collection_name(self) -> str:
        """The collection's name."""
        return self._name

    @property
    def type(self) -> str:
        return self._type

    @property
    def entity(self) -> str:
        return self._version.entity

    @property
    def project(self) -> str:
        return self._version.project

    @property
    def qualified_name(self) -> str:
        """`entity/project/name:version`."""
        return f"{self.entity}/{self.project}/{self.name}"

    @property
    def version(self) -> str:
        """The version, such as `v3`.

        Raises:
            UsageError: it was not logged, or is not stored yet: call `wait()`.
        """
        return self._version.version or ""

    @property
    def state(self) -> str:
        """`PENDING` until it is stored, then `COMMITTED`."""
        return "COMMITTED" if self._is_stored() else "PENDING"

    @property
    def digest(self) -> str:
        """Versions with one digest have the same files."""
        return self._version.digest

    @property
    def size(self) -> int:
        """The bytes of all files."""
        if self._draft is not None:
            return sum(file.source.stat().st_size for file in self._draft.files.values()) + sum(
                entry.n_bytes for entry in self._draft.references.values()
            )
        return self._version.n_bytes

    @property
    def file_count(self) -> int:
        """How many files it has."""
        return len(self._draft.paths) if self._draft is not None else self._version.n_files

    @property
    def created_at(self) -> str:
        """When it was logged: ISO 8601, UTC."""
        return iso_time(self._version.created_micros)

    @property
    def description(self) -> str | None:
        return self._description or None

    @description.setter
    def description(self, text: str | None) -> None:
        self._description = text or ""

    @property
    def metadata(self) -> dict[str, Any]:
        """Values that describe it. Of a stored version, `save()` sends what was changed."""
        return self._metadata

    @metadata.setter
    def metadata(self, values: Mapping[str, Any]) -> None:
        self._metadata = _checked_metadata(values)

    @property
    def aliases(self) -> list[str]:
        """The aliases that the stored version has."""
        return list(self._version.aliases)

    @aliases.setter
    def aliases(self, aliases: Sequence[str]) -> None:
        wanted = [check_alias(alias) for alias in aliases]
        had = self._version.aliases
        self._edit(
            add_aliases=[alias for alias in wanted if alias not in had],
            remove_aliases=[alias for alias in had if alias not in wanted],
        )

    @property
    def tags(self) -> list[str]:
        return list(self._stored.tags) if self._stored is not None else list(self._tags)

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        wanted = [check_tag(tag) for tag in tags]
        if self._stored is None:
            self._tags = wanted
            return
        had = self._stored.tags
        self._edit(
            add_tags=[tag for tag in wanted if tag not in had],
            remove_tags=[tag for tag in had if tag not in wanted],
        )

    @property
    def ttl(self) -> timedelta | None:
        """How long from now on the version is kept; None: until it is deleted.

        A version that has an alias besides `latest` stays all the same.
        """
        if self._stored is None:
            return timedelta(seconds=self._ttl_secs) if self._ttl_secs else None
        if self._stored.expires_micros is None:
            return None
        left = self._stored.expires_micros / 1e6 - time.time()
        return timedelta(seconds=max(0.0, left))

    @ttl.setter
    def ttl(self, kept: timedelta | None) -> None:
        if kept is not None and kept.total_seconds() < 1:
            raise UsageError(f"ttl must be a second or more, or None, not {kept}")
        secs = None if kept is None else int(kept.total_seconds())
        if self._stored is None:
            self._ttl_secs = secs or 0
        else:
            self._edit(ttl_secs=secs)

    @property
    def manifest(self) -> Manifest:
        """The files of it with their hashes. Of a stored version, they come from the server."""
        if self._draft is not None:
            files = [ManifestEntry(path) for path in self._draft.files]
            return self.made_manifest([*files, *self._draft.references.values()])
        return self.made_manifest(
            [
                ManifestEntry(
                    one.path, one.n_bytes, one.sha256, one.reference or "", one.checksum or ""
                )
                for one in self._files()
            ]
        )

    def files(self, names: Sequence[str] | None = None) -> list[str]:
        """The paths of its files, sorted.

        Args:
            names: only these.
        """
        paths = (
            self._draft.paths if self._draft is not None else [one.path for one in self._files()]
        )
        return [path for path in paths if names is None or path in names]

    # --- a stored version ---

    def wait(self, timeout: float | None = None) -> Artifact:
        """Wait until the artifact that was logged is stored on the server.

        Args:
            timeout: longest wait, in seconds. None: as long as it takes.

        Raises:
            UsageError: it was not logged.
            CommError: it can't be stored; the message says why.
            Unavailable: it is not stored after `timeout`, or its run has no server.
        """
        if self._logged is None and self._stored is None:
            raise UsageError(f"artifact {self._name} was not logged: run.log_artifact() does that")
        end = None if timeout is None else time.monotonic() + timeout
        while not self._is_stored():
            if end is not None and time.monotonic() >= end:
                raise Unavailable(f"artifact {self._name} is not stored after {timeout} s")
            time.sleep(_LOOK_SECS)
        return self

    def download(
        self,
        root: str | os.PathLike[str] | None = None,
        allow_missing_references: bool = False,
        skip_cache: bool | None = None,  # noqa: ARG002  W&B's argument
        path_prefix: str | os.PathLike[str] | None = None,
    ) -> str:
        """Fetch its files to this machine, several at once. Each is checked by its hash.

        Files that are there already and are right are not fetched again, so a download that was
        interrupted continues.

        Args:
            root: the folder. Defaults to `./artifacts/name:v3`.
            allow_missing_references: leave files that are kept elsewhere where they are.
            path_prefix: only files whose path begins with this.

        Returns:
            The folder.

        Raises:
            UsageError: the artifact is not stored yet: call `wait()`.
            CommError: the server can't be reached, or a content is damaged there.
        """
        from weft.sdk.artifacts.download import download_files

        name = self.name if os.name != "nt" else self.name.replace(":", "-")
        folder = Path(root) if root is not None else Path("artifacts", name)
        client = self._connected
        prefix = "" if path_prefix is None else os.fspath(path_prefix)
        folder.mkdir(parents=True, exist_ok=True)
        download_files(
            client,
            client.files(self._target, prefix=prefix),
            folder,
            keep_references=allow_missing_references,
        )
        return str(folder)

    def file(self, root: str | os.PathLike[str] | None = None) -> str:
        """Fetch the only file of it, and return its path.

        Raises:
            UsageError: it has several files.
        """
        paths = self.files()
        if len(paths) != 1:
            raise UsageError(f"{self.name} has {len(paths)} files, not one: use download()")
        return str(Path(self.download(root), paths[0]))

    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """Check that a folder has the files of this version and no others.

        Args:
            root: the folder. Defaults to where `download()` puts them.

        Raises:
            ValueError: a file is missing, was changed, or does not belong to it.
        """
        from weft.sdk.artifacts.download import hash_of

        folder = Path(root) if root is not None else Path("artifacts", self.name)
        expected = {one.path: one for one in self._files() if one.state != "reference"}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and name not in expected:
                raise UsageError(f"{name} does not belong to {self.name}")
        for name, one in expected.items():
            path = folder / name
            if not path.is_file():
                raise UsageError(f"{name} of {self.name} is missing in {folder}")
            if hash_of(path) != one.sha256:
                raise UsageError(f"{name} is not as it is in {self.name}")

    def checkout(self, root: str | os.PathLike[str] | None = None) -> str:
        """Make a folder have the files of this version and no others; returns the folder."""
        folder = Path(root) if root is not None else Path("artifacts", self.name)
        wanted = set(self.files())
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_file() and path.relative_to(folder).as_posix() not in wanted:
                path.unlink()
        return self.download(folder)

    def save(self) -> None:
        """Send the changed description and metadata of a stored version.

        Raises:
            UsageError: it is not stored yet.
        """
        self._edit(description=self._description, metadata=json_safe(self._metadata))

    def delete(self, delete_aliases: bool = False) -> None:
        """Delete this version permanently.

        Args:
            delete_aliases: also if it has aliases besides `latest`.

        Raises:
            Conflict: it has aliases, and `delete_aliases` is not set.
        """
        self._connected.delete(self._target, with_aliases=delete_aliases)

    def __repr__(self) -> str:
        return f"<Artifact {self.name} ({self._type})>"

    # --- for `recording` ---

    def made_manifest(self, entries: list[ManifestEntry]) -> Manifest:
        """The manifest of it with these files."""
        return Manifest(
            entries=entries,
            description=self._description,
            metadata=json_safe(self._metadata),
            tags=self.tags,
            ttl_secs=self._ttl_secs,
        )

    def note_logged(self, logged: Logged) -> None:
        """Note that it is in a run's log: it can't be changed any more."""
        if self._draft is not None:
            self._draft.close()
        self._draft, self._logged = None, logged

    @property
    def draft(self) -> Draft:
        """The files of it while it is being made.

        Raises:
            UsageError: it was logged already.
        """
        if self._draft is None:
            raise UsageError(
                f"artifact {self._name} was logged already and can't be changed: make a new one"
            )
        return self._draft

    def _is_stored(self) -> bool:
        if self._stored is not None:
            return True
        found = self._logged.look() if self._logged is not None else None
        if found is None or found[1].state == "awaited":
            return False
        if found[1].state == "failed":
            raise CommError(f"artifact {self._name} can't be stored: {found[1].error}")
        self._take(*found)
        return True

    @property
    def _version(self) -> StoredArtifact:
        if not self._is_stored() or self._stored is None:
            known = "is not stored yet: call wait()" if self._logged else "was not logged yet"
            raise UsageError(f"artifact {self._name} {known}")
        return self._stored

    @property
    def _target(self) -> VersionTarget:
        stored = self._version
        return VersionTarget(stored.entity, stored.project, stored.name, stored.version or "")

    @property
    def _connected(self) -> ArtifactClient:
        _ = self._version
        assert self._client is not None
        return self._client

    def _files(self) -> Iterator[ArtifactFile]:
        return self._connected.files(self._target)

    def _edit(self, **edit: Any) -> None:
        self._take(self._connected, self._connected.edit(self._target, edit))


def _checked_metadata(values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        msgspec.json.encode(json_safe(dict(values)))
    except (TypeError, ValueError) as error:
        raise WrongType(f"metadata must be a dict that JSON can hold: {error}") from None
    return dict(values)
