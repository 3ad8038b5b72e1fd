"""Runs in a Jupyter notebook: is this one, and what is shown in its cells. No I/O of its own.

Used by `weft.sdk.start` and `weft.sdk.finish` for their lines and by `Run.display`. IPython is
asked only where it is loaded already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from weft.sdk.run import Run


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

    display({"text/html": html, "text/plain": text}, raw=True)  # pyright: ignore
    return True


def frame_html(run: Run, *, height: int = 420, hidden: bool = False) -> str:
    """A run's page as a frame, and as a link above it for where frames are not shown.

    Args:
        height: in pixels.
        hidden: behind a line that opens it.
    """
    url = run.url
    if url is None:
        return f"<code>{escape(repr(run))}</code>"
    address = _quoted(url)
    link = f'<a href="{address}" target="_blank">{escape(run.name)}</a>'
    if is_vscode():
        return f"Run {link}"
    style = f"border:none;width:100%;height:{int(height)}px;"
    frame = f'<iframe src="{address}?jupyter=true" style="{style}" loading="lazy"></iframe>'
    is_open = "" if hidden else " open"
    return f"<details{is_open}><summary>Run {link}</summary>{frame}</details>"


def start_html(
    *, name: str, place: str, run_url: str | None, project: str, project_url: str | None
) -> str:
    """What `init` shows."""
    run = _link(name, run_url)
    where = f" to {_link(project, project_url)}" if project_url else ""
    verb = "Syncing" if run_url else "Logging"
    saved = f"Run data is saved locally in <code>{escape(place)}</code>"
    return f"<div>{verb} run <strong>{run}</strong>{where}<br>{saved}</div>"


def lines_html(lines: Iterable[str]) -> str:
    """Lines as they are, addresses in them as links."""
    shown: list[str] = []
    for line in lines:
        head, mark, url = line.partition("http")
        address = f"{mark}{url}"
        is_url = bool(mark) and " " not in address
        shown.append(f"{escape(head)}{_link(address, address)}" if is_url else escape(line))
    return f"<pre>{'<br>'.join(shown)}</pre>"


def is_vscode() -> bool:
    """Whether VS Code shows this notebook: its cells hold no frames of other addresses."""
    return "VSCODE_PID" in os.environ or "VSCODE_CWD" in os.environ


def _shell() -> Any:
    ipython: Any = sys.modules.get("IPython")
    get: Any = getattr(ipython, "get_ipython", None)
    return get() if get is not None else None


def _link(text: str, url: str | None) -> str:
    if url is None:
        return escape(text)
    return f'<a href="{_quoted(url)}" target="_blank">{escape(text)}</a>'


def _quoted(url: str) -> str:
    return escape(quote(url, safe=":/?&=%#[]@~+,;"), quote=True)
