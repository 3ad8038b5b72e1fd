"""Turns faults of the disk into errors that a client may try again after. Pure."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Generator

from weft.errors import Damaged, Unavailable


@contextlib.contextmanager
def disk_faults(failure: str) -> Generator[None]:
    """Raise the faults of a disk that occur in the block as `Unavailable`, or `Damaged` if a
    database file is malformed. The message begins with `failure`, the operation that failed.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        full = "disk is full" in str(error)
        raise Unavailable(f"{failure}: {_FULL if full else error}") from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{failure}: {error}; restore a backup") from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise Unavailable(f"{failure}: {_FULL if full else error}") from error


_FULL = "the disk is full"
