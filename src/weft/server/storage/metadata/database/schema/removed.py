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

draft_piece: Final = Table(
    "draft_piece",
    metadata,
    Column("draft", String(128), primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("n_bytes", BigInteger, nullable=False),
    Column("key", String(64), nullable=False),
    Column("micros", BigInteger, nullable=False),
    Index(None, "micros"),
    comment="Pieces of contents that servers of the database receive in several requests, as "
    "objects of their bucket; draft: of a project and a SHA-256",
)

quota_usage: Final = Table(
    "quota_usage",
    metadata,
    Column("owner", String(2 * MAX_ID_BYTES + 1), primary_key=True),
    Column("n_bytes", BigInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),
    comment="Bytes of an entity or project with a quota, for all servers of the database; micros: "
    "of the time at which they were measured, later ones are added",
)

quota_claim: Final = Table(
    "quota_claim",
    metadata,
    Column("owner", String(2 * MAX_ID_BYTES + 1), primary_key=True),
    Column("server", String(32), primary_key=True),
    Column("n_bytes", BigInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),
    comment="Bytes of a quota that a server may receive without asking the others, until it is "
    "silent for a minute",
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
