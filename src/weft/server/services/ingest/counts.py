"""Counts of what was stored since the server started, for its operators."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from weft.server.services.ingest.upload import Upload


class IngestCounts:
    """Counts uploads, rows, points and bytes. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.n_uploads = self.n_rows = self.n_points = self.n_bytes = 0

    def count_uploads(self, uploads: Sequence[Upload]) -> None:
        """Count uploads that are stored."""
        blocks = [segment.rows for upload in uploads for segment in upload.segments]
        n_rows = sum(map(len, blocks))
        n_points = sum(
            len(column.values)
            for block in blocks
            for columns in block.columns.values()
            for column in columns
        )
        n_bytes = sum(map(size_of, uploads))
        with self._lock:
            self.n_uploads += len(uploads)
            self.n_rows += n_rows
            self.n_points += n_points
            self.n_bytes += n_bytes


def size_of(upload: Upload) -> int:
    """The bytes that an upload brings."""
    if upload.n_bytes is not None:
        return upload.n_bytes
    return upload.to_position - upload.from_position
