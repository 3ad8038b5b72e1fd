"""The code that lets a local server's page be shown in a notebook's cell. Pure.

Made by `weft.sdk.display.notebook` from the key that a run has, checked by the server's local
mode. A page of the same machine that does not know the server's token can't make it.
"""

from __future__ import annotations

import hashlib
import hmac

FRAME_PARAMETER = "frame"
"""The name under which the code lies in the page's address."""


def frame_code(token: str) -> str:
    """The code of the server with this token; useless as a token.

    >>> len(frame_code("secret"))
    32
    """
    return hmac.new(token.encode(), b"weft notebook frame", hashlib.sha256).hexdigest()[:32]
