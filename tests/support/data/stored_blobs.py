"""The contents of a server's blob store, read and changed behind its back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def stored_blobs(data: Path) -> set[str]:
    """SHA-256 of all blobs below a server's data directory, small and large."""
    return {path.name for path in (data / "blobs").glob("[0-9a-f][0-9a-f]/*")} | small_blobs(data)


def small_blobs(data: Path) -> set[str]:
    """SHA-256 of the blobs that lie together in one file."""
    with closing(_opened(data)) as db:
        return {key.hex() for (key,) in db.execute("SELECT sha256 FROM blob")}


def replace_small_blob(data: Path, sha256: str, content: bytes | None) -> None:
    """Change a small blob's content as a faulty disk would; None loses it."""
    key = bytes.fromhex(sha256)
    with closing(_opened(data)) as db:
        if content is None:
            changed = db.execute("DELETE FROM blob WHERE sha256 = ?", (key,))
        else:
            changed = db.execute("UPDATE blob SET content = ? WHERE sha256 = ?", (content, key))
        assert changed.rowcount == 1


def add_small_blobs(data: Path, contents: dict[str, bytes]) -> None:
    """Add blobs by their SHA-256."""
    with closing(_opened(data)) as db:
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO blob (sha256, content) VALUES (?, ?)",
            [(bytes.fromhex(sha256), content) for sha256, content in contents.items()],
        )
        db.execute("COMMIT")


def _opened(data: Path) -> sqlite3.Connection:
    db = sqlite3.connect(data / "blobs" / "small.sqlite", isolation_level=None)
    db.execute("PRAGMA busy_timeout = 10000")
    return db
