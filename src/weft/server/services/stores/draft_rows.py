"""The pieces of drafts of several servers, as rows of their metadata database."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from weft.server.storage.blobs.shared_drafts import Piece
from weft.server.storage.metadata import MetadataStore


class DraftRows:
    """`PieceList` in the metadata, with a transaction for each call."""

    def __init__(self, metadata: MetadataStore) -> None:
        self._metadata = metadata
        self._table = metadata.draft_pieces

    def pieces(self, draft: str) -> list[Piece]:
        with self._metadata.read() as tx:
            return [Piece(*row) for row in self._table.of_draft(tx, draft)]

    def add_piece(self, draft: str, piece: Piece) -> bool:
        with self._metadata.write() as tx:
            return self._table.add_piece(tx, draft, *piece)

    def remove(self, drafts: Iterable[str]) -> list[str]:
        names = sorted(drafts)
        if not names:
            return []
        with self._metadata.write() as tx:
            return self._table.remove(tx, names)

    def drafted(self, drafts: Collection[str]) -> dict[str, int]:
        with self._metadata.read() as tx:
            return self._table.sizes(tx, drafts)

    def sizes(self) -> dict[str, int]:
        with self._metadata.read() as tx:
            return self._table.sizes(tx)

    def left(self, secs: float) -> dict[str, int]:
        with self._metadata.read() as tx:
            return self._table.left(tx, secs)

    def keys(self) -> set[str]:
        with self._metadata.read() as tx:
            return self._table.keys(tx)
