"""Methods of `weft.Artifact` that add to a draft."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import IO, Any

from weft.errors import UsageError
from weft.records.files.artifacts import ManifestEntry
from weft.sdk.artifacts.files.entry import ArtifactEntry
from weft.sdk.artifacts.methods.stateful import Stateful


class Adding(Stateful):
    """Adds files, references, tables and media to a draft. A base of `Artifact`."""

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
            UsageError: there is no such file, a file of the artifact would be a folder of another,
                or the artifact was logged already.
            ConfigError: the name is invalid.
        """
        source = Path(local_path).absolute()
        file = self.draft.files.add_file(source, name or source.name, policy, overwrite=overwrite)
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
        self.draft.files.add_dir(Path(local_path), name or "", policy)

    @contextlib.contextmanager
    def new_file(
        self,
        name: str,
        mode: str = "x",
        encoding: str | None = None,
        policy: str = "mutable",  # noqa: ARG002  W&B's; the file is not yours to change
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
        files = self.draft.files
        overwrite = "w" in mode
        if name in files.by_path and not overwrite:
            raise UsageError(f"the artifact has a file {name!r} already")
        path = files.new_path(name)
        with path.open(mode.replace("x", "w"), encoding=encoding) as file:
            yield file
        files.add_file(path, name, "immutable", overwrite=overwrite, is_ours=True)

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
        files = self.draft.files
        from weft.sdk.artifacts.making.references import entry_reference, references_at

        if isinstance(uri, str):
            added = references_at(uri, name, checksum=checksum, most=max_objects)
        else:
            added = [entry_reference(uri, name)]
        for entry in added:
            files.add_entry(entry)
        return [ArtifactEntry(self, entry) for entry in added]

    def remove(self, item: str | os.PathLike[str] | ArtifactEntry) -> None:
        """Remove a file, or all files of a folder, from an artifact that was not logged yet.

        Raises:
            UsageError: the artifact has no such file, or it was logged already.
        """
        path = item.path if isinstance(item, ArtifactEntry) else os.fspath(item)
        self.draft.files.remove(path.strip("/"))

    def add(self, obj: Any, name: str, overwrite: bool = False) -> ArtifactEntry:
        """Add a table or media. Its files are stored once, however many objects have them.

        Args:
            obj: a table or media of `weft.data_types`, `Classes`, a mask, or boxes. One that
                `get()` returned refers to the files of its artifact, which are not stored again.
            name: its path in the artifact, without an end: a table at `eval` is the file
                `eval.table.parquet`, an image `eval.image-file.json`.
            overwrite: replace an object that has the name.

        Raises:
            WrongType: it is something else.
            UsageError: the artifact was logged already.

        >>> import weft
        >>> data = weft.Artifact("evaluation", "result")
        >>> data.add(weft.Table(columns=["x"], data=[[1]]), "numbers").path
        'numbers.table.parquet'
        """
        from weft.sdk.artifacts.objects.adding import add_object

        files = self.draft.files
        path = add_object(files, obj, name, overwrite=overwrite)
        return ArtifactEntry(self, *(files.find_entry(path) or (ManifestEntry(path), None)))

    def __setitem__(self, name: str, obj: Any) -> None:
        self.add(obj, name)

    def get_added_local_path_name(self, local_path: str) -> str | None:
        """Return the path that a local file has in an artifact that is being made, or None."""
        source = Path(local_path).absolute()
        files = self.draft.files.local
        return next((file.path for file in files if file.source == source), None)
