"""API keys: makes, checks and hashes them. Pure, except that it asks for random numbers.

A key is `weft-` and 40 hexadecimal digits. The official client of W&B accepts this form, too: it
wants 40 or more characters after the first dash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from weft.errors import ConfigError

MAX_KEY_CHARS: Final = 256

_FORM: Final = re.compile(r"(?:[A-Za-z0-9_]+-)?[A-Za-z0-9_-]{40,}")


def new_key() -> str:
    """Make a key of 160 random bits.

    >>> check_key(new_key())[:5]
    'weft-'
    """
    return f"weft-{secrets.token_hex(20)}"


def check_key(key: str) -> str:
    """Return a key that an administrator chose, if it is valid and long enough not to be guessed.

    >>> check_key("secret")
    Traceback (most recent call last):
    ...
    weft.errors.ConfigError: an API key has 40 to 256 characters of A-Z, a-z, 0-9, _ and -
    """
    if not is_well_formed(key):
        raise ConfigError(
            f"an API key has 40 to {MAX_KEY_CHARS} characters of A-Z, a-z, 0-9, _ and -",
            field="api_key",
        )
    return key


def is_well_formed(key: str) -> bool:
    """Whether a text could be a key.

    >>> is_well_formed("local-" + "a" * 43), is_well_formed("secret")
    (True, False)
    """
    return len(key) <= MAX_KEY_CHARS and _FORM.fullmatch(key) is not None


def hash_key(key: str) -> str:
    """The form in which the server stores a key.

    A slow, salted hash would protect guessable passwords; a key is as random as its hash.

    >>> len(hash_key("weft-0123"))
    64
    """
    return hashlib.sha256(key.encode()).hexdigest()


def key_prefix(key: str) -> str:
    """The beginning of a key, by which people recognize it.

    >>> key_prefix("weft-0123456789")
    'weft-01234'
    """
    return key[:10]
