"""The common parts of the pages by which a browser is signed in: style, layout, picture."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from functools import cache
from html import escape
from typing import Final

from starlette.responses import HTMLResponse, Response

# The values of web/src/ui/tokens.css, copied because the page loads nothing.
_STYLE: Final = """
:root { color-scheme: light dark; --bg: #f4f5f7; --surface: #fff; --border: #e1e4ea;
  --control: #858d9c; --text: #171a21; --muted: #5f6878; --ink: #1d2129; --on-ink: #fff;
  --focus: #2f56d9; --danger: #c02637; --warp: #cdd2dc; --c0: #2f56d9; --c1: #0d8577;
  --c2: #7a3ec8; --c3: #0e8fc4; --c4: #5b6577 }
@media (prefers-color-scheme: dark) { :root { --bg: #0d0f13; --surface: #14171c;
  --border: #242932; --control: #6c7585; --text: #e9ebef; --muted: #8e97a6; --ink: #e9ebef;
  --on-ink: #14171c; --focus: #8ea5ff; --danger: #ff7f86; --warp: #2c323d; --c0: #6f8cff;
  --c1: #35b8a6; --c2: #ab7bf0; --c3: #45b9e8; --c4: #8b95a7 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid;
  grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
  font: 14px/1.5 system-ui, sans-serif; color: var(--text); background: var(--bg) }
main { position: relative; display: grid; grid-template-columns: minmax(0, 1fr);
  align-items: center; justify-items: center;
  padding: 72px 32px 32px; background: var(--surface); border-right: 1px solid var(--border) }
.brand { position: absolute; left: 32px; top: 26px; font-size: 20px; font-weight: 650;
  letter-spacing: -.02em; text-decoration: none; display: flex; align-items: center; gap: 10px }
.brand svg { width: 26px; height: 26px; stroke: currentColor; stroke-width: 2.6 }
.brand .weft { stroke: var(--focus) }
.box { width: 400px; max-width: 100% }
h1 { margin: 0 0 12px; font-size: 20px; line-height: 28px; letter-spacing: -.012em }
p { margin: 0; color: var(--muted) }
.box > p { margin-bottom: 20px }
label { display: block; margin: 14px 0 6px; font-size: 12px; font-weight: 550 }
input { width: 100%; height: 36px; padding: 0 10px; font: inherit; color: inherit;
  background: var(--surface); border: 1px solid var(--control); border-radius: 6px }
input[aria-invalid] { border-color: var(--danger) }
button, .button { display: block; width: 100%; height: 36px; margin-top: 16px; padding: 0 14px;
  font: inherit; font-weight: 550; line-height: 34px; text-align: center; cursor: pointer;
  color: var(--on-ink); background: var(--ink); border: 1px solid var(--ink);
  border-radius: 6px; text-decoration: none }
.button { color: inherit; background: none; border-color: var(--control); margin-top: 8px }
.or { display: flex; align-items: center; gap: 12px; margin: 16px 0 0; color: var(--muted);
  font-size: 12px }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--border) }
details { margin-top: 16px } summary { cursor: pointer; color: var(--muted); font-size: 12px }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
[role=alert] { margin-top: 8px; font-size: 12px; color: var(--danger) }
.hint { margin-top: 4px; font-size: 12px }
fieldset { margin: 20px 0 0; padding: 0; border: 0 } legend { padding: 0; font-weight: 550 }
.choices { max-height: 168px; margin: 8px 0; padding: 4px 10px; overflow: auto;
  border: 1px solid var(--border); border-radius: 6px }
.choice { display: flex; align-items: center; gap: 8px; margin: 4px 0; font-size: 14px;
  font-weight: 400; overflow-wrap: anywhere }
.choice input { flex: none; width: 15px; height: 15px; accent-color: var(--ink) }
.foot { margin-top: 20px; padding-top: 16px; border-top: 1px solid var(--border);
  font-size: 12px; color: var(--muted) }
