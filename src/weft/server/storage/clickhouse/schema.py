"""The engine's tables in PostgreSQL, in a schema of their own.

Format: `docs/decisions/0049-distributed-metrics.md`. Does I/O.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg.errors import InsufficientPrivilege

from weft.errors import ConfigError, Unavailable

VERSION: Final = 1
OLDEST: Final = 1
"""The oldest version whose servers work with the tables of `VERSION`."""

LOCKS: Final = 0x77656674
"""The first number of advisory locks; a store's is the second."""

# Numbers of keys ascend in the order of commits, as `key_counter` is locked until the commit: so
# each server knows all keys up to a number. A name of a metric may have a NUL, a text may not.
# `fresh.data` is not compressed again by PostgreSQL. A moved batch names the first chunk of its
# move and stays a while, as ClickHouse may lose with its power what it has acknowledged.
# `chunk.stored` and `stored_run` are the numbers of a chunk's rows in ClickHouse, which copies of
# its run share; `cut`: metrics were deleted since it was written; `header` is its `ChunkHeader`,
# NULL for a block of console lines, which is a chunk of one part. `cluster` has at most one row:
# where ClickHouse is, the number that it has in its table `owner`, its nodes' shards, and when its
# chunks were last compared with those listed here. `chunk.copied`: two replicas have it.
# `chunk.planned`: no merge is due that it is part of. `chunk.merged_into`: the merge's `stored`.
# `mirror`, `fresh.mirrored` and `cluster.mirrored`: see `points_mirror.bookkeeping`.
_TABLES: Final = """
CREATE TABLE store (store integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL
    UNIQUE);
CREATE TABLE run (
    run bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, store integer NOT NULL,
    name text NOT NULL, origin bigint, gone smallint NOT NULL DEFAULT 0,
    UNIQUE (store, name)
);
CREATE INDEX deleted_run ON run (run) WHERE gone = 1;
CREATE TABLE frozen (
    store integer, name text, owner text, expires timestamptz NOT NULL,
    PRIMARY KEY (store, name, owner)
);
CREATE TABLE dirty (
    run bigint PRIMARY KEY, mark bigint NOT NULL, clean bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE TABLE writer (
    writer bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run bigint NOT NULL,
    name text COLLATE "C" NOT NULL, spans bigint[] NOT NULL DEFAULT '{}', UNIQUE (run, name)
) WITH (fillfactor = 70);
CREATE TABLE key_counter (next_key integer NOT NULL);
INSERT INTO key_counter VALUES (1);
CREATE TABLE key (key integer PRIMARY KEY, name bytea NOT NULL UNIQUE);
CREATE TABLE stream (
    stream bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run bigint NOT NULL,
    name text NOT NULL, UNIQUE (run, name)
);
CREATE TABLE position (
    stream bigint PRIMARY KEY, position bigint NOT NULL, n_rows bigint NOT NULL,
    tail bytea NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE decoder (stream bigint PRIMARY KEY, state bytea NOT NULL);
CREATE TABLE fresh (
    fresh bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run bigint NOT NULL,
    writer bigint NOT NULL, system boolean NOT NULL, "offset" bigint NOT NULL,
    fractional boolean NOT NULL, row_lo bigint NOT NULL, row_hi bigint NOT NULL,
    n integer NOT NULL, n_points bigint NOT NULL, console boolean NOT NULL,
    n_bytes integer NOT NULL, crc bigint NOT NULL, data bytea NOT NULL, chunk bigint,
    received timestamptz NOT NULL DEFAULT clock_timestamp(), mirrored boolean
);
ALTER TABLE fresh ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE INDEX fresh_of_run ON fresh (run, fresh);
CREATE INDEX moved_fresh ON fresh (chunk) WHERE chunk IS NOT NULL;
CREATE INDEX unmirrored_fresh ON fresh (run) WHERE mirrored = false;
CREATE SEQUENCE chunk_number;
CREATE TABLE chunk (
    chunk bigint PRIMARY KEY DEFAULT nextval('chunk_number'), stored bigint NOT NULL,
    run bigint NOT NULL, stored_run bigint NOT NULL, writer bigint NOT NULL,
    state smallint NOT NULL DEFAULT 0, since timestamptz NOT NULL DEFAULT clock_timestamp(),
    n_bytes bigint NOT NULL DEFAULT 0, cut boolean NOT NULL DEFAULT false, header bytea,
    shard text NOT NULL, copied boolean NOT NULL DEFAULT false,
    planned boolean NOT NULL DEFAULT false, merged_into bigint
);
CREATE INDEX merged_chunk ON chunk (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX unplanned_chunk ON chunk (run)
    WHERE state = 1 AND NOT planned AND header IS NOT NULL;
CREATE INDEX uncopied_chunk ON chunk (run) WHERE state = 1 AND NOT copied;
CREATE INDEX chunk_of_run ON chunk (run);
CREATE INDEX stored_chunk ON chunk (stored);
CREATE INDEX cut_chunk ON chunk (run) WHERE cut;
CREATE INDEX unlisted_chunk ON chunk (since) WHERE state <> 1;
CREATE TABLE console_block (
    run bigint, writer bigint, stream bytea, block bigint, stored bigint NOT NULL,
    n integer NOT NULL, line_lo bigint NOT NULL, line_hi bigint NOT NULL,
    time_lo bigint NOT NULL, time_hi bigint NOT NULL, PRIMARY KEY (run, writer, stream, block)
);
CREATE VIEW stored_bytes AS
    SELECT run, n_bytes, false AS console, true AS fresh FROM fresh WHERE chunk IS NULL
    UNION ALL SELECT run, n_bytes, header IS NULL, false FROM chunk WHERE state = 1;
CREATE TABLE axis_rule (
    run bigint, name bytea, metric bytea NOT NULL, step_sync boolean NOT NULL,
    PRIMARY KEY (run, name)
);
CREATE TABLE tomb (
    run bigint, key integer, writer bigint, row_hi bigint NOT NULL, PRIMARY KEY (run, key, writer)
);
CREATE TABLE cluster (
    cluster text NOT NULL, url text NOT NULL, nodes jsonb NOT NULL,
    compared timestamptz NOT NULL DEFAULT clock_timestamp(),
    mirrored boolean NOT NULL DEFAULT false
);
CREATE TABLE mirror (
    run bigint PRIMARY KEY, state smallint NOT NULL, shard text, n bigint NOT NULL DEFAULT 0,
    token bigint
) WITH (fillfactor = 70);
CREATE INDEX uncopied_run ON mirror (run) WHERE state <> 0;
CREATE INDEX written_run ON mirror (run) WHERE token IS NOT NULL;
CREATE TABLE version (version integer NOT NULL, oldest integer NOT NULL);
"""

