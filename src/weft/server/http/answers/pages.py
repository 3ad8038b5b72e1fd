"""Stored content that a browser runs: what it may load, and what it tells its frame.

By default such content loads nothing from other hosts. A page that the web app shows in a frame
(`?framed=true`) begins with a script that tells the app which hosts it was kept from, so that a
reader may allow them (`?outside=`), and whether the page is still there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from weft.errors import ConfigError

_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:\d{1,5})?")

# Content with an origin of its own, which can't read from this server.
_RULES: Final = {
    "script-src": "'unsafe-inline' 'unsafe-eval' data: blob:",
    "style-src": "'unsafe-inline' data: blob:",
    "img-src": "data: blob:",
    "media-src": "data: blob:",
    "font-src": "data: blob:",
    "connect-src": "data: blob:",
    "worker-src": "data: blob:",
    "frame-src": "data: blob:",
}

# The policy of the page around the frame stops a page that opens another address in its own place;
# what remains is the browser's error page.
_FRAMED_SCRIPT: Final = b"""<script>(() => {
const frame = name;
const tell = (message) => parent.postMessage({ frame, ...message }, "*");
tell({ is_here: true });
addEventListener("pagehide", () => tell({ is_here: false }));
addEventListener("securitypolicyviolation", ({ blockedURI }) => tell({ blocked: blockedURI }));
document.currentScript.remove();
})()</script>"""

_DOCTYPE: Final = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<!--.{0,4000}?-->\s*)*(<!doctype[^>]{0,1000}>)?", re.I | re.S
)
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def page_policy(outside: str = "") -> str:
    """Return the content security policy of content that a browser runs.

    It may load from `outside`, hosts separated by commas; ConfigError if one is invalid.

    >>> "img-src data: blob: cdn.example:8080;" in page_policy("cdn.example:8080")
    True
    """
    hosts = [host for host in outside.split(",") if host]
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ConfigError(f"{host!r} is not a host", field="outside")
    rules = [" ".join([name, sources, *hosts]) for name, sources in _RULES.items()]
    fixed = ["form-action 'none'", "frame-ancestors 'self'"]
    return "; ".join(["sandbox allow-scripts", "default-src 'none'", *rules, *fixed])


class FramedPage:
    """An HTML file with the script for frames in it, after its doctype.

    `begin` is some thousand bytes or all.
    """

    def __init__(self, begin: bytes) -> None:
        match = _DOCTYPE.match(begin)
        self._at = match.end() if match else 0
        self._script = b"" if begin.startswith(_UTF_16) else _FRAMED_SCRIPT

    @property
    def n_added_bytes(self) -> int:
        return len(self._script)

    def pieces(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The file with the script, from its pieces."""
        at = 0
        is_done = False
        for piece in pieces:
            if not is_done and at + len(piece) >= self._at:
                split = self._at - at
                yield piece[:split] + self._script + piece[split:]
                is_done = True
            else:
                yield piece
            at += len(piece)
        if not is_done:
            yield self._script
