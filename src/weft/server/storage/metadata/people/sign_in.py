"""Facts about signing in that every server needs, in the metadata database: wrong passwords, codes
that sign a browser in, and states of providers that were used.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import count
from typing import Final, NamedTuple

from sqlalchemy import Select, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import failed_try, login_code, used_state

MAX_SOURCES: Final = 20_000
"""The most counts of wrong passwords; the oldest are deleted."""

MAX_CODES: Final = 32
"""The most unused login codes of a user; the oldest are deleted."""

_DELETE_EVERY: Final = 100
"""One in so many additions deletes the counts above `MAX_SOURCES`."""


class FailureCount(NamedTuple):
    """The wrong passwords of one source, and the time of the last."""

    n_failures: int
    last_micros: int


class LoginCode(NamedTuple):
    """The user whom a login code signs in, while the seal is theirs; None: the server's own."""

    user: str | None
    seal: str


class SignInTable:
    """Reads and writes them. Callers make the hashes of sources, codes and states."""

    def __init__(self) -> None:
        self._n_additions = count(1)

    # -- wrong passwords

    def failures(
        self,
        tx: Transaction,
        sources: Collection[str],
        since_micros: int,
        *,
        for_update: bool = False,
    ) -> dict[str, FailureCount]:
        """The counts of sources that had a failure since a time; `for_update` locks them."""
        query = select(failed_try).where(
            failed_try.c.source_hash.in_(sources), failed_try.c.last_micros > since_micros
        )
        if for_update:
            # In one order, so that no two transactions wait for each other.
            query = query.order_by(failed_try.c.source_hash).with_for_update()
        return {source: FailureCount(*counts) for source, *counts in tx.connection.execute(query)}

    def add_failure(
        self, tx: Transaction, sources: Collection[str], now_micros: int, since_micros: int
    ) -> None:
        """Count a failure of each source, and delete the counts from before a time."""
        is_old = failed_try.c.last_micros <= since_micros
        _delete_free(tx, select(failed_try.c.source_hash).where(is_old))
        if next(self._n_additions) % _DELETE_EVERY == 0:
            newest_first = select(failed_try.c.source_hash).order_by(
                failed_try.c.last_micros.desc(), failed_try.c.source_hash
            )
            _delete_free(tx, newest_first.offset(MAX_SOURCES).limit(MAX_SOURCES))
        for source in sorted(sources):
            statement = insert(tx, failed_try).values(
                source_hash=source, n_failures=1, last_micros=now_micros
            )
            statement = statement.on_conflict_do_update(
                index_elements=["source_hash"],
                set_={"n_failures": failed_try.c.n_failures + 1, "last_micros": now_micros},
            )
            tx.connection.execute(statement)

    def forget_failures(self, tx: Transaction, sources: Collection[str]) -> None:
        """Delete the counts of sources."""
        tx.connection.execute(failed_try.delete().where(failed_try.c.source_hash.in_(sources)))

    def take_back_failure(self, tx: Transaction, source: str) -> None:
        """Count one failure of a source less."""
        of_source = failed_try.c.source_hash == source
        tx.connection.execute(
            failed_try.update().where(of_source).values(n_failures=failed_try.c.n_failures - 1)
        )
        tx.connection.execute(failed_try.delete().where(of_source, failed_try.c.n_failures <= 0))

    # -- login codes

    def add_code(self, tx: Transaction, code_hash: str, code: LoginCode, now_micros: int) -> None:
        """Add a login code; only the newest `MAX_CODES` of a user work."""
        user = code.user or ""
        tx.connection.execute(
            login_code.insert().values(
                code_hash=code_hash, user=user, seal=code.seal, created_micros=now_micros
            )
        )
        newest = (
            select(login_code.c.code_hash)
            .where(login_code.c.user == user)
            .order_by(login_code.c.created_micros.desc(), login_code.c.code_hash)
            .limit(MAX_CODES)
        )
        tx.connection.execute(
            login_code.delete().where(
                login_code.c.user == user, login_code.c.code_hash.not_in(newest)
            )
        )

    def has_code(self, tx: Transaction, code_hash: str) -> bool:
        query = select(login_code.c.code_hash).where(login_code.c.code_hash == code_hash)
        return tx.connection.execute(query).first() is not None

    def use_code(self, tx: Transaction, code_hash: str, since_micros: int) -> LoginCode | None:
        """Use up a login code. None if it is unknown, or older than a time."""
        row = tx.connection.execute(
            login_code.delete()
            .where(login_code.c.code_hash == code_hash)
            .returning(login_code.c.user, login_code.c.seal, login_code.c.created_micros)
        ).first()
        if row is None or row.created_micros <= since_micros:
            return None
        return LoginCode(row.user or None, row.seal)

    def remove_codes(self, tx: Transaction, before_micros: int) -> None:
        """Remove login codes from before a time."""
        tx.connection.execute(
            login_code.delete().where(login_code.c.created_micros <= before_micros)
        )

    # -- states of providers

    def is_state_used(self, tx: Transaction, state_hash: str) -> bool:
        query = select(used_state.c.state_hash).where(used_state.c.state_hash == state_hash)
        return tx.connection.execute(query).first() is not None

    def use_state(
        self, tx: Transaction, state_hash: str, expires_micros: int, now_micros: int
    ) -> bool:
        """Note that a state was used, and delete those that have expired. False if it had been
        used before.
        """
        tx.connection.execute(used_state.delete().where(used_state.c.expires_micros <= now_micros))
        added = tx.connection.execute(
            insert(tx, used_state)
            .values(state_hash=state_hash, expires_micros=expires_micros)
            .on_conflict_do_nothing()
            .returning(used_state.c.state_hash)
        )
        return added.first() is not None


def _delete_free(tx: Transaction, sources: Select[tuple[str]]) -> None:
    """Delete counts, those aside that another transaction has locked."""
    free = sources.with_for_update(skip_locked=True)
    tx.connection.execute(failed_try.delete().where(failed_try.c.source_hash.in_(free)))
