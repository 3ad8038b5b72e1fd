"""The magics `%weft` and `%%weft`, and W&B's names for them: show a run's page in a notebook.

    %weft                       the active run's page
    %weft local/mnist -h 800    a project's page, 800 pixels high
    %%weft                      the page of the run that the cell uses or starts

Registered when weft is imported in IPython; used nowhere else. No I/O.
"""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any, Final

from weft.errors import UsageError
from weft.sdk.display.notebook import display_html, key_of_server, page_html

if TYPE_CHECKING:
    from weft.sdk.run import Run

_NAMES: Final = ("weft", "wandb")
_HEIGHT_PX: Final = 420


class _Wish:
    """While a `%%weft` cell runs: the height at which to show the next run that starts."""

    height: int | None = None


def register() -> None:
    """Register the magics. Does nothing outside IPython."""
    ipython: Any = sys.modules.get("IPython")
    get: Any = getattr(ipython, "get_ipython", None)
    shell: Any = get() if get is not None else None
    if shell is None:
        return
    for name in _NAMES:
        if shell.find_cell_magic(name) is None:
            shell.register_magic_function(show_page, "line_cell", name)


def show_page(line: str, cell: str | None = None) -> None:
    """Show a page: implements both magics, `[entity/project[/id]] [-h pixels]`.

    `cell` is code to run after that; None for `%weft`.
    """
    from weft.sdk.session import session

    path, height = parse_line(line)
    run = session.runs[-1] if session.runs else None
    if path is not None:
        _show_path(path, height)
    elif run is not None:
        display_html(run.to_html(height), repr(run))
    elif cell is None:
        raise UsageError("no run: call weft.init() before %weft, or name one: %weft project/id")
    else:
        _Wish.height = height  # pyrefly: ignore[instance-var-assign]
    if cell is not None:
        try:
            sys.modules["IPython"].get_ipython().run_cell(cell)
        finally:
            _Wish.height = None  # pyrefly: ignore[instance-var-assign]


def show_started(run: Run) -> None:
    """Show the page of a run that has just started, if its cell begins with `%%weft`."""
    height, _Wish.height = _Wish.height, None  # pyrefly: ignore[instance-var-assign]
    if height is not None:
        display_html(run.to_html(height), repr(run))


def parse_line(line: str) -> tuple[str | None, int]:
    """Parse the arguments of a magic into the path, if given, and the height in pixels.

    >>> parse_line("local/mnist -h 800"), parse_line("")
    (('local/mnist', 800), (None, 420))
    """
    path: str | None = None
    height = _HEIGHT_PX
    words = iter(shlex.split(line))
    for word in words:
        option, mark, value = word.partition("=")
        if option in {"-h", "--height"}:
            text = value if mark else next(words, "")
            if not text.isdecimal():
                raise UsageError(f"{option} takes a height in pixels, not {text!r}")
            height = int(text)
        elif path is None and not word.startswith("-"):
            path = word
        else:
            raise UsageError(f"%weft takes a path and -h PIXELS, not {word!r}")
    return path, height


def _show_path(path: str, height: int) -> None:
    from weft.sdk.setup.known_server import known_server
    from weft.sdk.setup.precedence import read_settings

    settings = read_settings({})
    address = known_server(settings)
    if address is None:
        raise UsageError("no server is known: start one with `weft server`")
    parts = [part for part in path.strip("/").split("/") if part != "runs"]
    if len(parts) == 3:
        parts.insert(2, "runs")
    tab = "charts" if len(parts) > 2 else ""
    url = f"{address.url}/{'/'.join(parts)}"
    display_html(page_html(path, url, key_of_server(settings), tab=tab, height=height), url)
