"""Reports: their drafts as logs of Yjs updates, published versions, and figures of these. Pure."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from weft.records.limits import MAX_ID_BYTES, MAX_NAME_CHARS
from weft.server.storage.metadata.database.schema.base import (
    MAX_STATE_CHARS,
    metadata,
    reference,
    row_id,
)

report: Final = Table(
    "report",
    metadata,
    row_id(),
    reference("project_id", "project"),
    Column("report", String(MAX_ID_BYTES), nullable=False),
    Column("title", String(MAX_NAME_CHARS), nullable=False),
    Column("description", Text, nullable=False),
    Column("author", String(MAX_ID_BYTES), nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("edited_micros", BigInteger, nullable=False),
    Column("edited_by", String(MAX_ID_BYTES), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("snapshot_seq", BigInteger, nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("published_version", BigInteger),
    Column("published_seq", BigInteger),
    Column("published_micros", BigInteger),
    Column("published_by", String(MAX_ID_BYTES)),
    Column("published_title", String(MAX_NAME_CHARS)),
    Column("published_description", Text),
    Column("trashed_micros", BigInteger),
    UniqueConstraint("project_id", "report"),
    Index(None, "trashed_micros"),
    # Servers know drafts in memory by the id, so it must not be reused after a deletion.
    sqlite_autoincrement=True,
    comment="title, description: of the draft; seq: of its last update; snapshot_seq: of the "
    "update that stands for all before it; n_bytes: of its updates; published_seq: of the draft "
    "that was published",
)

report_update: Final = Table(
    "report_update",
    metadata,
    reference("report_id", "report", primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(MAX_STATE_CHARS), nullable=False),
    Column("data", LargeBinary, nullable=False),
    comment="Drafts of reports; kind: update, or snapshot of all up to it; data: Yjs update v1",
)

report_version: Final = Table(
    "report_version",
    metadata,
    reference("report_id", "report", primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(MAX_NAME_CHARS), nullable=False),
    Column("author", String(MAX_ID_BYTES), nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("title", String(MAX_NAME_CHARS), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("document", LargeBinary, nullable=False),
    comment="Published versions of reports; document: JSON of n_bytes, packed by zlib",
)

report_figure: Final = Table(
    "report_figure",
    metadata,
    reference("report_id", "report", primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("part", String(MAX_NAME_CHARS), primary_key=True),
    Column("project", String(MAX_NAME_CHARS), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("n_answers", BigInteger, nullable=False),
    Column("captured_micros", BigInteger, nullable=False),
    Column("captured_by", String(MAX_ID_BYTES), nullable=False),
    Index(None, "sha256"),
    comment="Figures of versions of reports; part: a grid, or the values in the text; project: "
    "whose runs they show, empty for the project of the report; sha256: content of n_bytes",
)