code { white-space: nowrap } a { color: inherit }
svg { fill: none }
body > svg { position: sticky; top: 0; width: 100%; height: 100vh }
.warp { stroke: var(--warp); stroke-width: 2.5 }
@media (max-width: 900px) { body { grid-template-columns: minmax(0, 1fr) }
  body > svg { display: none }
  main { border: 0 } }
"""

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

_MARK: Final = (
    '<svg viewBox="0 0 24 24" aria-hidden="true">'
    '<path d="M5 2.5V6M5 11V21.5M12 2.5V12.8M12 17.8V21.5M19 2.5V6M19 11V21.5"/>'
    '<path class="weft" d="M1.5 8.5H9.5M14.5 8.5H22.5M7.5 15.3H16.5"/></svg>'
)
"""The mark of the web app, `Mark` in web/src/ui/signs/icons.tsx."""

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · weft</title><style>{style}</style></head>
<body><main><a class="brand" href="/">{mark}weft</a><div class="box"><h1>{title}</h1>
{body}</div></main>
{picture}</body></html>
"""


def page(title: str, body: str, status: int = 200) -> Response:
    """Make a page of a title and HTML."""
    text = _PAGE.format(
        title=escape(title), style=_STYLE, body=body, mark=_MARK, picture=_picture()
    )
    return HTMLResponse(text, status, headers={"Content-Security-Policy": _POLICY})


def field(
    name: str,
    label: str,
    *,
    kind: str = "text",
    complete: str = "off",
    value: str = "",
    error: str | None = None,
    is_first: bool = False,
    is_required: bool = True,
    suggestions: str | None = None,
) -> str:
    """A labelled input. `complete` is its `autocomplete`, by which password managers know it;
    `suggestions` is the id of a `datalist`. With an error it has the focus.
    """
    more = " autofocus" if is_first or error is not None else ""
    more += " required" if is_required else ""
    more += "" if suggestions is None else f' list="{suggestions}"'
    if error is not None:
        more += f' aria-invalid="true" aria-describedby="{name}-error"'
    html = (
        f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" '
        f'type="{kind}" autocomplete="{complete}" value="{escape(value)}" spellcheck="false"'
        f' autocapitalize="none" maxlength="256"{more}>'
    )
    return html + ("" if error is None else alert(error, f"{name}-error"))


def with_code(text: str) -> str:
    """A text as HTML, in which commands between backticks are code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def alert(text: str, element: str = "error") -> str:
    """A message about what went wrong."""
    return f'<p role="alert" id="{element}">{with_code(text[:1].upper() + text[1:])}.</p>'


@cache
def _picture() -> str:
    """A cloth: straight warp threads, and curves of training as the weft."""
    width, height, gap = 700, 900, 35
    curves: list[str] = []
    over: list[str] = []
    for n in range(10):
        end, rise, tau = height * (0.36 + n * 0.055), height * (0.62 - n * 0.012), 3.6 + n % 4
        ys = [
            end - rise * math.exp(-x / width * tau) + 6 * math.sin(x / 40 + n * 2)
            for x in range(0, width + 1, 14)
        ]
        points = " ".join(f"{n_ * 14},{y:.0f}" for n_, y in enumerate(ys))
        color = (0, 1, 0, 3, 2, 0, 4, 1, 0, 3)[n]
        curves.append(
            f'<polyline points="{points}" stroke="var(--bg)" stroke-width="8"/>'
            f'<polyline points="{points}" stroke="var(--c{color})" stroke-width="3.2"/>'
        )
        over += [
            f"M{x} {ys[x // 14 if x // 14 < len(ys) else -1] - 9:.0f}v18"
            for number, x in enumerate(range(gap, width, gap))
            if (number + n) % 2 == 0
        ]
    warp = "".join(f"M{x} 0V{height}" for x in range(gap, width, gap))
    return (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="xMidYMid slice" '
        f'aria-hidden="true"><path class="warp" d="{warp}"/>{"".join(curves)}'
        f'<path d="{"".join(over)}" stroke="var(--bg)" stroke-width="7.5"/>'
        f'<path class="warp" d="{"".join(over)}"/></svg>'
    )
