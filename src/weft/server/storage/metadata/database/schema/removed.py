"""Traces of what was deleted or moved. Pure."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table, Text

from weft.records.limits import MAX_ID_BYTES
from weft.server.storage.metadata.database.schema.base import (
    MAX_STATE_CHARS,
    ROW_ID,
    metadata,
    reference,
)

tombstone: Final = Table(
    "tombstone",
    metadata,
    Column("entity", String(MAX_ID_BYTES), primary_key=True),
    Column("project", String(MAX_ID_BYTES), primary_key=True),
    Column("run", String(MAX_ID_BYTES), primary_key=True),
    Column("deleted_micros", BigInteger, nullable=False),
    Column("purge_project_id", BigInteger),
    Column("moved_run_id", ROW_ID, ForeignKey("run.id", ondelete="SET NULL")),
    Index(None, "purge_project_id"),
    Index(None, "moved_run_id"),
    comment="purge_project_id: the project whose metric file still has to forget the run; "
    "moved_run_id: the run that was here and is in another project now",
)

run_move: Final = Table(
    "run_move",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("from_project_id", BigInteger, nullable=False),
    Column("to_project_id", BigInteger, nullable=False),
    comment="Moves under way: what a kill leaves of one is undone or finished at the next start",
)

content_removal: Final = Table(
    "content_removal",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("mark", String(16), nullable=False),
    Column("micros", BigInteger, nullable=False),
    Index(None, "micros"),
    comment="Removals of contents, for other servers of the database: PostgreSQL only, for a day; "
    "state: due, begun or done; mark: of the last one that was done",
)

metric_tombstone: Final = Table(
    "metric_tombstone",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("key", Text, primary_key=True),
    Column("deleted_micros", BigInteger, nullable=False),
    Column("purged", Boolean, nullable=False),
    comment="purged: whether the metric file has forgotten it; positions are kept there",
)
