"""The head of a share's page for programs that preview its link: Open Graph, and oEmbed.

They don't run scripts, so the server writes it. Admission has noted what may be said.
"""

from __future__ import annotations

from html import escape
from typing import Final
from urllib.parse import quote

from starlette.requests import Request

from weft.server.services.sharing import PICTURE_PX, ShareHeading

SHARE_PAGES: Final = "/share/"
"""Begins the addresses of pages of shares."""

SHARE_HEADERS: Final = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""Links lead out of shares without their code, and search engines list none."""

_SITE: Final = "weft"


def preview_of(request: Request) -> bytes:
    """The title and metadata of a share's page; empty for other pages, and for links that open
    nothing.
    """
    heading: ShareHeading | None = getattr(request.state, "share", None)
    if heading is None:
        return b""
    base: str = getattr(request.state, "base_url", "") or str(request.base_url).rstrip("/")
    link = quote(request.url.path.removeprefix(SHARE_PAGES).partition("/")[0])
    data = f"{base}/api/v1/shared/{link}/report"
    properties = {
        "og:site_name": _SITE,
        "og:type": "article" if heading.has_picture else "website",
        "og:title": heading.title,
        "og:description": heading.description or f"Shared from {_SITE}",
        "og:url": f"{base}{SHARE_PAGES}{link}",
    }
    if heading.has_picture:
        width, height = PICTURE_PX
        properties |= {
            "og:image": f"{data}/picture",
            "og:image:type": "image/png",
            "og:image:width": str(width),
            "og:image:height": str(height),
        }
    lines = [f"<title>{escape(heading.title)} · {_SITE}</title>"]
    lines += [
        f'<meta property="{name}" content="{escape(value)}" />'
        for name, value in properties.items()
    ]
    card = "summary_large_image" if heading.has_picture else "summary"
    lines.append(f'<meta name="twitter:card" content="{card}" />')
    if heading.has_picture:
        lines.append(
            '<link rel="alternate" type="application/json+oembed" '
            f'href="{escape(f"{data}/embed")}" title="{escape(heading.title)}" />'
        )
    return "\n    ".join(lines).encode()
