"""A whole project as one open file, out and in. Format: `docs/archive-format.md`.

export      reads a frozen state, writes a zip as a stream   (history_out: rows as Parquet)
opening     looks at a zip from anywhere before it is believed
importing   takes one in, whole or not at all                (history_in: Parquet as rows)
"""

from weft.server.services.archive.service import ArchiveService

__all__ = ["ArchiveService"]
