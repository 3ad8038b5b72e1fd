"""The code that allows a local server's page to be shown in a notebook's cell. Pure.

`weft.sdk.display.notebook` makes it from the run's key, and the server's local mode checks it.
Another page on the same machine that does not know the server's token can't make it.
"""

from __future__ import annotations

import hashlib
import hmac

FRAME_PARAMETER = "frame"
"""Name of the query parameter that holds the code in the page's address."""


def frame_code(token: str) -> str:
    """The code of the server with this token; it can't be used as a token.

    >>> len(frame_code("secret"))
    32
    """
    return hmac.new(token.encode(), b"weft notebook frame", hashlib.sha256).hexdigest()[:32]
