"""The metric file's tables, and how a connection to it is opened.

Format: `docs/decisions/0002-metric-store.md`. Does I/O.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from weft.errors import Unavailable
from weft.server.storage.private import make_private_file

VERSION: Final = 1

CACHE_KIB: Final = 4096
"""Page cache of a connection, in front of the system's. There is no memory map: it would make a
query of 2,000 series a sixth faster, but read 38 MB around the few pages of a cold chart, and a
disk error would kill the server."""

WAL_LIMIT_BYTES: Final = 64 << 20
"""If a compaction made the log longer than this, its next reset truncates it to this size."""

# `crc` is the crc32 of `data`, which `check` compares; SQLite keeps no checksums of its pages.
# The numbers of a deleted run's writers are never reused (AUTOINCREMENT): several caches of rows
# in memory go by them.
_TABLES: Final = """
CREATE TABLE run (
    run INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, origin INTEGER, gone INTEGER NOT NULL,
    console_bytes INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX deleted_run ON run (run) WHERE gone = 1;
CREATE TABLE dirty (run INTEGER PRIMARY KEY);
CREATE TABLE writer (
    writer INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, name TEXT NOT NULL,
    UNIQUE (run, name)
);
CREATE TABLE key (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE stream (
    stream INTEGER PRIMARY KEY, run INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (run, name)
);
CREATE TABLE position (
    stream INTEGER PRIMARY KEY, position INTEGER NOT NULL, n_rows INTEGER NOT NULL,
    tail BLOB NOT NULL
);
CREATE TABLE decoder (stream INTEGER PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE fresh (
    fresh INTEGER PRIMARY KEY, writer INTEGER NOT NULL, system INTEGER NOT NULL,
    "offset" INTEGER NOT NULL, fractional INTEGER NOT NULL, row_lo INTEGER NOT NULL,
    row_hi INTEGER NOT NULL, n INTEGER NOT NULL, n_points INTEGER NOT NULL,
    console INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE TABLE chunk (
    chunk INTEGER PRIMARY KEY, run INTEGER NOT NULL, writer INTEGER NOT NULL,
    system INTEGER NOT NULL, "offset" INTEGER NOT NULL, fractional INTEGER NOT NULL,
    n INTEGER NOT NULL, n_points INTEGER NOT NULL, n_bytes INTEGER NOT NULL,
    row_lo INTEGER NOT NULL, row_hi INTEGER NOT NULL, step_lo NOT NULL, step_hi NOT NULL,
    continued INTEGER NOT NULL, part_lo INTEGER NOT NULL, part_hi INTEGER NOT NULL
);
CREATE INDEX chunk_of_run ON chunk (run, writer);
CREATE TABLE col (
    run INTEGER, key INTEGER, chunk INTEGER, kinds INTEGER NOT NULL, n INTEGER NOT NULL,
    n_bytes INTEGER NOT NULL, part INTEGER NOT NULL, step_lo, step_hi, time_lo, time_hi,
    latest INTEGER NOT NULL,
    step_level INTEGER NOT NULL, n_step INTEGER NOT NULL,
    time_level INTEGER NOT NULL, n_time INTEGER NOT NULL,
    axis INTEGER, axis_flags INTEGER, axis_lo, axis_hi, axis_last,
    axis_level INTEGER NOT NULL, n_axis INTEGER NOT NULL, n_heads INTEGER NOT NULL,
    PRIMARY KEY (run, key, chunk)
) WITHOUT ROWID;
CREATE TABLE axis_rule (
    run INTEGER, name TEXT, metric TEXT NOT NULL, step_sync INTEGER NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE TABLE part (part INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE metric (
    run INTEGER, key INTEGER, kinds INTEGER NOT NULL, n INTEGER NOT NULL,
    system_kinds INTEGER NOT NULL, system_n INTEGER NOT NULL, PRIMARY KEY (run, key)
) WITHOUT ROWID;
CREATE TABLE console (
    run INTEGER, writer INTEGER, stream TEXT, block INTEGER, n INTEGER NOT NULL,
    line_lo INTEGER NOT NULL, line_hi INTEGER NOT NULL, time_lo INTEGER NOT NULL,
    time_hi INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (run, writer, stream, block)
) WITHOUT ROWID;
CREATE TABLE tomb (
    run INTEGER, key INTEGER, writer INTEGER, row_hi INTEGER NOT NULL,
    PRIMARY KEY (run, key, writer)
) WITHOUT ROWID;
CREATE TABLE garbage (part_lo INTEGER PRIMARY KEY, part_hi INTEGER NOT NULL);
"""


def open_connection(path: Path) -> sqlite3.Connection:
    """Open another connection to a file that `create_file` has created."""
    db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    db.executescript(
        f"PRAGMA cache_size = -{CACHE_KIB};"
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
        f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}; PRAGMA temp_store = MEMORY;"
    )
    return db


def create_file(path: Path) -> sqlite3.Connection:
    """Open a metric file for writing, or create it.

    Unavailable if a later version of weft wrote it.
    """
    make_private_file(path)
    db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        db.close()
        raise Unavailable(f"a later version of weft wrote this file: {path}")
    if version == 0:
        # auto_vacuum and page_size only take effect before the first page is written.
        db.executescript(
            "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;"
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;"
        )
    db.close()
    return open_connection(path)


def listed(numbers: Iterable[int]) -> str:
    """Integers as an SQL list, which avoids the cost and the maximum number of bound variables.

    >>> listed([1, 2])
    '(1,2)'
    """
    return f"({','.join(map(str, numbers))})"
