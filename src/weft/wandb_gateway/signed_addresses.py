"""Signed addresses for uploads and downloads: the official client sends no key with them.

An address says what it is for and until when, under a code that only this server can make. It
works for who has it, like the presigned addresses of a bucket, with no more rights than the key of
the request that it was made for, and ends with that key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import quote

import msgspec
from msgspec import Meta

from weft.errors import Forbidden
from weft.server.services.access import Actor

PREFIX: Final = "/wandb/files/"
"""The beginning of all addresses."""

_HOURS: Final = 24
_CODE_BYTES: Final = 16


class Purpose(msgspec.Struct, frozen=True, array_like=True):
    """The request that a signed address permits.

    Attributes:
        kind: the kind of object: `run`, `history`, `artifact` or `manifest`.
        names: of the object; their meaning depends on the kind.
        user: the user with whose rights it acts; None for the server's own user.
        key_id: the key whose limits hold; None for a browser.
        until_secs: its end, in s since 1970.
    """

    method: str
    kind: str
    names: Annotated[list[str], Meta(max_length=16)]
    user: str | None
    key_id: int | None
    until_secs: int


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Purpose).decode


class SignedAddresses:
    """Makes and reads signed addresses.

    `secret` is known to this server alone; `seal_of` returns a text that changes when a user's key
    (by its id; None: a password) is taken away or limited, None without such a user or key.
    """

    def __init__(
        self,
        secret: str,
        seal_of: Callable[[str, int | None], str | None] = lambda _name, _key: None,
        now_secs: Callable[[], float] = time.time,
    ) -> None:
        self._key = hashlib.sha256(f"weft wandb links {secret}".encode()).digest()
        self._seal_of = seal_of
        self._now = now_secs

    def make(self, actor: Actor, base: str, method: str, kind: str, *names: str) -> str:
        """Make an address, whose last part is the last of `names` to be readable.

        Forbidden for someone who is not signed in.

        >>> addresses = SignedAddresses("secret", now_secs=lambda: 0)
        >>> made = addresses.make(Actor("local"), "http://host", "GET", "run", "local", "a b.txt")
        >>> made.rpartition("/")[2], addresses.read("GET", made.removeprefix("http://host")).names
        ('a%20b.txt', ['local', 'a b.txt'])
        """
        if actor.user is None and actor.kind != "local":
            raise Forbidden("sign in, or send a key, for an address of this file")
        key_id = None if actor.key is None else actor.key.row_id
        until = int(self._now()) + _HOURS * 3600
        purpose = Purpose(method, kind, list(names), actor.user, key_id, until)
        data = _encode(purpose)
        text = (
            base64.urlsafe_b64encode(self._code(data, actor.user, key_id) + data)
            .decode()
            .rstrip("=")
        )
        shown = quote(names[-1].rpartition("/")[2] if names else "", safe="")
        return f"{base}{PREFIX}{text}/{shown}"

    def read(self, method: str, path: str) -> Purpose:
        """The request that a signed address permits.

        Forbidden if it is not this server's, not for this method, has ended, or its user has
        another key now or was removed.
        """
        text = path.removeprefix(PREFIX).partition("/")[0]
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            code, data = raw[:_CODE_BYTES], raw[_CODE_BYTES:]
            purpose = _decode(data)
            if not hmac.compare_digest(code, self._code(data, purpose.user, purpose.key_id)):
                raise ValueError(text)
        except (binascii.Error, ValueError, msgspec.DecodeError):
            raise Forbidden(
                "this address is not one that this server made, or it ended with its user's key"
            ) from None
        allowed = {"GET", "HEAD"} if purpose.method == "GET" else {purpose.method}
        if method not in allowed:
            raise Forbidden(f"this address is for {purpose.method}, not for {method}")
        if purpose.until_secs < self._now():
            raise Forbidden(f"this address has ended: ask for another one within {_HOURS} hours")
        return purpose

    def _code(self, data: bytes, user: str | None, key_id: int | None) -> bytes:
        # Data end where msgpack does, so that data and seal can't be divided in another way.
        seal = "" if user is None else self._seal_of(user, key_id) or ""
        signed = data + seal.encode()
        return hmac.new(self._key, signed, hashlib.sha256).digest()[:_CODE_BYTES]
