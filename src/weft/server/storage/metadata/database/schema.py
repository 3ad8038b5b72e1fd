"""The tables of the metadata database as of the newest migration. Pure.

Times are µs since 1970 UTC. A *stamp* is three columns `edit_micros, edit_writer, edit_position`
(`weft.records.merge.Stamp`); the later stamp wins.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
)

from weft.records.limits import MAX_ID_BYTES, MAX_NAME_CHARS

HEAD: Final = "0014"
"""Revision of the newest migration. A database at this revision opens without loading Alembic."""

MAX_STATE_CHARS: Final = 16
"""The longest name of a run's state."""

# SQLite assigns row ids only to INTEGER keys.
_ROW_ID: Final = BigInteger().with_variant(Integer, "sqlite")

# Ordered by code point on both engines, so that a page can continue after a path.
_BYTEWISE_TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")

_POSTGRESQL_WHERE: Final = "postgresql_where"
"""In an index's `info`: its condition on PostgreSQL. If `Index` had it as an argument, SQLAlchemy
would load the drivers of PostgreSQL, which takes a twelfth of each server's start."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _row_id() -> Column[int]:
    return Column("id", _ROW_ID, primary_key=True, autoincrement=True)


def _reference(
    name: str, to: str, *, primary_key: bool = False, column: str = "id"
) -> Column[int]:
    return Column(
        name,
        _ROW_ID,
        ForeignKey(f"{to}.{column}", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


def _stamp() -> list[Column[int] | Column[str]]:
    return [
        Column("edit_micros", BigInteger, nullable=False),
        Column("edit_writer", String(MAX_ID_BYTES), nullable=False),
        Column("edit_position", BigInteger, nullable=False),
    ]


setting: Final = Table(
    "setting",
    metadata,
    Column("key", String(MAX_ID_BYTES), primary_key=True),
    Column("value", Text, nullable=False),
)

user: Final = Table(
    "user",
    metadata,
    _row_id(),
    Column("name", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("email", Text),
    Column("password_hash", Text),
    Column("is_admin", Boolean, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
)

team: Final = Table(
    "team",
    metadata,
    _row_id(),
    Column("name", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("created_micros", BigInteger, nullable=False),
)

team_member: Final = Table(
    "team_member",
    metadata,
    _reference("team_id", "team", primary_key=True),
    _reference("user_id", "user", primary_key=True),
    Column("role", String(32), nullable=False),
)

api_key: Final = Table(
    "api_key",
    metadata,
    _row_id(),
    _reference("user_id", "user"),
    Column("key_hash", String(128), nullable=False, unique=True),
    Column("label", Text),
    Column("created_micros", BigInteger, nullable=False),
    Column("expires_micros", BigInteger),
    Index(None, "user_id"),
)

entity: Final = Table(
    "entity",
    metadata,
    _row_id(),
    Column("name", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("user_id", _ROW_ID, ForeignKey("user.id", ondelete="SET NULL")),
    Column("team_id", _ROW_ID, ForeignKey("team.id", ondelete="SET NULL")),
    Column("created_micros", BigInteger, nullable=False),
    comment="An owner of projects; one that no user owns belongs to the administrators",
)

project: Final = Table(
    "project",
    metadata,
    _row_id(),
    _reference("entity_id", "entity"),
    Column("name", String(MAX_ID_BYTES), nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("active_micros", BigInteger, nullable=False),
    Column("description", Text),
    Column("n_begun", BigInteger, nullable=False),
    Column("trashed_micros", BigInteger),
    # Excludes the trash, because a new project may have the name of a trashed one.
    Index(
        "uq_project_entity_id_name",
        "entity_id",
        "name",
        unique=True,
        sqlite_where=text("trashed_micros IS NULL"),
        info={_POSTGRESQL_WHERE: text("trashed_micros IS NULL")},
    ),
    Index(None, "trashed_micros"),
    # An id is the name of a metric file, so ids must not be reused after a deletion.
    sqlite_autoincrement=True,
    comment="n_begun: how many runs it was ever given; the next one's colour follows from it; "
    "trashed_micros: when it was deleted, NULL = it is not in the trash",
)

run: Final = Table(
    "run",
    metadata,
    _row_id(),
    _reference("project_id", "project"),
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
    "trashed_micros: when it was deleted, NULL = it is not in the trash",
)

run_source: Final = Table(
    "run_source",
    metadata,
    _reference("run_id", "run", primary_key=True),
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
    _reference("run_id", "run", primary_key=True),
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
    _reference("run_id", "run", primary_key=True),
    Column("writer", String(MAX_ID_BYTES), primary_key=True),
    comment="Writers whose logs are in the followed directory: a run goes when such a log goes",
)

path: Final = Table(
    "path",
    metadata,
    _row_id(),
    Column("path", Text, nullable=False, unique=True),
)

field: Final = Table(
    "field",
    metadata,
    _reference("run_id", "run", primary_key=True),
    Column("scope", String(8), primary_key=True),
    Column("path_id", _ROW_ID, ForeignKey("path.id"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("number", Float(53)),
    Column("text", Text),
    Column("exact", Text),
    *_stamp(),
    Column("shown", Boolean, nullable=False),
    # By path over all runs. Excludes values, as a summary changes every second, its path never.
    Index(None, "path_id", "scope", "run_id"),
    sqlite_with_rowid=False,
    comment="scope: config; logged or set: summary values that follow from rows, or not",
)

path_set: Final = Table(
    "path_set",
    metadata,
    _row_id(),
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
    _reference("run_id", "run", primary_key=True),
    Column("root", String(8), primary_key=True),
    Column("set_id", _ROW_ID, ForeignKey("path_set.id"), nullable=False),
    Index(None, "set_id"),
    sqlite_with_rowid=False,
    comment="Derived from field: deleted by each transaction that touches the root of the run",
)

definition: Final = Table(
    "definition",
    metadata,
    _reference("run_id", "run", primary_key=True),
    Column("name", Text, primary_key=True),
    Column("step_metric", Text),
    Column("step_sync", Boolean),
    Column("summary", Text, nullable=False),
    Column("goal", Text),
    Column("hidden", Boolean),
    *_stamp(),
    # Few runs hide metrics, and every page asks which do.
    Index(
        "ix_definition_hiding",
        "run_id",
        sqlite_where=text("hidden IS 1"),
        info={_POSTGRESQL_WHERE: text("hidden IS true")},
    ),
    # The list of a project's metrics names those that serve as x axes.
    Index(
        "ix_definition_stepping",
        "run_id",
        "step_metric",
        sqlite_where=text("step_metric IS NOT NULL"),
        info={_POSTGRESQL_WHERE: text("step_metric IS NOT NULL")},
    ),
)

kept_record: Final = Table(
    "kept_record",
    metadata,
    _reference("run_id", "run", primary_key=True),
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
    _reference("run_id", "run", primary_key=True),
    Column("path", _BYTEWISE_TEXT, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    *_stamp(),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("error", Text),
    # By content, because a blob stays on disk as long as a stored file names it.
    Index(None, "sha256", "state", "run_id"),
    # Each ack counts the files of a log whose contents are awaited.
    Index(
        "ix_run_file_awaited",
        "run_id",
        "edit_writer",
        "path",
        sqlite_where=text("state = 'awaited'"),
        postgresql_where=text("state = 'awaited'"),
    ),
    comment="state: stored, awaited (the content was announced, but not sent yet), failed or "
    "deleted; the stamp's writer is the log that announced the file",
)

artifact_collection: Final = Table(
    "artifact_collection",
    metadata,
    _row_id(),
    _reference("project_id", "project"),
    Column("name", String(MAX_ID_BYTES), nullable=False),
    Column("type", String(MAX_ID_BYTES), nullable=False),
    Column("description", Text, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("n_begun", BigInteger, nullable=False),
    Column("tags", Text, nullable=False, server_default="[]"),
    Column("has_links", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("project_id", "name"),
    comment="n_begun: how many versions it was ever given; numbers are never given again; "
    "has_links: its versions are links, and none are logged to it",
)

artifact: Final = Table(
    "artifact",
    metadata,
    _row_id(),
    _reference("collection_id", "artifact_collection"),
    Column("version", BigInteger),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("run_id", _ROW_ID, ForeignKey("run.id", ondelete="SET NULL")),
    Column("writer", String(MAX_ID_BYTES), nullable=False),
    Column("folder", _BYTEWISE_TEXT, nullable=False),
    Column("aliases", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("n_files", BigInteger, nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("expires_micros", BigInteger),
    Column("ttl_secs", BigInteger),
    Column("step", BigInteger),
    Column("error", Text),
    Column("same_as", _ROW_ID, ForeignKey("artifact.id", ondelete="SET NULL")),
    UniqueConstraint("collection_id", "version"),
    UniqueConstraint("run_id", "folder"),
    Index(None, "digest"),
    # Each ack counts what a log has announced and is not complete.
    Index(
        "ix_artifact_begun",
        "run_id",
        "writer",
        sqlite_where=text("version IS NULL"),
        info={_POSTGRESQL_WHERE: text("version IS NULL")},
    ),
    Index(None, "expires_micros"),
    sqlite_autoincrement=True,
    comment="version: NULL until all contents are stored; state: announced (its manifest was not "
    "read yet), awaited (contents are lacking), stored, same (as the version `same_as`), failed "
    "or deleted; folder: where its files are among those of the run; aliases: JSON list of those "
    "it shall have once it is stored; tags: JSON list; step: of the newest row of the run that "
    "logged it, at that time",
)

artifact_file: Final = Table(
    "artifact_file",
    metadata,
    _reference("artifact_id", "artifact", primary_key=True),
    Column("path", _BYTEWISE_TEXT, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("reference", _BYTEWISE_TEXT),
    Column("checksum", Text),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Index(None, "sha256", "state", "artifact_id"),
    # Names the collection of the file referred to. A whole reference is too long for PostgreSQL.
    Index(
        "ix_artifact_file_referring",
        text("substr(reference, 1, 420)"),
        sqlite_where=text("substr(reference, 1, 16) = 'weft-artifact://'"),
        info={_POSTGRESQL_WHERE: text("substr(reference, 1, 16) = 'weft-artifact://'")},
    ),
    Index(
        "ix_artifact_file_awaited",
        "artifact_id",
        "path",
        sqlite_where=text("state = 'awaited'"),
        info={_POSTGRESQL_WHERE: text("state = 'awaited'")},
    ),
    comment="state: stored, awaited, or reference: the content is kept elsewhere",
)

artifact_chunk: Final = Table(
    "artifact_chunk",
    metadata,
    _reference("artifact_id", "artifact", primary_key=True),
    Column("path", _BYTEWISE_TEXT, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Index(None, "sha256", "state", "artifact_id"),
    Index(
        "ix_artifact_chunk_awaited",
        "artifact_id",
        "path",
        "start",
        sqlite_where=text("state = 'awaited'"),
        info={_POSTGRESQL_WHERE: text("state = 'awaited'")},
    ),
    comment="The chunks of files whose state is chunked; state: stored or awaited",
)

artifact_alias: Final = Table(
    "artifact_alias",
    metadata,
    _reference("collection_id", "artifact_collection", primary_key=True),
    Column("alias", String(MAX_ID_BYTES), primary_key=True),
    _reference("artifact_id", "artifact"),
    Index(None, "artifact_id"),
)

artifact_change: Final = Table(
    "artifact_change",
    metadata,
    _row_id(),
    _reference("collection_id", "artifact_collection"),
    Column("changed_micros", BigInteger, nullable=False),
    Column("user", Text, nullable=False),
    Column("action", String(MAX_STATE_CHARS), nullable=False),
    Column("alias", String(MAX_ID_BYTES), nullable=False),
    Column("from_version", BigInteger),
    Column("to_version", BigInteger),
    Column("source", Text),
    Index(None, "collection_id", "id"),
    comment="The history of a collection: who moved which alias, and who deleted a version",
)

artifact_assembly: Final = Table(
    "artifact_assembly",
    metadata,
    _reference("artifact_id", "artifact", primary_key=True),
    _reference("collection_id", "artifact_collection"),
    Column("distributed_id", String(MAX_ID_BYTES), nullable=False),
    Column("is_part", Boolean, nullable=False),
    Column("is_incremental", Boolean, nullable=False),
    Index(None, "collection_id", "distributed_id"),
    comment="Versions that get files of others. distributed_id: what the parts of one version "
    "have in common with it, or empty; is_part: a part, whose state is `part` once it is "
    "complete; is_incremental: it gets the files of the newest version before it",
)

artifact_use: Final = Table(
    "artifact_use",
    metadata,
    _reference("run_id", "run", primary_key=True),
    _reference("artifact_id", "artifact", primary_key=True),
    Column("action", String(MAX_STATE_CHARS), primary_key=True),
    Column("used_micros", BigInteger, nullable=False),
    Index(None, "artifact_id"),
    comment="action: log or use. With it, runs and artifacts are a graph",
)

awaited_use: Final = Table(
    "awaited_use",
    metadata,
    _reference("run_id", "run", primary_key=True),
    Column("entity", String(MAX_ID_BYTES), primary_key=True),
    Column("project", String(MAX_ID_BYTES), primary_key=True),
    Column("name", String(MAX_ID_BYTES), primary_key=True),
    Column("ref", String(MAX_ID_BYTES), primary_key=True),
    Column("folder", _BYTEWISE_TEXT, primary_key=True),
    Column("used_micros", BigInteger, nullable=False),
    Index(None, "entity", "project", "name"),
    comment="Uses of versions that are not there yet, such as those of offline runs that are sent "
    "first; ref: a version or an alias; folder: where the files are among those of the run that "
    "logs it, if known",
)

registry: Final = Table(
    "registry",
    metadata,
    _reference("project_id", "project", primary_key=True),
    Column("default_role", String(MAX_STATE_CHARS), nullable=False),
    comment="The projects of the entity `registry`. Their collections have links, not versions of "
    "their own",
)

registry_member: Final = Table(
    "registry_member",
    metadata,
    _reference("project_id", "registry", primary_key=True, column="project_id"),
    _reference("user_id", "user", primary_key=True),
    Column("role", String(MAX_STATE_CHARS), nullable=False),
    Index(None, "user_id"),
)

registry_protected: Final = Table(
    "registry_protected",
    metadata,
    _reference("project_id", "registry", primary_key=True, column="project_id"),
    Column("alias", String(MAX_ID_BYTES), primary_key=True),
    comment="Aliases that only admins of the registry move",
)

artifact_link: Final = Table(
    "artifact_link",
    metadata,
    _reference("link_id", "artifact", primary_key=True),
    _reference("source_id", "artifact"),
    Column("user", Text, nullable=False),
    Index(None, "source_id"),
    comment="A version of a collection of links, `link_id`, has the files of `source_id`",
)

artifact_link_request: Final = Table(
    "artifact_link_request",
    metadata,
    _row_id(),
    _reference("run_id", "run"),
    Column("writer", String(MAX_ID_BYTES), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("folder", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("aliases", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("error", Text),
    Column("link_id", _ROW_ID, ForeignKey("artifact.id", ondelete="SET NULL")),
    UniqueConstraint("run_id", "writer", "position"),
    Index(None, "link_id"),
    comment="Links that a log asks for, each made once. folder: of the version that the run logs, "
    "else source: its name; user: who sent the log; state: awaited, made or failed",
)

tombstone: Final = Table(
    "tombstone",
    metadata,
    Column("entity", String(MAX_ID_BYTES), primary_key=True),
    Column("project", String(MAX_ID_BYTES), primary_key=True),
    Column("run", String(MAX_ID_BYTES), primary_key=True),
    Column("deleted_micros", BigInteger, nullable=False),
    Column("purge_project_id", BigInteger),
    Column("moved_run_id", _ROW_ID, ForeignKey("run.id", ondelete="SET NULL")),
    Index(None, "purge_project_id"),
    Index(None, "moved_run_id"),
    comment="purge_project_id: the project whose metric file still has to forget the run; "
    "moved_run_id: the run that was here and is in another project now",
)

run_move: Final = Table(
    "run_move",
    metadata,
    _reference("run_id", "run", primary_key=True),
    Column("from_project_id", BigInteger, nullable=False),
    Column("to_project_id", BigInteger, nullable=False),
    comment="Moves under way: what a kill leaves of one is undone or finished at the next start",
)

metric_tombstone: Final = Table(
    "metric_tombstone",
    metadata,
    _reference("run_id", "run", primary_key=True),
    Column("key", Text, primary_key=True),
    Column("deleted_micros", BigInteger, nullable=False),
    Column("purged", Boolean, nullable=False),
    comment="purged: whether the metric file has forgotten it; positions are kept there",
)

view: Final = Table(
    "view",
    metadata,
    _row_id(),
    _reference("project_id", "project"),
    Column("view", String(MAX_ID_BYTES), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("owner", String(MAX_ID_BYTES), nullable=False),
    Column("name", String(MAX_NAME_CHARS), nullable=False),
    Column("document", Text, nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("edited_micros", BigInteger, nullable=False),
    Column("opened_micros", BigInteger, nullable=False),
    UniqueConstraint("project_id", "view"),
    # One default view per user.
    Index(
        "uq_view_project_id_owner",
        "project_id",
        "owner",
        unique=True,
        sqlite_where=text("kind = 'default'"),
        info={_POSTGRESQL_WHERE: text("kind = 'default'")},
    ),
    Index(None, "project_id", "kind", "opened_micros"),
    comment="kind: personal, shared, default, link or columns; owner: name of a user, empty "
    "without accounts; document: JSON object, of UTF-8 n_bytes; version: from 1, one more with "
    "each edit",
)


sweep: Final = Table(
    "sweep",
    metadata,
    _row_id(),
    _reference("project_id", "project"),
    Column("sweep", String(MAX_ID_BYTES), nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("config", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("error", Text),
    Column("run_cap", BigInteger),
    Column("prior", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("next_number", BigInteger, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("edited_micros", BigInteger, nullable=False),
    Column("ended_micros", BigInteger),
    UniqueConstraint("project_id", "sweep"),
    Index(None, "state"),
    comment="config: JSON, as given; prior: JSON list of the parameters and values of runs "
    "from before; next_number: of the next trial",
)

sweep_agent: Final = Table(
    "sweep_agent",
    metadata,
    _row_id(),
    _reference("sweep_id", "sweep"),
    Column("agent", String(MAX_ID_BYTES), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("user", Text, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("heartbeat_micros", BigInteger, nullable=False),
    Column("has_left", Boolean, nullable=False),
    UniqueConstraint("sweep_id", "agent"),
    comment="agent: an id that it made; number: counted from 1 in its sweep",
)

sweep_trial: Final = Table(
    "sweep_trial",
    metadata,
    _reference("sweep_id", "sweep", primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("run", String(MAX_ID_BYTES), nullable=False),
    Column("agent_id", _ROW_ID, ForeignKey("sweep_agent.id", ondelete="SET NULL")),
    Column("parameters", Text, nullable=False),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("resumes", Boolean, nullable=False),
    Column("stopped_early", Boolean, nullable=False),
    Column("metric_values", Text),
    Column("loss", Float(53)),
    Column("error", Text),
    Column("given_micros", BigInteger, nullable=False),
    Column("ended_micros", BigInteger),
    UniqueConstraint("sweep_id", "run"),
    Index(None, "agent_id"),
    Index(None, "sweep_id", "state"),
    Index(None, "sweep_id", "loss"),
    comment="state: queued, given, finished or failed; parameters: JSON; metric_values: JSON "
    "list, one number per metric of the sweep; loss: of the only metric, less is better",
)


@event.listens_for(metadata, "before_create")
def _set_conditions(target: MetaData, connection: Connection, **_: object) -> None:
    """Before tables are created on PostgreSQL, give the indexes their conditions there."""
    if connection.dialect.name != "postgresql":
        return
    for table in target.tables.values():
        for index in table.indexes:
            if _POSTGRESQL_WHERE in index.info:
                index.dialect_options["postgresql"]["where"] = index.info[_POSTGRESQL_WHERE]
