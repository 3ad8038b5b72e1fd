"""Reports: their drafts as logs of Yjs updates, their published versions, figures of these,
images, comments, the notifications of comments, texts for searches, and stars.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "report",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("project_id", _ROW_ID, nullable=False),
        sa.Column("report", sa.String(length=128), nullable=False),
        sa.Column("title", sa.String(length=512), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=128), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("edited_micros", sa.BigInteger(), nullable=False),
        sa.Column("edited_by", sa.String(length=128), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("snapshot_seq", sa.BigInteger(), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("published_version", sa.BigInteger()),
        sa.Column("published_seq", sa.BigInteger()),
        sa.Column("published_micros", sa.BigInteger()),
        sa.Column("published_by", sa.String(length=128)),
        sa.Column("published_title", sa.String(length=512)),
        sa.Column("published_description", sa.Text()),
        sa.Column("n_views", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("trashed_micros", sa.BigInteger()),
        sa.Column("pinned_micros", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_report_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("project_id", "report", name=op.f("uq_report_project_id_report")),
        sqlite_autoincrement=True,
        comment="title, description: of the draft; seq: of its last update; snapshot_seq: of the "
        "update that stands for all before it; n_bytes: of its updates; published_seq: of the "
        "draft that was published; n_views: openings of what was published; pinned_micros: when "
        "it was pinned to the overview of its project",
    )
    op.create_index(op.f("ix_report_trashed_micros"), "report", ["trashed_micros"])
    op.create_table(
        "report_update",
        sa.Column("report_id", _ROW_ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_report_update_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "seq", name=op.f("pk_report_update")),
        comment="Drafts of reports; kind: update, or snapshot of all up to it; data: Yjs update "
        "v1",
    )
    op.create_table(
        "report_version",
        sa.Column("report_id", _ROW_ID, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=512), nullable=False),
        sa.Column("author", sa.String(length=128), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=512), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_report_version_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "version", name=op.f("pk_report_version")),
        comment="Published versions of reports; document: JSON of n_bytes, packed by zlib",
    )
    op.create_table(
        "report_figure",
        sa.Column("report_id", _ROW_ID, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.String(length=512), nullable=False),
        sa.Column("project", sa.String(length=512), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("n_answers", sa.BigInteger(), nullable=False),
        sa.Column("captured_micros", sa.BigInteger(), nullable=False),
        sa.Column("captured_by", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_report_figure_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "report_id", "version", "part", "project", name=op.f("pk_report_figure")
        ),
        comment="Figures of versions of reports; part: a grid, or the values in the text; "
        "project: whose runs they show, empty for the project of the report; sha256: content of "
        "n_bytes",
    )
    op.create_index(op.f("ix_report_figure_sha256"), "report_figure", ["sha256"])
    op.create_table(
        "report_image",
        sa.Column("report_id", _ROW_ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=16), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width_px", sa.BigInteger(), nullable=False),
        sa.Column("height_px", sa.BigInteger(), nullable=False),
        sa.Column("added_micros", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_report_image_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "sha256", name=op.f("pk_report_image")),
        comment="Images that were added to reports, which drafts and versions name by sha256: the "
        "content, of n_bytes",
    )
    op.create_index(op.f("ix_report_image_sha256"), "report_image", ["sha256"])
    op.create_table(
        "report_comment",
        sa.Column("report_id", _ROW_ID, nullable=False),
        sa.Column("comment", sa.String(length=128), nullable=False),
        sa.Column("thread", sa.String(length=128), nullable=False),
        sa.Column("author", sa.String(length=128), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("edited_micros", sa.BigInteger()),
        sa.Column("deleted_micros", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_for_editors", sa.Boolean(), nullable=False),
        sa.Column("anchor", sa.Text()),
        sa.Column("version", sa.BigInteger()),
        sa.Column("resolved_micros", sa.BigInteger()),
        sa.Column("resolved_by", sa.String(length=128)),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_report_comment_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "comment", name=op.f("pk_report_comment")),
        comment="Comments on reports; thread: the first comment of its thread; is_for_editors: of "
        "a thread that only those see who may write; anchor: JSON, the text or panel that a "
        "thread is about; version: of the report, next to which a thread began; deleted_micros: "
        "of a first comment that has replies",
    )
    op.create_table(
        "report_notification",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("user_id", _ROW_ID, nullable=False),
        sa.Column("report_id", _ROW_ID, nullable=False),
        sa.Column("comment", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("at_micros", sa.BigInteger(), nullable=False),
        sa.Column("read_micros", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_report_notification_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_report_notification_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_notification")),
        sa.UniqueConstraint(
            "user_id",
            "report_id",
            "comment",
            name=op.f("uq_report_notification_user_id_report_id_comment"),
        ),
        comment="Comments that users are told of; reason: mention, reply, or report for a thread "
        "on a report of theirs",
    )
    op.create_index(op.f("ix_report_notification_report_id"), "report_notification", ["report_id"])
    op.create_table(
        "report_text",
        sa.Column("report_id", _ROW_ID, nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_report_text_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "part", name=op.f("pk_report_text")),
        comment="Texts of reports for searches, made again when outdated; part: draft, or "
        "published; seq: of the draft, or number of the version; words: title, description and "
        "text, folded; lines: JSON, the id of a block and a line of its text",
    )
    op.create_table(
        "report_star",
        sa.Column("report_id", _ROW_ID, nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["report.id"],
            name=op.f("fk_report_star_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "user", name=op.f("pk_report_star")),
        comment="Reports that people starred, each for themselves; user: empty without accounts",
    )
