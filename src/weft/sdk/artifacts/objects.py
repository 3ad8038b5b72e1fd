"""Tables and media in an artifact: `add()` stores them, `get()` makes them again. Does I/O."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from weft.client.artifact_client import VersionTarget
from weft.errors import NoSuchEntry, NotFound, WrongType
from weft.records.files.artifact_references import file_address, parse_file_address
from weft.records.files.artifacts import ArtifactPath, ManifestEntry
from weft.records.files.media_kinds import CLASS_OF_TYPE
from weft.records.value import json_safe
from weft.sdk.artifacts.draft import is_fetchable
from weft.sdk.artifacts.entry import ArtifactEntry
from weft.sdk.artifacts.fetching import Fetching
from weft.sdk.artifacts.files import FileOfArtifact, FilesOfArtifact, fields_of
from weft.wire.artifacts.artifacts import ArtifactFile, ArtifactFileList

if TYPE_CHECKING:
    from weft.sdk.artifacts.filing import ArtifactFiling
    from weft.sdk.media.media import Origin


class Objects(Fetching):
    """Adds and gets tables and media, and single files. A base of `Artifact`."""

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
        from weft.sdk.artifacts.filing import ArtifactFiling
        from weft.sdk.media.tables.table import Table

        draft = self.draft
        filing = ArtifactFiling(draft)
        kind = "table" if isinstance(obj, Table) else _kind_of(obj)
        path = _ended(name, "table.parquet" if kind == "table" else f"{kind}.json")
        if draft.has(path) and not overwrite:
            return self.get_entry(path)
        if isinstance(obj, Table):
            filing.add_at(path, obj.payload(filing))
        else:
            content = msgspec.json.encode(json_safe(_reference_of(obj, kind, filing)))
            filing.add_json(path, content)
        return self.get_entry(path)

    def get(self, name: str) -> Any:
        """Return a table or media that was added; its files are fetched.

        Args:
            name: the name that it was added as, or its path.

        Returns:
            The object. None if there is no object of this name.

        Raises:
            UsageError: the artifact is not stored yet.
        """
        from weft.sdk.artifacts.restoring import TABLE_ENDS, Restoring

        path = self._object_at(name)
        if path is None:
            return None
        address = self._connected.file(self._target, path).reference
        named = None if address is None else parse_file_address(address)
        if named is not None:  # its files are in the artifact that it refers to
            source = self._other(named[0])
            return source.get(named[1])
        files = _Files(self)
        restoring = Restoring(files.fetch, files.origin_of, files.tables_in, self._object_at)
        if path.endswith(TABLE_ENDS):
            return restoring.table(path)
        return restoring.value(Path(self.fetch([path]), path).read_bytes())

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __setitem__(self, name: str, obj: Any) -> None:
        self.add(obj, name)

    def files(
        self, names: Sequence[str] | None = None, per_page: int = 1000, start: str | None = None
    ) -> FilesOfArtifact:
        """The files of it, sorted by path and fetched as they are read. `paths` has their names.

        Args:
            names: only these.
            per_page: the number of files that one request fetches, at most 1,000.
            start: a path; files that come before it are left out.

        Raises:
            UsageError: it was logged and is not stored yet: call `wait()`.
        """
        if self._draft is not None:
            entries = (self.get_entry(path) for path in self._draft.paths)
            stored: Iterable[ArtifactFile] = (fields_of(entry) for entry in entries)
            server = None
        else:
            client = self._connected
            limit = min(max(1, per_page), 1000)
            pages = client.file_pages(self._target, limit=limit)
            stored = (file for page in pages for file in page.files)
            server = None if self._staged is not None else client.url
        requested = None if names is None else set(names)
        files = (
            FileOfArtifact(self, file, server)
            for file in stored
            if (requested is None or file.path in requested) and (not start or file.path >= start)
        )
        is_counted = requested is None and not start and self._staged is None
        n_files = self.file_count if is_counted else None
        return FilesOfArtifact(files, n_files)

    def get_entry(self, name: str | os.PathLike[str]) -> ArtifactEntry:
        """Return one file of it.

        Args:
            name: its path in the artifact; of a table or media, also the name it was added as.

        Raises:
            NotFound: the artifact has no such file. It is a KeyError, too.
        """
        path = os.fspath(name).replace(os.sep, "/")
        if self._draft is not None:
            file, reference = self._draft.files.get(path), self._draft.entries.get(path)
            if file is None and reference is None:
                raise NoSuchEntry(f"artifact {self._name} has no file {path!r}")
            source = None if file is None else file.source
            return ArtifactEntry(self, reference or ManifestEntry(path), source)
        try:
            stored = self._connected.file(self._target, path)
        except NotFound:
            other = self._object_at(path)
            if other is None:
                raise NoSuchEntry(f"artifact {self.name} has no file {path!r}") from None
            stored = self._connected.file(self._target, other)
        return ArtifactEntry(self, entry_of(stored))

    def get_path(self, name: str | os.PathLike[str]) -> ArtifactEntry:
        """Return one file of it; W&B's older name for `get_entry`."""
        return self.get_entry(name)

    def get_added_local_path_name(self, local_path: str) -> str | None:
        """Return the path that a local file has in an artifact that is being made, or None."""
        source = Path(local_path).absolute()
        files = self.draft.files.values()
        return next((file.path for file in files if file.source == source), None)

    def address_of(self, path: str) -> str:
        """The address by which another artifact refers to a file; see `ArtifactEntry.ref_url`."""
        return file_address(ArtifactPath(*self._target), path)

    def _other(self, version: ArtifactPath) -> Objects:
        """A version that this one refers to."""
        stored = self._connected.version(VersionTarget(*version))
        kind = cast("Any", type(self))
        return kind.from_server(self._connected, stored, self._settings)

    def _object_at(self, name: str) -> str | None:
        """The path of the table or media that was added under a name, or has this path."""
        from weft.sdk.artifacts.restoring import OBJECT_ENDS, TABLE_ENDS

        ends = (*TABLE_ENDS, *OBJECT_ENDS)
        prefix = name if name.endswith(ends) else f"{name}."
        page = next(self._connected.file_pages(self._target, prefix=prefix, limit=100))
        there = {file.path for file in page.files}
        return next(
            (
                candidate
                for candidate in (name, *(name + end for end in ends))
                if candidate in there
            ),
            None,
        )


