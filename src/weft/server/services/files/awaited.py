"""Files whose contents were awaited and are stored now: their rows, and the news of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.artifacts.storing import store_complete
from weft.server.services.stores.referenced_blobs import NewContents
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import AwaitedFile


def mark_stored(
    stores: Stores,
    project_id: int,
    sizes: Mapping[str, int],
    files: list[AwaitedFile],
    new: NewContents,
) -> None:
    """Record that contents of these sizes are stored. Add the files that awaited them to `files`.

    Artifacts that await no other content become versions.
    """
    awaited = stores.metadata.contents
    with stores.metadata.write() as tx:
        new.share(tx)
        files += of_size(sizes, awaited.awaited(tx, project_id, sizes))
        awaited.note_stored(tx, files, stores.now())
        artifacts = {file.artifact_id for file in files if file.artifact_id is not None}
        store_complete(stores, tx, artifacts)


def of_size(sizes: Mapping[str, int], files: Iterable[AwaitedFile]) -> list[AwaitedFile]:
    """The files that were announced with the sizes that their contents have."""
    return [file for file in files if file.n_bytes == sizes[file.sha256]]


def announce_stored(
    stores: Stores, actor: Actor, project: ProjectPath, files: Sequence[AwaitedFile]
) -> None:
    """Tell pages that files have their contents, and have the next acks count again."""
    for run, writer in {(file.run, file.writer) for file in files}:
        entry = stores.registry.peek(project.run(run))
        if entry is not None:
            with entry.lock:
                entry.note_files_changed(writer)
    for run in {file.run for file in files}:
        stores.live.publish(actor, project.run(run), meta=True)
