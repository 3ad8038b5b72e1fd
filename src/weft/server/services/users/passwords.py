"""Passwords: hashes and checks them with Argon2id, one at a time in a thread of its own.

A hash takes 19 MiB and 32 ms of a processor here, the first of OWASP's recommended parameters. One
at a time leaves the other processor to requests; at 20 sign-ins a second the thread is busy two
thirds of the time. Argon2 computes without the interpreter's lock.
"""

from __future__ import annotations

import base64
import secrets
import threading
import unicodedata
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from weft.errors import Unavailable

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")

MAX_WAITING: Final = 64
"""The most hashes that wait. The last of them begins after two seconds."""

_RETRY_SECS: Final = 3.0


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
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="weft-passwords")
        self._lock = threading.Lock()
        self._n_waiting = 0
        self._hasher: PasswordHasher | None = None
        # Checked where there is no hash: the answer for an unknown name takes as long.
        self._dummy = _dummy_hash(cost)

    def hash(self, password: str) -> Future[str]:
        """Hash a new password."""
        self._enter()
        return self._leaving(self._thread.submit(self._hash, password))

    def check(self, password: str, stored: str | None) -> Future[PasswordCheck]:
        """Compare a password with a stored hash; None is equal to no password."""
        self._enter()
        return self._leaving(self._thread.submit(self._check, password, stored))

    def close(self) -> None:
        """End the thread. Hashes that wait are not computed."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _enter(self) -> None:
        with self._lock:
            if self._n_waiting >= MAX_WAITING:
                raise Unavailable(
                    "too many people are signing in at this moment; try again in a few seconds",
                    retry_after_secs=_RETRY_SECS,
                )
            self._n_waiting += 1

    def _leaving(self, future: Future[T]) -> Future[T]:
        future.add_done_callback(self._leave)
        return future

    def _leave(self, _: object) -> None:
        with self._lock:
            self._n_waiting -= 1

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


def _dummy_hash(cost: Cost) -> str:
    salt, digest = (
        base64.b64encode(secrets.token_bytes(n_bytes)).rstrip(b"=").decode()
        for n_bytes in (16, 32)
    )
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${digest}"
