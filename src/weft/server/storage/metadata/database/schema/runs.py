"""Runs, their logs, values and files. Pure."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from weft.records.limits import MAX_ID_BYTES, MAX_NAME_CHARS
from weft.server.storage.metadata.database.schema.base import (
    BYTEWISE_TEXT,
    MAX_STATE_CHARS,
    ROW_ID,
    metadata,
    partial_index,
    reference,
    row_id,
    stamp,
)

run: Final = Table(
    "run",
    metadata,
    row_id(),
    reference("project_id", "project"),
    Column("run", String(MAX_ID_BYTES), nullable=False),
    Column("name", String(MAX_NAME_CHARS), nullable=False),
    Column("notes", Text),
    Column("tags", Text, nullable=False),
    Column("run_group", Text),
    Column("job_type", Text),
    Column("color", Integer, nullable=False),
    Column("user", Text),
    Column("stamps", Text, nullable=False),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("started_micros", BigInteger, nullable=False),
    Column("runtime_from_micros", BigInteger),
    Column("heartbeat_micros", BigInteger),
    Column("ended_micros", BigInteger),
    Column("exit_code", BigInteger),
    Column("host", Text),
    Column("origin_micros", BigInteger, nullable=False),
    Column("stop_requested", Boolean, nullable=False),
    Column("fork_run", String(MAX_ID_BYTES)),
    Column("fork_step", Text),
    Column("is_continued", Boolean, nullable=False),
    Column("trashed_micros", BigInteger),
    Column("sweep", String(MAX_ID_BYTES)),
    Column("arrived_micros", BigInteger, nullable=False, server_default="0"),
    Column("stopped_by", Text),
    Column("reason", Text),
    Column("edited_by", String(MAX_ID_BYTES)),
    Column("edited_micros", BigInteger),
    Column("notes_by", String(MAX_ID_BYTES)),
    Column("locked_by", String(MAX_ID_BYTES)),
    Column("locked_micros", BigInteger),
    UniqueConstraint("project_id", "run"),
    Index(None, "project_id", "created_micros"),
    Index(None, "project_id", "sweep"),
    Index(None, "state"),
    Index(None, "trashed_micros"),
    sqlite_autoincrement=True,
    comment="tags: JSON list; color: a number of the palette, from 1; "
    "stamps: JSON, by column, of the last change of name, notes, …, "
    "and of the earliest log that names the user; "
    "fork_step: JSON number; runtime_from_micros: NULL = started_micros; "
    "trashed_micros: when it was deleted, NULL = it is not in the trash; "
    "edited_by: who last changed it by hand; locked_by: who protects it from deletion",
)

run_source: Final = Table(
    "run_source",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("source_run", String(MAX_ID_BYTES), primary_key=True),
    Column("source_writer", String(MAX_ID_BYTES), primary_key=True),
    Column("last_step", Text, nullable=False),
    # By source, to find the runs that show rows of a run about to be deleted.
    Index(None, "source_run"),
    comment="What forks and rewinds show of other writers, up to last_step (a JSON number)",
)

run_writer: Final = Table(
    "run_writer",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("writer", String(MAX_ID_BYTES), primary_key=True),
    Column("parent", String(MAX_ID_BYTES)),
    Column("host", Text),
    Column("labels", Text),
    Column("anchor_micros", BigInteger),
    Column("offset_micros", BigInteger),
    Column("resumed", Boolean, nullable=False),
    Column("first_micros", BigInteger, nullable=False),
    Column("heartbeat_micros", BigInteger),
    Column("exit_micros", BigInteger),
    Column("exit_code", BigInteger),
    Column("exit_state", String(MAX_STATE_CHARS)),
    Column("exit_reason", Text),
    Column("preempting", Boolean, nullable=False),
    Column("record_position", BigInteger, nullable=False),
    Column("run_record", LargeBinary),
    Column("n_refused", BigInteger, nullable=False, server_default="0"),
    Column("refusal", Text),
    Column("n_damaged_bytes", BigInteger, nullable=False, server_default="0"),
    comment="record_position: end of the last record applied; run_record: its last Run record; "
    "labels: JSON object",
)

followed_log: Final = Table(
    "followed_log",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("writer", String(MAX_ID_BYTES), primary_key=True),
    comment="Writers whose logs are in the followed directory: a run goes when such a log goes",
)

path: Final = Table(
    "path",
    metadata,
    row_id(),
    Column("path", Text, nullable=False, unique=True),
)

field: Final = Table(
    "field",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("scope", String(8), primary_key=True),
    Column("path_id", ROW_ID, ForeignKey("path.id"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("number", Float(53)),
    Column("text", Text),
    Column("exact", Text),
    *stamp(),
    Column("shown", Boolean, nullable=False),
    # By path over all runs. Excludes values, as a summary changes every second, its path never.
    Index(None, "path_id", "scope", "run_id"),
    sqlite_with_rowid=False,
    comment="scope: config; logged or set: summary values that follow from rows, or not",
)

path_set: Final = Table(
    "path_set",
    metadata,
    row_id(),
    Column("digest", String(64), nullable=False, unique=True),
    Column("members", Text, nullable=False),
    # Ids are cached in memory, so they must not be reused after a deletion.
    sqlite_autoincrement=True,
    comment="members: paths and kinds as `run_columns.path_sets` lists them; digest: their "
    "SHA-256",
)

run_path_set: Final = Table(
    "run_path_set",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("root", String(8), primary_key=True),
    Column("set_id", ROW_ID, ForeignKey("path_set.id"), nullable=False),
    Index(None, "set_id"),
    sqlite_with_rowid=False,
    comment="Derived from field: deleted by each transaction that touches the root of the run",
)

definition: Final = Table(
    "definition",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("name", Text, primary_key=True),
    Column("step_metric", Text),
    Column("step_sync", Boolean),
    Column("summary", Text, nullable=False),
    Column("goal", Text),
    Column("hidden", Boolean),
    *stamp(),
    # Few runs hide metrics, and every page asks which do.
    partial_index(
        "ix_definition_hiding", "run_id", where="hidden IS 1", on_postgresql="hidden IS true"
    ),
    # The list of a project's metrics names those that serve as x axes.
    partial_index(
        "ix_definition_stepping", "run_id", "step_metric", where="step_metric IS NOT NULL"
    ),
)

kept_record: Final = Table(
    "kept_record",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("writer", String(MAX_ID_BYTES), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    # Lists of runs search for gaps and alerts among any number of file records.
    Index(None, "run_id", "kind"),
    comment="Records that have no table of their own, as they came (msgpack)",
)

run_file: Final = Table(
    "run_file",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("path", BYTEWISE_TEXT, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    *stamp(),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("error", Text),
    # By content, because a blob stays on disk as long as a stored file names it.
    Index(None, "sha256", "state", "run_id"),
    # Each ack counts the files of a log whose contents are awaited.
    partial_index(
        "ix_run_file_awaited", "run_id", "edit_writer", "path", where="state = 'awaited'"
    ),
    comment="state: stored, awaited (the content was announced, but not sent yet), failed or "
    "deleted; the stamp's writer is the log that announced the file",
)

run_change: Final = Table(
    "run_change",
    metadata,
    row_id(),
    Column("server", String(MAX_ID_BYTES), nullable=False),
    Column("transaction", BigInteger, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("touched", Text, nullable=False),
    Index(None, "transaction"),
    # Saves of columns count on ids that only grow.
    sqlite_autoincrement=True,
    comment="Runs that a server has changed: for minutes, for other servers of the database "
    "(PostgreSQL only), and as long as a column_save is older; touched: row ids by part",
)

column_save: Final = Table(
    "column_save",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("owner", String(32), nullable=False),
    reference("project_id", "project"),
    Column("mark", BigInteger, nullable=False),
    Index(None, "project_id"),
    comment="Saves of a project's columns in the data directories of servers; owner: a directory; "
    "mark: the id of run_change up to which the save has the changes",
)
