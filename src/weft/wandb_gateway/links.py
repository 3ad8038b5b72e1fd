"""Signed addresses for uploads and downloads: the official client sends no key with them.

An address says what it is for and until when, under a code that only this server can make. It
works for who has it, like the presigned addresses of a bucket, until its user's key is changed.
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
"""Where the addresses are."""

_HOURS: Final = 24
_CODE_BYTES: Final = 16


class Purpose(msgspec.Struct, frozen=True, array_like=True):
    """The request that a signed address permits.

    Attributes:
        kind: the kind of object: `run`, `history`, `artifact` or `manifest`.
        names: of the object; their meaning depends on the kind.
        user: the user with whose rights it acts; None for the server's own user.
        until_secs: its end, in s since 1970.
    """

    method: str
    kind: str
    names: Annotated[list[str], Meta(max_length=16)]
    user: str | None
    until_secs: int


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Purpose).decode


class Links:
    """Makes and reads signed addresses.

    `secret` is known to this server alone; `seal_of` returns a text that changes
    when a user's key or password is taken away, None without such a user.
    """

    def __init__(
        self,
        secret: str,
        seal_of: Callable[[str], str | None] = lambda _: None,
        now_secs: Callable[[], float] = time.time,
    ) -> None:
        self._key = hashlib.sha256(f"weft wandb links {secret}".encode()).digest()
        self._seal_of = seal_of
        self._now = now_secs

    def make(self, actor: Actor, base: str, method: str, kind: str, *names: str) -> str:
        """Make an address, whose last part is the last of `names` to be readable.

        >>> links = Links("secret", now_secs=lambda: 0)
        >>> made = links.make(Actor("local"), "http://host", "GET", "run", "local", "a b.txt")
        >>> made.rpartition("/")[2], links.read("GET", made.removeprefix("http://host")).names
        ('a%20b.txt', ['local', 'a b.txt'])
        """
        until = int(self._now()) + _HOURS * 3600
        purpose = Purpose(method, kind, list(names), actor.user, until)
        data = _encode(purpose)
        text = base64.urlsafe_b64encode(self._code(data, actor.user) + data).decode().rstrip("=")
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
            if not hmac.compare_digest(code, self._code(data, purpose.user)):
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

    def _code(self, data: bytes, user: str | None) -> bytes:
        # Data end where msgpack does, so that data and seal can't be divided in another way.
        seal = "" if user is None else self._seal_of(user) or ""
        signed = data + seal.encode()
        return hmac.new(self._key, signed, hashlib.sha256).digest()[:_CODE_BYTES]
