# ruff: noqa: ARG002
"""A view's chunks and blocks of console lines: empty, as all rows are fresh ones in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from weft.server.storage.metrics.encoding.chunk import ChunkHeader, ColumnHeader
from weft.server.storage.metrics.view import ConsoleHeader, ConsoleName


class NoChunks:
    """See `View`."""

    def chunks(self, runs: Iterable[int]) -> dict[int, ChunkHeader]:
        return {}

    def columns(self, runs: Iterable[int], keys: Iterable[int]) -> list[ColumnHeader]:
        return []

    def columns_in(
        self,
        chunks: Sequence[ChunkHeader],
        keys: Iterable[int] | None = None,
        *,
        steps: tuple[float, float] | None = None,
    ) -> list[ColumnHeader]:
        return []

    def newest_columns(
        self, chunks: Sequence[ChunkHeader], keys: Collection[int] | None
    ) -> list[ColumnHeader]:
        return []

    def counts_in(self, chunks: Sequence[ChunkHeader]) -> list[tuple[int, int, int]]:
        return []

    def parts(self, numbers: Sequence[int]) -> dict[int, bytes]:
        return {}

    def chunk_stamp(self, run: int) -> tuple[int, int]:
        return 0, 0

    def totals(self, run: int, *, system: bool | None) -> list[tuple[int, int, int]]:
        return []

    def totals_of(
        self, runs: Sequence[int], *, system: bool | None
    ) -> list[tuple[int, int, int, int]]:
        return []

    def has_fractional_chunk(self, runs: Iterable[int], *, system: bool) -> bool:
        return False

    def console_streams(self, run: int) -> list[tuple[int, str]]:
        return []

    def console_blocks(self, name: ConsoleName, lo: int, hi: int) -> list[ConsoleHeader]:
        return []

    def console_data(self, name: ConsoleName, blocks: Sequence[int]) -> dict[int, bytes]:
        return {}