class _Files:
    """The files of a version that an object needs, and where they come from."""

    def __init__(self, artifact: Objects) -> None:
        self._artifact = artifact
        self._listed: dict[str, ArtifactFile] = {}

    def fetch(self, paths: list[str]) -> dict[str, Path | str]:
        """See `Restoring`."""
        new = [path for path in paths if path not in self._listed]
        folder = Path(self._artifact.fetch_pages(self._pages(new)))
        lost = [path for path in paths if path not in self._listed]
        if lost:
            raise NoSuchEntry(f"artifact {self._artifact.name} has no file {lost[0]!r}")
        return {path: self._address_of(path) or folder / path for path in paths}

    def origin_of(self, path: str) -> Origin | None:
        """See `Restoring`."""
        from weft.sdk.media.media import Origin

        if self._artifact.logged is not None:  # no other artifact can refer to it yet
            return None
        file = self._listed[path]
        if file.reference is not None:
            return Origin(file.reference, file.n_bytes, file.checksum or "")
        return Origin(self._artifact.address_of(path), file.n_bytes, file.sha256)

    def tables_in(self, folder: str) -> list[str]:
        """See `Restoring`."""
        from weft.sdk.artifacts.restoring import TABLE_ENDS

        return [path for path in self._artifact.paths if _is_table_in(path, folder, TABLE_ENDS)]

    def _pages(self, paths: list[str]) -> Iterator[ArtifactFileList]:
        for page in self._artifact.pages_of(paths):
            self._listed.update((file.path, file) for file in page.files)
            contents = page.contents or [None] * len(page.files)
            here = [
                (file, content)
                for file, content in zip(page.files, contents, strict=True)
                if self._address_of(file.path) is None
            ]
            yield ArtifactFileList(
                files=[file for file, _ in here],
                cursor=None,
                contents=[content for _, content in here],
            )

    def _address_of(self, path: str) -> str | None:
        """The address of a file that can't be fetched."""
        address = self._listed[path].reference
        return None if address is None or is_fetchable(address) else address


def entry_of(file: ArtifactFile) -> ManifestEntry:
    """The entry of a file in a manifest."""
    return ManifestEntry(
        file.path, file.n_bytes, file.sha256, file.reference or "", file.checksum or ""
    )


def _is_table_in(path: str, folder: str, ends: tuple[str, ...]) -> bool:
    return path.startswith(folder) and path.endswith(ends)


def _ended(name: str, end: str) -> str:
    name = name.strip("/")
    return name if name.endswith(f".{end}") else f"{name}.{end}"


def _kind_of(obj: Any) -> str:
    """The name of an object's type, in the name of its file.

    Raises:
        WrongType: artifacts hold no such objects.
    """
    from weft.sdk.media.boxes import BoundingBoxes2D
    from weft.sdk.media.class_labels import Classes
    from weft.sdk.media.masks import ImageMask
    from weft.sdk.media.media import Media

    if isinstance(obj, Media) and obj.type_name() in CLASS_OF_TYPE:
        return obj.type_name()
    for kind, name in ((Classes, "classes"), (ImageMask, "mask"), (BoundingBoxes2D, "boxes2D")):
        if isinstance(obj, kind):
            return name
    raise WrongType(
        f"an artifact holds tables and media, not {type(obj).__name__}: weft.Table(dataframe=…) "
        "takes a dataframe, add_file() a file"
    )


def _reference_of(obj: Any, kind: str, filing: ArtifactFiling) -> Mapping[str, Any]:
    if kind == "classes":
        listed = [{"id": number, "name": name} for number, name in obj.names.items()]
        return {"_type": kind, "class_set": listed}
    if kind in {"mask", "boxes2D"}:
        path = filing.add({"": obj.payload()})[""]
        labels = {str(number): name for number, name in obj.class_labels.items()}
        return {"_type": kind, "path": path, "key": obj.key, "class_labels": labels}
    return obj.file(filing)
