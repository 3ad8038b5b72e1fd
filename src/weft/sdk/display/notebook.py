"""Runs in a Jupyter notebook: is this one, and what is shown in its cells. No I/O of its own.

Used by `weft.sdk.start` and `weft.sdk.finish` for their lines and by `Run.display`. IPython is
asked only where it is loaded already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings


def is_notebook() -> bool:
    """Whether this process is the kernel of a notebook (Jupyter, VS Code, Colab).

    >>> is_notebook()
    False
    """
    shell = _shell()
    return shell is not None and getattr(shell, "kernel", None) is not None


def notebook_path(environment: Mapping[str, str] = os.environ) -> str | None:
    """The notebook's file, as far as its server tells; None = it does not, or this is none."""
    if not is_notebook():
        return None
    in_vscode: Any = getattr(_shell(), "user_ns", {}).get("__vsc_ipynb_file__")
    return in_vscode or environment.get("JPY_SESSION_NAME") or None


def display_html(html: str, text: str) -> bool:
    """Show HTML in the present cell's output.

    Args:
        text: instead of it, where there is no HTML.

    Returns:
        whether it was shown: not at the kernel's end, when nobody listens any more.
    """
    if sys.is_finalizing() or not is_notebook():
        return False
    from IPython.display import display  # pyright: ignore

    try:
        display({"text/html": html, "text/plain": text}, raw=True)  # pyright: ignore
    except (OSError, ValueError, RuntimeError):
        return False
    return True


def frame_html(
    name: str,
    url: str | None,
    settings: Settings,
    *,
    without_page: str,
    height: int = 420,
    hidden: bool = False,
) -> str:
    """A run's page as a frame below a link to it; only the link, where no frame can be shown.

    Args:
        without_page: text to show if there is no `url`.
        height: in pixels.
        hidden: behind a line that opens it.
    """
    if url is None:
        from html import escape

        return f"<code>{escape(without_page)}</code>"
    key = key_of_server(settings)
    return page_html(name, url, key, height=height, hidden=hidden)


def page_html(title: str, url: str, key: str | None, *, height: int, hidden: bool = False) -> str:
    """A page of a server as a frame; see `frame_html`.

    Args:
        key: the server's, that lets its page be framed; None = it can't be.
    """
    link = _link(title, url)
    address = None if is_vscode() else _frame_address(url, key)
    if address is None:
        return link
    style = f"border:none;width:100%;height:{int(height)}px;"
    frame = f'<iframe src="{_quoted(address)}" style="{style}" loading="lazy"></iframe>'
    is_open = "" if hidden else " open"
    return f"<details{is_open}><summary>{link}</summary>{frame}</details>"


def key_of_server(settings: Settings) -> str | None:
    """The key of the server that runs of these settings go to."""
    from weft.sdk.setup.known_server import known_server

    where = known_server(settings)
    return where.key if where is not None else None


def _frame_address(url: str, key: str | None) -> str | None:
    """The page's address with the code that lets it be framed; None = its server knows no such.

    A server that asks others for a login shows itself in no frame: a page around it could make
    its user click what it likes.
    """
    from weft.client.address import parse_address
    from weft.records.frame_code import FRAME_PARAMETER, frame_code

    if key is None or not parse_address(url).is_loopback:
        return None
    return f"{url}?{FRAME_PARAMETER}={frame_code(key)}"


def lines_html(lines: Iterable[str]) -> str:
    """Lines as they are printed elsewhere, an address at a line's end as a link.

    >>> lines_html(["View run a at http://h/a"])
    '<pre>View run a at <a href="http://h/a" target="_blank">http://h/a</a></pre>'
    """
    from html import escape

    shown: list[str] = []
    for line in lines:
        head, space, last = line.rpartition(" ")
        is_address = last.startswith(("http://", "https://"))
        shown.append(f"{escape(head)}{space}{_link(last, last)}" if is_address else escape(line))
    return f"<pre>{'<br>'.join(shown)}</pre>"


def is_vscode() -> bool:
    """Whether VS Code shows this notebook: its cells hold no frames of other addresses."""
    return "VSCODE_PID" in os.environ or "VSCODE_CWD" in os.environ


def _shell() -> Any:
    ipython: Any = sys.modules.get("IPython")
    get: Any = getattr(ipython, "get_ipython", None)
    return get() if get is not None else None


def _link(text: str, url: str) -> str:
    from html import escape

    return f'<a href="{_quoted(url)}" target="_blank">{escape(text)}</a>'


def _quoted(url: str) -> str:
    from html import escape
    from urllib.parse import quote

    return escape(quote(url, safe=":/?&=%#[]@~+,;"))
