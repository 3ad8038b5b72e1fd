"""Passwords: hashes and checks them with Argon2id, one at a time in a thread of its own.

A hash takes 19 MiB and 32 ms of a processor here, the first of OWASP's recommended parameters. One
at a time leaves the other processor to requests; at 20 sign-ins a second the thread is busy two
thirds of the time. Argon2 computes without the interpreter's lock.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
import threading
import unicodedata
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, NamedTuple

from weft.server.services.users.bounded_threads import BoundedThreads

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MAX_WAITING: Final = 64
"""The most hashes that wait. The last of them begins after two seconds."""


_NICE: Final = 10


class Cost(NamedTuple):
    """The parameters of Argon2id."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


class PasswordCheck(NamedTuple):
    """The result of a check.

    Attributes:
        is_right: whether it is the password.
        new_hash: the hash to store from now on, if the stored one was cheaper to guess.
    """

    is_right: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and checks passwords. Thread-safe.

    Both methods return at once, and raise Unavailable while `MAX_WAITING` others wait.
    """

    def __init__(self, cost: Cost = Cost()) -> None:  # noqa: B008 (a tuple)
        self._cost = cost
        self._thread = BoundedThreads(
            "passwords",
            n_threads=1,
            max_calls=MAX_WAITING,
            busy="too many people are signing in at this moment",
            initializer=_yield_to_requests,
        )
        self._hasher: PasswordHasher | None = None
        # Checked where there is no hash: the answer for an unknown name takes as long.
        self._dummy = _dummy_hash(cost)

    def hash(self, password: str) -> Future[str]:
        """Hash a new password."""
        return self._thread.submit(self._hash, password)

    def check(self, password: str, stored: str | None) -> Future[PasswordCheck]:
        """Compare a password with a stored hash; None is equal to no password."""
        return self._thread.submit(self._check, password, stored)

    def close(self) -> None:
        """End the thread. Hashes that wait are not computed."""
        self._thread.close()

    def _hash(self, password: str) -> str:
        return self._argon().hash(_normal(password))

    def _check(self, password: str, stored: str | None) -> PasswordCheck:
        from argon2.exceptions import InvalidHashError, VerificationError

        argon = self._argon()
        try:
            argon.verify(stored or self._dummy, _normal(password))
        except (VerificationError, InvalidHashError):
            return PasswordCheck(is_right=False)
        if stored is None:
            return PasswordCheck(is_right=False)
        is_cheap = argon.check_needs_rehash(stored)
        return PasswordCheck(is_right=True, new_hash=self._hash(password) if is_cheap else None)

    def _argon(self) -> PasswordHasher:
        if self._hasher is None:
            # Imported here: a server starts without it, and one without accounts never needs it.
            from argon2 import PasswordHasher

            memory, passes, lanes = self._cost
            self._hasher = PasswordHasher(passes, memory, lanes)
        return self._hasher


def _normal(password: str) -> bytes:
    """The bytes of a password, the same from each keyboard (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _yield_to_requests() -> None:
    """Lower the priority of the thread of hashes, where a system has one for each thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def _dummy_hash(cost: Cost) -> str:
    salt, digest = (
        base64.b64encode(secrets.token_bytes(n_bytes)).rstrip(b"=").decode()
        for n_bytes in (16, 32)
    )
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${digest}"
