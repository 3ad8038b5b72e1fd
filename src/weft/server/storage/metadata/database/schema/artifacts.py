"""Artifacts, their files, uses and links, and registries. Pure."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from weft.records.limits import MAX_ID_BYTES
from weft.server.storage.metadata.database.schema.base import (
    BYTEWISE_TEXT,
    MAX_STATE_CHARS,
    ROW_ID,
    metadata,
    partial_index,
    reference,
    row_id,
)

artifact_collection: Final = Table(
    "artifact_collection",
    metadata,
    row_id(),
    reference("project_id", "project"),
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
    row_id(),
    reference("collection_id", "artifact_collection"),
    Column("version", BigInteger),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("run_id", ROW_ID, ForeignKey("run.id", ondelete="SET NULL")),
    Column("writer", String(MAX_ID_BYTES), nullable=False),
    Column("folder", BYTEWISE_TEXT, nullable=False),
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
    Column("same_as", ROW_ID, ForeignKey("artifact.id", ondelete="SET NULL")),
    Column("locked_by", String(MAX_ID_BYTES)),
    Column("locked_micros", BigInteger),
    UniqueConstraint("collection_id", "version"),
    UniqueConstraint("run_id", "folder"),
    Index(None, "digest"),
    # Each ack counts what a log has announced and is not complete.
    partial_index("ix_artifact_begun", "run_id", "writer", where="version IS NULL"),
    Index(None, "expires_micros"),
    sqlite_autoincrement=True,
    comment="version: NULL until all contents are stored; state: announced (its manifest was not "
    "read yet), awaited (contents are lacking), stored, same (as the version `same_as`), failed "
    "or deleted; folder: where its files are among those of the run; aliases: JSON list of those "
    "it gets once it is stored; tags: JSON list; step: of the newest row of the run that "
    "logged it, at that time",
)

artifact_file: Final = Table(
    "artifact_file",
    metadata,
    reference("artifact_id", "artifact", primary_key=True),
    Column("path", BYTEWISE_TEXT, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("reference", BYTEWISE_TEXT),
    Column("checksum", Text),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Index(None, "sha256", "state", "artifact_id"),
    # Names the collection of the file referred to. A whole reference is too long for PostgreSQL.
    partial_index(
        "ix_artifact_file_referring",
        text("substr(reference, 1, 420)"),
        where="substr(reference, 1, 16) = 'weft-artifact://'",
    ),
    partial_index("ix_artifact_file_awaited", "artifact_id", "path", where="state = 'awaited'"),
    comment="state: stored, awaited, or reference: the content is kept elsewhere",
)

artifact_chunk: Final = Table(
    "artifact_chunk",
    metadata,
    reference("artifact_id", "artifact", primary_key=True),
    Column("path", BYTEWISE_TEXT, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Index(None, "sha256", "state", "artifact_id"),
    partial_index(
        "ix_artifact_chunk_awaited", "artifact_id", "path", "start", where="state = 'awaited'"
    ),
    comment="The chunks of files whose state is chunked; state: stored or awaited",
)

artifact_alias: Final = Table(
    "artifact_alias",
    metadata,
    reference("collection_id", "artifact_collection", primary_key=True),
    Column("alias", String(MAX_ID_BYTES), primary_key=True),
    reference("artifact_id", "artifact"),
    Index(None, "artifact_id"),
)

artifact_change: Final = Table(
    "artifact_change",
    metadata,
    row_id(),
    reference("collection_id", "artifact_collection"),
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
    reference("artifact_id", "artifact", primary_key=True),
    reference("collection_id", "artifact_collection"),
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
    reference("run_id", "run", primary_key=True),
    reference("artifact_id", "artifact", primary_key=True),
    Column("action", String(MAX_STATE_CHARS), primary_key=True),
    Column("used_micros", BigInteger, nullable=False),
    Index(None, "artifact_id"),
    comment="action: log or use. With it, runs and artifacts are a graph",
)

awaited_use: Final = Table(
    "awaited_use",
    metadata,
    reference("run_id", "run", primary_key=True),
    Column("entity", String(MAX_ID_BYTES), primary_key=True),
    Column("project", String(MAX_ID_BYTES), primary_key=True),
    Column("name", String(MAX_ID_BYTES), primary_key=True),
    Column("ref", String(MAX_ID_BYTES), primary_key=True),
    Column("folder", BYTEWISE_TEXT, primary_key=True),
    Column("used_micros", BigInteger, nullable=False),
    Index(None, "entity", "project", "name"),
    comment="Uses of versions that are not there yet, such as those of offline runs that are sent "
    "first; ref: a version or an alias; folder: where the files are among those of the run that "
    "logs it, if known",
)

registry: Final = Table(
    "registry",
    metadata,
    reference("project_id", "project", primary_key=True),
    comment="The projects of the entity `registry`. Their collections have links, not versions of "
    "their own",
)

registry_protected: Final = Table(
    "registry_protected",
    metadata,
    reference("project_id", "registry", primary_key=True, column="project_id"),
    Column("alias", String(MAX_ID_BYTES), primary_key=True),
    comment="Aliases that only admins of the registry move",
)

artifact_link: Final = Table(
    "artifact_link",
    metadata,
    reference("link_id", "artifact", primary_key=True),
    reference("source_id", "artifact"),
    Column("user", Text, nullable=False),
    Index(None, "source_id"),
    comment="A version of a collection of links, `link_id`, has the files of `source_id`",
)

artifact_link_request: Final = Table(
    "artifact_link_request",
    metadata,
    row_id(),
    reference("run_id", "run"),
    Column("writer", String(MAX_ID_BYTES), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("folder", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("aliases", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("state", String(MAX_STATE_CHARS), nullable=False),
    Column("error", Text),
    Column("link_id", ROW_ID, ForeignKey("artifact.id", ondelete="SET NULL")),
    UniqueConstraint("run_id", "writer", "position"),
    Index(None, "link_id"),
    comment="Links that a log asks for, each made once. folder: of the version that the run logs, "
    "else source: its name; user: who sent the log; state: awaited, made or failed",
)
