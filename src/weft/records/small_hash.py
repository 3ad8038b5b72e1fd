"""SHA-256 of small contents, without OpenSSL. Pure.

`hashlib` loads OpenSSL, which takes 3 ms of an `init`. Its SHA-256 is faster only for contents
of many kilobytes.
"""

from __future__ import annotations

import sys
from importlib import import_module

_MODULE = "_sha2" if sys.version_info >= (3, 12) else "_sha256"


def small_sha256(content: bytes) -> str:
    """Return the SHA-256 of a small content, in hexadecimal.

    >>> small_sha256(b"")[:16]
    'e3b0c44298fc1c14'
    """
    try:
        return import_module(_MODULE).sha256(content).hexdigest()
    except ImportError:
        from hashlib import sha256

        return sha256(content).hexdigest()