OF_RUN: Final = ("dirty", "axis_rule", "tomb", "fresh", "console_block", "writer")
"""Tables whose rows of a run go with it; those of its streams do, too, and its chunks later."""


def check_durability(connection: psycopg.Connection[Any]) -> None:
    """Refuse a server that may lose acknowledged commits with its power, with `ConfigError`."""
    for name in ("fsync", "synchronous_commit"):
        if connection.execute(f"SHOW {name}".encode()).fetchone() == ("off",):
            raise ConfigError(
                f"PostgreSQL may lose acknowledged points: {name} is off; set it to on in"
                " postgresql.conf, or with ALTER ROLE … SET for weft's user"
            )


def create_tables(connection: psycopg.Connection[Any]) -> None:
    """Create the schema and its tables, unless they are there. Safe at once from many servers.

    Unavailable if a later version of weft made them, ConfigError if the user may not.
    """
    try:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s, 0)", (LOCKS,))
            connection.execute("CREATE SCHEMA IF NOT EXISTS weft_metrics")
            row = connection.execute("SELECT to_regclass('weft_metrics.version')").fetchone()
            if row == (None,):
                connection.execute(_TABLES.encode())
                connection.execute("INSERT INTO version VALUES (%s, %s)", (VERSION, OLDEST))
            (oldest,) = connection.execute("SELECT oldest FROM version").fetchall()
    except InsufficientPrivilege as error:
        raise ConfigError(
            "the user of the metadata database may not make the schema weft_metrics in it: make it"
            " the owner, with ALTER DATABASE … OWNER TO …"
        ) from error
    if oldest[0] > VERSION:
        raise Unavailable("a later version of weft made the tables of metrics in PostgreSQL")
