"""Adding files to an artifact that is being made."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import IO, Any

from weft.errors import UsageError
from weft.records.files.artifacts import ManifestEntry
from weft.sdk.artifacts.entry import ArtifactEntry
from weft.sdk.artifacts.objects import Objects


class Adding(Objects):
    """Adds files and references. A base of `Artifact`."""

    def add_file(
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        is_tmp: bool = False,  # noqa: ARG002  W&B's argument
        skip_cache: bool = False,  # noqa: ARG002  W&B's argument
        policy: str = "mutable",
        overwrite: bool = False,
    ) -> ArtifactEntry:
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
        file = self.draft.add_file(source, name or source.name, policy, overwrite=overwrite)
        return ArtifactEntry(self, ManifestEntry(file.path), source)

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
        >>> notes.paths
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
        uri: str | ArtifactEntry,
        name: str | None = None,
        checksum: bool = True,
        max_objects: int | None = None,
    ) -> Sequence[ArtifactEntry]:
        """Add a file that stays where it is: only its address is kept, and what it hashes to.

        Args:
            uri: an address: `file://` or a local path, `https://`, `s3://` or `gs://`; a folder
                stands for all files in it. Or a file of another artifact: what `get_entry()`
                returns, or its `ref_url()`. Other addresses are noted as they are.
            name: its path in the artifact; of a folder, the folder there. Defaults to the last
                part of the address.
            checksum: ask for the size and the hash of each file, so that a change is noticed: the
                SHA-256 of local files, what a web server or a bucket gives as ETag. If False, no
                server is asked, and the address of a folder there is noted as one file.
            max_objects: most files of a folder. None: all.

        Returns:
            What was added.

        Raises:
            UsageError: there is no such file, a folder has more files than `max_objects`, or the
                artifact has a file of that name.
            CommError: the place can't be reached, or refuses it.
            MissingLibrary: it is in a bucket, and the package obstore is not installed.
        """
        draft = self.draft
        from weft.sdk.artifacts.references import entry_reference, references_at

        if isinstance(uri, str):
            added = references_at(uri, name, checksum=checksum, most=max_objects)
        else:
            added = [entry_reference(uri, name)]
        for entry in added:
            draft.add_entry(entry)
        return [ArtifactEntry(self, entry) for entry in added]

    def remove(self, item: str | os.PathLike[str] | ArtifactEntry) -> None:
        """Remove a file, or all files of a folder, from an artifact that was not logged yet.

        Raises:
            UsageError: the artifact has no such file, or it was logged already.
        """
        path = item.path if isinstance(item, ArtifactEntry) else os.fspath(item)
        self.draft.remove(path.strip("/"))
