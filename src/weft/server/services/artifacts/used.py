"""Notes uses of versions that were not there yet when a run used them."""

from __future__ import annotations

from weft.records.files.artifacts import LATEST, ArtifactPath
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ArtifactRow, Transaction


def note_awaited_uses(
    stores: Stores, tx: Transaction, announced: ArtifactRow, stored_id: int
) -> None:
    """Note the uses that waited for an announced version, just stored as `stored_id`."""
    metadata = stores.metadata
    [node] = metadata.artifact_uses.artifact_nodes(tx, [stored_id]) or [None]
    stored = metadata.artifacts.by_id(tx, stored_id)
    if node is None or stored is None:
        return
    names = {f"v{stored.version}", LATEST, stored.digest, *announced.aliases}
    for use in metadata.artifact_uses.awaited(tx, node.entity, node.project, node.name):
        is_it = use.folder == announced.folder if use.folder else use.ref in names
        if is_it:
            metadata.artifact_uses.note(tx, use.run_row_id, stored_id, "use", use.used_micros)
            path = ArtifactPath(node.entity, node.project, node.name, use.ref)
            metadata.artifact_uses.note_found(tx, path, use)
