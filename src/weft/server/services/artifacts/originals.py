"""Contents of versions in the directories of the runs that logged them, for `weft ui`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from weft.server.services.access.paths import RunPath
from weft.server.services.stores.originals import OriginalFile, Originals
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ArtifactFileRow, ArtifactRow, Transaction


class VersionOriginals(NamedTuple):
    """The directory of the run that logged a version."""

    originals: Originals
    run: RunPath
    writer: str
    folder: str

    def with_states(self, files: Sequence[ArtifactFileRow]) -> list[ArtifactFileRow]:
        """The files; awaited ones that are in the directory count as stored."""
        awaited = [file for file in files if file.state == "awaited"]
        if not awaited:
            return [*files]
        announced = [self._original(file.path, file.n_bytes) for file in awaited]
        there = self.originals.are_there(self.run, announced)
        present = {file.path for file, is_there in zip(awaited, there, strict=True) if is_there}
        return [file._replace(state="stored") if file.path in present else file for file in files]

    def open(self, path: str, n_bytes: int) -> BinaryIO | None:
        """Open a file; None if it is not there with its size."""
        return self.originals.open(self.run, self._original(path, n_bytes))

    def _original(self, path: str, n_bytes: int) -> OriginalFile:
        return OriginalFile(self.writer, f"{self.folder}/{path}", n_bytes)


def originals_of(stores: Stores, tx: Transaction, row: ArtifactRow) -> VersionOriginals | None:
    """The directory of a version's contents; None if the server has them itself."""
    if stores.originals is None or row.run_row_id is None:
        return None
    run = stores.metadata.runs.get_by_id(tx, row.run_row_id, for_update=False)
    if run is None:
        return None
    path = RunPath(run.entity, run.project, run.run)
    return VersionOriginals(stores.originals, path, row.writer, row.folder)
