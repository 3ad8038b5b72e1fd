"""Serves the web app: the files built from `web/`, and its page at every other address.

The files include the documents for users, as text such as `/docs/guide/web.md`, which the app
shows at `/docs/web`, and `/docs/web.md` leads to; `/llms.txt` lists them for programs that read
them. The documents and what their page loads need no sign-in: `is_public`.

Browsers may cache hashed files (`assets/…`) forever, and the page itself never. A `.br` or `.gz`
file is sent instead of the one that it is named after if the browser accepts that coding, and the
page as gzip. Scripts and styles of the app are there packed only, a fifth of their size: a client
that accepts neither coding gets what `.gz` unpacks to. Files are looked up by name in a table,
which is read again when the page is requested after a new build: no path of a request ever reaches
the disk.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from weft.server.http.answers.link_preview import SHARE_HEADERS, SHARE_PAGES, preview_of

BUNDLE: Final = Path(__file__).parents[2] / "web"
"""The app as `npm run build` in `web/` makes it; part of the wheel."""

_SUFFIXES: Final = {".br": "br", ".gz": "gzip"}
"""Content codings by the suffix of their files, the smallest first."""

_PLAIN: Final = "identity"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_A_WHILE: Final = "public, max-age=3600"

_CACHED_BYTES: Final = 256 << 10
"""Files up to this size are sent from memory: a first visit loads some twenty of them, and to open
one takes longer than to send it."""

_CACHED_FILES: Final = 128

_INLINE_SCRIPT: Final = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)

_TITLE: Final = b"<title>weft</title>"

_PUBLIC_FOLDERS: Final = ("/docs/", "/assets/", "/examples/", "/frames/")
_PUBLIC_FILES: Final = frozenset({"/docs", "/favicon.svg", "/llms.txt"})
_MEDIA_TYPES: Final = {".md": "text/plain"}  # browsers show this, and download `text/markdown`

LOOPBACK_SITES: Final = (
    "http://localhost:* https://localhost:* http://127.0.0.1:* https://127.0.0.1:*"
)

_FRAME_PAGE: Final = re.compile(r"/frames/.+\.html")
"""Pages that draw what may hold code, such as plots of Bokeh. All they know is posted to them."""

_FRAME_HEADERS: Final = {
    "Content-Security-Policy": (
        "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
        f"frame-ancestors 'self' {LOOPBACK_SITES}"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}
"""For an origin of their own, from which nothing can be loaded."""

_MISSING: Final = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>weft</title>
<body><h1>The server runs; its web app is not built</h1>
<p>In a checkout, build it with <code>make setup</code>
(or <code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>) and start the server again.
The API works without it: <a href="/api/v1/openapi.json">its description</a>.</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class _Asset:
    media_type: str
    cache: str
    files: dict[str, str]
    """By content coding."""


class WebApp:
    """Answers GET of everything outside the API, from the folder with `index.html` and `assets/`.

    If it is missing, a page says so.
    """

    def __init__(self, bundle: Path = BUNDLE) -> None:
        self._bundle = bundle
        self._load()

    def _load(self) -> None:
        bundle = self._bundle
        self._stamp = _stamp(bundle)
        self._assets = _assets(bundle, self._stamp)
        self._documents = {
            name.rpartition("/")[2].removesuffix(".md"): name.removeprefix("/docs/")
            for name in self._assets
            if name.startswith("/docs/") and name.endswith(".md")
        }
        self._documents.pop("README", None)  # the list, at /docs itself
        index = bundle / "index.html"
        self._page = index.read_bytes() if index.is_file() else None
        # it fits into the first packets of a connection, plain it does not
        self._packed_page = gzip.compress(self._page or b"", mtime=0)
        self._policy = content_security_policy(self._page or b"")

    def answer(self, request: Request) -> Response | None:
        """A file, a document or the page; None if there is no such file."""
        path = request.url.path
        asset = self._assets.get(path)
        if asset is not None:
            response = _file(asset, _codings(request))
            if response and _FRAME_PAGE.fullmatch(path):
                response.headers.update(_FRAME_HEADERS)
            return response
        # Addresses of document pages contain no dot, addresses of files do.
        if path.startswith("/assets/"):
            return None
        if path.startswith("/docs/") and "." in path:
            text = self._documents.get(path.removeprefix("/docs/").removesuffix(".md"))
            # not the text itself: its links are relative to where it is
            return None if text is None else RedirectResponse(text)
        if _stamp(self._bundle) != self._stamp:
            self._load()
        if self._page is None:
            page, status = _MISSING, 503
        else:
            page, status = self._page, 200 if self._is_page(path) else 404
        # A notebook on this machine, whose server may use any port, or all sites for a share.
        framed_by: str | None = getattr(request.state, "framed_by", None)
        policy = self._policy
        if framed_by is not None:
            policy = content_security_policy(self._page or b"", framed_by=framed_by)
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": policy,
            "Vary": "Accept-Encoding",
        }
        if path.startswith(SHARE_PAGES):
            headers |= SHARE_HEADERS
        preview = preview_of(request)
        if preview and page is self._page:
            page = page.replace(_TITLE, preview, 1)
        elif page is self._page and "gzip" in _codings(request):
            page, headers["Content-Encoding"] = self._packed_page, "gzip"
        return Response(page, status, headers=headers, media_type="text/html")

    def _is_page(self, path: str) -> bool:
        """Whether the app has a page at a path; the server knows only the pages of documents."""
        name = path.removeprefix("/docs/").rstrip("/")
        return not path.startswith("/docs/") or name == "" or name in self._documents


def is_public(path: str) -> bool:
    """Whether everyone may load a path: a document, or a file of the app without data.

    >>> is_public("/docs/server"), is_public("/assets/index.js"), is_public("/local/mnist")
    (True, True, False)
    """
    return path in _PUBLIC_FILES or path.startswith(_PUBLIC_FOLDERS)


def content_security_policy(page: bytes, *, framed_by: str = "'none'") -> str:
    """The policy of the web app's page: it may load its own files, and run its inline scripts.

    Pages of `framed_by` may show it in a frame.

    >>> "sha256" in content_security_policy(b"<script>go()</script>")
    True
    """
    scripts = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(page)
    ]
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *scripts]),
        # Component libraries insert style elements, and a style can't run code.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self'",
        "font-src": "'self' data:",
        # Files of runs. What could run in one is served with a sandbox of its own.
        "frame-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": framed_by,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _stamp(bundle: Path) -> tuple[int, ...]:
    """Times of the last changes of a bundle's folders: each build adds and removes files there."""
    folders = [bundle, *sorted(bundle.iterdir())] if bundle.is_dir() else []
    return tuple(folder.stat().st_mtime_ns for folder in folders if folder.is_dir())


