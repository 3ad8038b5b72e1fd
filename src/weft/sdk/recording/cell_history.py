"""Keeps the cells that a notebook has run as `files/code/_session_history.ipynb`. Does I/O.

The file is written again after each cell while the run is active, so it is there if the kernel
dies. The name is W&B's. Uses IPython, which is loaded in a notebook.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from weft.records.secrets.redaction import Redactor
from weft.runlog.private_files import write_private

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME: Final = "code/_session_history.ipynb"
MOST_BYTES: Final = 1 << 20
"""The largest notebook that is kept; of a longer session, the last cells."""


def keep_cells(files: Path, redactor: Redactor) -> Callable[[], None]:
    """Keep the cells of this kernel, also those before the run, among the run's files.

    Returns a function that writes them once more, and then stops.
    """
    shell: Any = sys.modules["IPython"].get_ipython()

    def write(*_: object) -> None:
        try:
            redactor.counts.clear()  # all cells are redacted again
            sources: Sequence[str] = shell.history_manager.input_hist_raw
            _write(files / NAME, as_notebook(list(enumerate(sources))[1:], redactor))
        except (OSError, AttributeError):
            pass  # the run has no cells; that its directory can't be written is told elsewhere

    def stop() -> None:
        write()
        try:
            shell.events.unregister("post_run_cell", write)
        except ValueError:
            pass  # the user has removed all hooks

    shell.events.register("post_run_cell", write)
    return stop


def as_notebook(cells: Sequence[tuple[int, str]], redactor: Redactor) -> bytes:
    """Return a notebook of code cells without outputs, in Jupyter's format 4.4.

    >>> cells = [(1, "a = 1"), (2, "API_KEY = 'wJalrXUtnFEMIK7MDENGbPxRfiCY'")]
    >>> content = as_notebook(cells, Redactor())
    >>> [cell["source"] for cell in msgspec.json.decode(content)["cells"]]
    ['a = 1', "API_KEY = '***'"]
    """
    shown: list[dict[str, Any]] = []
    n_bytes = 0
    for number, source in reversed(cells):
        n_bytes += len(source.encode(errors="replace"))
        if n_bytes > MOST_BYTES:
            break
        text = redactor.code(source.encode(errors="replace").decode())
        shown.append(
            {
                "cell_type": "code",
                "execution_count": number,
                "metadata": {},
                "outputs": [],
                "source": text,
            }
        )
    notebook = {
        "cells": shown[::-1],
        "metadata": {"language_info": {"name": "python", "version": sys.version.split()[0]}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return msgspec.json.format(msgspec.json.encode(notebook), indent=1)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_private(path, content)
