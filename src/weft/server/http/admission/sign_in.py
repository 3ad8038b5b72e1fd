"""The sign-in page, on which a user can enter their key or the server's token.

`local_mode` shows it at whichever address was requested. Its form posts the token to that same
address, so that the browser returns to the page it asked for.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope

_FORM: Final = b"application/x-www-form-urlencoded"
_MAX_FORM_BYTES: Final = 4096

# The values of web/src/ui/tokens.css, copied because the page loads nothing.
_STYLE: Final = """
:root { color-scheme: light dark; --bg: #f4f5f7; --surface: #fff; --border: #e1e4ea;
  --control: #858d9c; --text: #171a21; --muted: #5f6878; --ink: #1d2129; --on-ink: #fff;
  --focus: #2f56d9; --danger: #c02637 }
@media (prefers-color-scheme: dark) { :root { --bg: #0d0f13; --surface: #14171c;
  --border: #242932; --control: #6c7585; --text: #e9ebef; --muted: #8e97a6; --ink: #e9ebef;
  --on-ink: #14171c; --focus: #8ea5ff; --danger: #ff7f86 } }
* { box-sizing: border-box }
body { margin: 0; padding: 12vh 16px 16px; font: 14px/1.5 system-ui, sans-serif;
  color: var(--text); background: var(--bg) }
main { max-width: 420px; margin: 0 auto; padding: 24px; background: var(--surface);
  border: 1px solid var(--border); border-radius: 8px }
h1 { margin: 0 0 8px; font-size: 18px }
p { margin: 0; color: var(--muted) }
form { margin: 20px 0 }
label { display: block; margin-bottom: 4px; font-weight: 600 }
div { display: flex; gap: 8px }
input { flex: 1; min-width: 0; height: 32px; padding: 0 8px; font: inherit; color: inherit;
  background: var(--bg); border: 1px solid var(--control); border-radius: 6px }
button { height: 32px; padding: 0 14px; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-ink); background: var(--ink); border: 0; border-radius: 6px }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
[role=alert] { margin-top: 6px; color: var(--danger) }
code { white-space: nowrap }
p + p { margin-top: 12px }
a { color: inherit }
"""

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · weft</title><style>{style}</style></head>
<body><main><h1>Sign in</h1>
<p>This server is private. You need a key, or a sign-in link from its owner.</p>
<form method="post"><label for="token">Key or token</label>
<div><input id="token" name="token" type="password" autocomplete="current-password" required
autofocus spellcheck="false"{invalid}><button>Sign in</button></div>{error}</form>
<p>Your key begins with <code>weft-</code>; an administrator gave it to you. The server's token is
the text of the file <code>token</code> in its data directory. The owner can also run
<code>weft status</code>, which prints a sign-in link. Each link works once.</p>
<p><a href="/docs/server#who-may-see-it">Who may see a server</a> ·
<a href="/docs">All documents</a></p></main></body></html>
"""

_WRONG: Final = '<p role="alert" id="wrong">Wrong key or token. Paste all of it, one line.</p>'

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def sign_in_page(*, is_wrong: bool = False) -> Response:
    """Ask a browser for the token, with status 401; `is_wrong` is true if it has just sent a wrong
    one.
    """
    page = _PAGE.format(
        style=_STYLE,
        error=_WRONG if is_wrong else "",
        invalid=' aria-invalid="true" aria-describedby="wrong"' if is_wrong else "",
    )
    return HTMLResponse(page, 401, headers={"Content-Security-Policy": _POLICY})


def is_sign_in(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """Whether a request is the form of `sign_in_page`: nothing else posts forms to this server."""
    if scope["method"] != "POST" or scope["path"].startswith("/api/"):
        return False
    media_type = headers.get(b"content-type", b"").partition(b";")[0]
    return media_type.strip().lower() == _FORM


async def read_token(receive: Receive) -> str | None:
    """Read the token of a posted form; None if the form has none or is too long."""
    body = b""
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
        if len(body) > _MAX_FORM_BYTES:
            return None
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=4)
    except ValueError:
        return None
    tokens = fields.get("token", [])
    return tokens[0].strip() if len(tokens) == 1 else None
