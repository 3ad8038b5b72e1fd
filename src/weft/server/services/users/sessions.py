"""Browsers that are signed in.

A browser has a token, `user.random`. The database has its hash together with the user's seal, so
that a session ends when the seal changes: with a new password, or a key that is taken away.
"""

from __future__ import annotations

import builtins
import hashlib
import secrets
import threading
from typing import Final

from weft.errors import NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import SERVER, Action, oneself, require
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import SessionRow
from weft.wire.server.accounts import Session

IDLE_MICROS: Final = 30 * 86_400_000_000
"""The time for which a browser stays signed in without a request."""

LONGEST_MICROS: Final = 90 * 86_400_000_000
"""The longest time for which a browser stays signed in."""

_TOUCH_MICROS: Final = 600_000_000
_MAX_CACHED: Final = 20_000
_MAX_AGENT_CHARS: Final = 300


class SessionService:
    """Sessions of users. Thread-safe.

    Those in use are in memory until the directory changes, which each end of a session does, so
    that a request costs no query and other processes notice, too.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._people = stores.people
        self._lock = threading.Lock()
        self._cached: dict[str, SessionRow] = {}
        self._version = -1

    def begin(
        self, actor: Actor, user: str, *, method: str, address: str, agent: str
    ) -> str | None:
        """Sign a browser in, and return its token. None if the user is refused."""
        require(actor, Action.ADMIN, SERVER)
        token = f"{user}.{secrets.token_urlsafe(32)}"
        token_hash = self._hash(token)
        if token_hash is None:
            return None
        now = self._stores.now()
        row = SessionRow(
            row_id=0,
            user=user,
            created_micros=now,
            used_micros=now,
            expires_micros=now + IDLE_MICROS,
            address=address,
            agent=agent[:_MAX_AGENT_CHARS],
            method=method,
        )
        sessions = self._stores.metadata.sessions
        with self._stores.metadata.write() as tx:
            sessions.remove_expired(tx, now)
            sessions.add_session(tx, row, token_hash)
            signed_in = Actor("user", user, people=self._people, address=address)
            self._stores.audit.note(tx, signed_in, "sign_in", user, user, None, {"method": method})
        return token

    def cached(self, actor: Actor, token: str) -> SessionRow | None:
        """The session of a token, without a query. None if `find_session` has to look."""
        require(actor, Action.READ, SERVER)
        token_hash = self._hash(token)
        if token_hash is None or self._version != self._people.current.version:
            return None
        row = self._cached.get(token_hash)
        now = self._stores.now()
        if row is None or now >= min(row.expires_micros, row.used_micros + _TOUCH_MICROS):
            return None
        return row

    def find_session(self, actor: Actor, token: str) -> SessionRow | None:
        """The session of a token. None if it is unknown, or has ended."""
        require(actor, Action.READ, SERVER)
        version = self._people.current.version
        token_hash = self._hash(token)
        if token_hash is None:
            return None
        sessions = self._stores.metadata.sessions
        with self._stores.metadata.read() as tx:
            row = sessions.find_session(tx, token_hash)
        now = self._stores.now()
        if row is None or row.user != user_of(token) or now >= row.expires_micros:
            return None
        if now >= row.used_micros + _TOUCH_MICROS:
            expires = min(row.created_micros + LONGEST_MICROS, now + IDLE_MICROS)
            with self._stores.metadata.write() as tx:
                sessions.touch(tx, row.row_id, used_micros=now, expires_micros=expires)
        with self._lock:
            if version != self._version or len(self._cached) >= _MAX_CACHED:
                self._cached = {}
                self._version = version
            self._cached[token_hash] = row
        return row

    def list(self, actor: Actor, current: int | None = None) -> builtins.list[Session]:
        """List the sessions of the actor; `current` is the request's own."""
        require(actor, Action.ADMIN, oneself(actor))
        if actor.user is None:
            return []
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.sessions.of_user(tx, actor.user)
        now = self._stores.now()
        return [
            Session(
                id=row.row_id,
                created_micros=row.created_micros,
                used_micros=row.used_micros,
                expires_micros=row.expires_micros,
                address=row.address,
                agent=row.agent,
                method=row.method,
                is_current=row.row_id == current,
            )
            for row in rows
            if row.expires_micros > now
        ]

    def end(self, actor: Actor, session: int, current: int | None = None) -> None:
        """End a session of the actor; `current` is the request's own."""
        require(actor, Action.ADMIN, oneself(actor))
        with self._people.write() as tx:
            is_own = actor.user is not None and self._stores.metadata.sessions.remove(
                tx, session, actor.user
            )
            if not is_own:
                raise NotFound(f"no session {session}; GET /sessions lists yours")
            action = "sign_out" if session == current else "session.revoke"
            self._stores.audit.note(tx, actor, action, actor.user or "", actor.user or "")

    def end_others(self, actor: Actor, current: int | None) -> None:
        """End all sessions of the actor but one."""
        require(actor, Action.ADMIN, oneself(actor))
        if actor.user is None:
            return
        sessions = self._stores.metadata.sessions
        with self._people.write() as tx:
            for row in sessions.of_user(tx, actor.user):
                if row.row_id != current:
                    sessions.remove(tx, row.row_id, actor.user)
            self._stores.audit.note(tx, actor, "session.revoke", actor.user, "all others")

    def _hash(self, token: str) -> str | None:
        """The hash of a token; None if its user is unknown or disabled."""
        entry = self._people.current.users.get(user_of(token))
        if entry is None or entry.is_disabled:
            return None
        return hashlib.sha256(f"{entry.seal}:{token}".encode()).hexdigest()


def user_of(token: str) -> str:
    """The user that a token claims to be of.

    >>> user_of("ada.l.Xk3")
    'ada.l'
    """
    return token.rpartition(".")[0]
