"""Reports: their drafts as logs of Yjs updates, published versions, figures of these, images,
comments and the notifications of them, texts for searches, and stars. Pure.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    Column("n_views", BigInteger, nullable=False, server_default="0"),
    Column("trashed_micros", BigInteger),
    Column("pinned_micros", BigInteger),
    UniqueConstraint("project_id", "report"),
    Index(None, "trashed_micros"),
    # Servers know drafts in memory by the id, so it must not be reused after a deletion.
    sqlite_autoincrement=True,
    comment="title, description: of the draft; seq: of its last update; snapshot_seq: of the "
    "update that stands for all before it; n_bytes: of its updates; published_seq: of the draft "
    "that was published; n_views: openings of what was published; pinned_micros: when it was "
    "pinned to the overview of its project",
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
    Column("project", String(MAX_NAME_CHARS), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("n_answers", BigInteger, nullable=False),
    Column("captured_micros", BigInteger, nullable=False),
    Column("captured_by", String(MAX_ID_BYTES), nullable=False),
    Index(None, "sha256"),
    comment="Figures of versions of reports; part: a grid, or the values in the text; project: "
    "whose runs they show, empty for the project of the report; sha256: content of n_bytes",
)

report_image: Final = Table(
    "report_image",
    metadata,
    reference("report_id", "report", primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String(MAX_STATE_CHARS), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("width_px", BigInteger, nullable=False),
    Column("height_px", BigInteger, nullable=False),
    Column("added_micros", BigInteger, nullable=False),
    Column("added_by", String(MAX_ID_BYTES), nullable=False),
    Index(None, "sha256"),
    comment="Images that were added to reports, which drafts and versions name by sha256: the "
    "content, of n_bytes",
)

report_comment: Final = Table(
    "report_comment",
    metadata,
    reference("report_id", "report", primary_key=True),
    Column("comment", String(MAX_ID_BYTES), primary_key=True),
    Column("thread", String(MAX_ID_BYTES), nullable=False),
    Column("author", String(MAX_ID_BYTES), nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("edited_micros", BigInteger),
    Column("deleted_micros", BigInteger),
    Column("body", Text, nullable=False),
    Column("is_for_editors", Boolean, nullable=False),
    Column("anchor", Text),
    Column("version", BigInteger),
    Column("resolved_micros", BigInteger),
    Column("resolved_by", String(MAX_ID_BYTES)),
    comment="Comments on reports; thread: the first comment of its thread; is_for_editors: of a "
    "thread that only those see who may write; anchor: JSON, the text or panel that a thread is "
    "about; version: of the report, next to which a thread began; deleted_micros: of a first "
    "comment that has replies",
)

report_notification: Final = Table(
    "report_notification",
    metadata,
    row_id(),
    reference("user_id", "user"),
    reference("report_id", "report"),
    Column("comment", String(MAX_ID_BYTES), nullable=False),
    Column("reason", String(MAX_STATE_CHARS), nullable=False),
    Column("at_micros", BigInteger, nullable=False),
    Column("read_micros", BigInteger),
    UniqueConstraint("user_id", "report_id", "comment"),
    Index(None, "report_id"),
    comment="Comments that users are told of; reason: mention, reply, or report for a thread on a "
    "report of theirs",
)

report_text: Final = Table(
    "report_text",
    metadata,
    reference("report_id", "report", primary_key=True),
    Column("part", String(MAX_STATE_CHARS), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("lines", Text, nullable=False),
    comment="Texts of reports for searches, made again when outdated; part: draft, or "
    "published; seq: of the draft, or number of the version; words: title, description and text, "
    "folded; lines: JSON, the id of a block and a line of its text",
)

report_star: Final = Table(
    "report_star",
    metadata,
    reference("report_id", "report", primary_key=True),
    Column("user", String(MAX_ID_BYTES), primary_key=True),
    Column("created_micros", BigInteger, nullable=False),
    comment="Reports that people starred, each for themselves; user: empty without accounts",
)