@lru_cache(1)
def _assets(bundle: Path, _stamp: tuple[int, ...]) -> Mapping[str, _Asset]:
    assets: dict[str, _Asset] = {}
    # texts, as the paths of a thousand files would take most of the time
    files = [
        os.path.join(folder, name)  # noqa: PTH118
        for folder, _, names in os.walk(bundle)
        for name in names
    ]
    for file in files:
        stem, suffix = os.path.splitext(file)  # noqa: PTH122
        coding = _SUFFIXES.get(suffix, _PLAIN)
        whole = file if coding == _PLAIN else stem
        name = whole.removeprefix(str(bundle)).replace(os.sep, "/")
        if name == "/index.html":
            continue
        asset = assets.get(name)
        if asset is None:
            media_type = _MEDIA_TYPES.get(name[name.rfind(".") :]) or mimetypes.guess_type(name)[0]
            asset = assets[name] = _Asset(
                media_type or "application/octet-stream",
                _FOR_EVER if name.startswith("/assets/") else _A_WHILE,
                {},
            )
        asset.files[coding] = file
    return assets


def _codings(request: Request) -> set[str]:
    """Content codings that a client accepts."""
    accepted = request.headers.get("accept-encoding", "")
    return {part.partition(";")[0].strip() for part in accepted.split(",")}


def _file(asset: _Asset, codings: set[str]) -> Response | None:
    usable = [c for c in _SUFFIXES.values() if c in asset.files and c in codings]
    coding = usable[0] if usable else _PLAIN
    headers = {"Cache-Control": asset.cache, "Vary": "Accept-Encoding"}
    if coding != _PLAIN:
        headers["Content-Encoding"] = coding
    file = asset.files.get(coding)
    path = Path(file or asset.files["gzip"])
    try:
        if file is None:
            content = _unpacked(path, path.stat().st_mtime_ns)
        else:
            stat = path.stat()
            if stat.st_size > _CACHED_BYTES:
                return FileResponse(path, headers=headers, media_type=asset.media_type)
            content = _content(path, stat.st_mtime_ns)
    except FileNotFoundError:  # of an earlier build
        return None
    return Response(content, headers=headers, media_type=asset.media_type)


@lru_cache(_CACHED_FILES)
def _content(path: Path, _mtime_ns: int) -> bytes:
    return path.read_bytes()


@lru_cache(_CACHED_FILES)
def _unpacked(path: Path, _mtime_ns: int) -> bytes:
    return gzip.decompress(path.read_bytes())
