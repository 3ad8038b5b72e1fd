"""Detects Jupyter notebooks and shows runs in their cells. Reads only a run's own log.

Used by `weft.sdk.start` and `weft.sdk.finish` for their lines and by `Run.display`. IPython is
used only if it is already loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
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
    """Return the notebook's file, or None if it is unknown or this is not a notebook."""
    if not is_notebook():
        return None
    in_vscode: Any = getattr(_shell(), "user_ns", {}).get("__vsc_ipynb_file__")
    return in_vscode or environment.get("JPY_SESSION_NAME") or None


def display_html(html: str, text: str) -> bool:
    """Show HTML, or `text` where it is not supported, in the current cell's output.

    False outside a notebook or while the kernel exits.
    """
    if sys.is_finalizing() or not is_notebook():
        return False
    from IPython.display import display

    try:
        display({"text/html": html, "text/plain": text}, raw=True)
    except (OSError, ValueError, RuntimeError):
        return False
    return True


def page_html(
    title: str, url: str, key: str | None, *, tab: str = "", height: int, hidden: bool = False
) -> str:
    """Return a server's page as a frame below a link, or only the link if frames don't work.

    Args:
        key: the server's key, which permits framing its page. If None, only a link is returned.
        tab: the tab of the page that the frame shows. The first by default.
    """
    link = link_html(title, url)
    address = None if is_vscode() else _frame_address(f"{url}/{tab}" if tab else url, key)
    if address is None:
        return link
    style = f"border:none;width:100%;height:{int(height)}px;"
    frame = f'<iframe src="{_quoted(address)}" style="{style}" loading="lazy"></iframe>'
    is_open = "" if hidden else " open"
    return f"<details{is_open}><summary>{link}</summary>{frame}</details>"


def curves_of_log_html(
    log: Path | None, schemas: Mapping[int, Sequence[str]], n_bytes: int
) -> str:
    """Return the curves of a run's own log, sampled, as images.

    Args:
        schemas, n_bytes: as for `sample_values`.
    """
    from weft.records.metric_names import first_metrics
    from weft.sdk.display.pictures import MAX_CURVES, curves_html
    from weft.sdk.display.sparklines import sample_values

    try:
        samples = {} if log is None else sample_values(log, schemas, n_bytes)
    except OSError:
        return ""
    keys = first_metrics(list(samples), n_most=MAX_CURVES)
    return curves_html({key: list(enumerate(samples[key])) for key in keys})


def link_html(text: str, url: str) -> str:
    """A link to a page, which opens in a tab of its own."""
    from html import escape

    return f'<a href="{_quoted(url)}" target="_blank">{escape(text)}</a>'


def key_of_server(settings: Settings) -> str | None:
    """Return the key of the server that runs with these settings go to."""
    from weft.sdk.setup.known_server import known_server

    address = known_server(settings)
    return address.key if address is not None else None


def _frame_address(url: str, key: str | None) -> str | None:
    """Return the page's address with the code that permits framing, or None if it can't be framed.

    A server that is not on this machine refuses to be framed, to prevent clickjacking.
    """
    from weft.client.address import parse_address
    from weft.records.frame_code import FRAME_PARAMETER, frame_code

    if key is None or not parse_address(url).is_loopback:
        return None
    return f"{url}?{FRAME_PARAMETER}={frame_code(key)}"


def lines_html(lines: Iterable[str]) -> str:
    """Return lines of text as HTML, with an address at the end of a line as a link.

    >>> lines_html(["View run a at http://h/a"])
    '<pre>View run a at <a href="http://h/a" target="_blank">http://h/a</a></pre>'
    """
    from html import escape

    shown: list[str] = []
    for line in lines:
        head, space, last = line.rpartition(" ")
        is_address = last.startswith(("http://", "https://"))
        shown.append(
            f"{escape(head)}{space}{link_html(last, last)}" if is_address else escape(line)
        )
    return f"<pre>{'<br>'.join(shown)}</pre>"


def is_vscode() -> bool:
    """Whether VS Code shows this notebook: its cells can't show frames from other addresses."""
    return "VSCODE_PID" in os.environ or "VSCODE_CWD" in os.environ


def _shell() -> Any:
    ipython: Any = sys.modules.get("IPython")
    get: Any = getattr(ipython, "get_ipython", None)
    return get() if get is not None else None


def _quoted(url: str) -> str:
    from html import escape
    from urllib.parse import quote

    return escape(quote(url, safe=":/?&=%#[]@~+,;"))
