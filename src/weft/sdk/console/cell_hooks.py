"""Keeps the hooks of a notebook's console from one cell to the next. Calls IPython.

IPython hooks `write` for the time of a cell, and then puts back what it found at its beginning:
the hook of a run that began in that cell would be gone with it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from weft.sdk.console.taps import taps


def keep_hooks() -> Callable[[], None]:
    """Put back the hooks of `taps` after each cell, and before each; returns a function that stops
    it.
    """
    shell: Any = sys.modules["IPython"].get_ipython()

    def restore(*_: object) -> None:
        taps.restore()

    def restore_soon(*_: object) -> None:
        try:
            # Of a kernel: what runs next, after IPython has put back its own.
            asyncio.get_running_loop().call_soon(taps.restore)
        except RuntimeError:
            pass  # IPython in a terminal has no loop here: the next cell's beginning serves

    handlers = {"pre_run_cell": restore, "post_run_cell": restore_soon}
    for event, handler in handlers.items():
        shell.events.register(event, handler)

    def stop() -> None:
        for event, handler in handlers.items():
            try:
                shell.events.unregister(event, handler)
            except ValueError:
                pass  # the user has removed all handlers

    return stop
