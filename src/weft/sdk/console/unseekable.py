"""Tells Python's layers over a descriptor that its file can't be sought any more. No I/O.

A stream remembers what its file could do. Where a pipe took the place of that file, each change of
the stream's encoding, and each new stream over it, would ask for a position and fail.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any


def hide_position(stream: Any) -> Callable[[], None]:
    """Make the layers below `sys.stdout` or `sys.stderr` take their file for a pipe; returns a
    function that takes it back. Layers that allow no change are left as they are.
    """
    buffer: Any = getattr(stream, "buffer", None)
    raw: Any = getattr(buffer, "raw", buffer)
    # An attribute of the object comes before the method of its class, also where C code calls it.
    changes = [(raw, "seekable", lambda: False), (buffer, "tell", lambda: 1)]
    changed: list[tuple[Any, str]] = []
    for layer, name, answer in changes:
        try:
            setattr(layer, name, answer)
        except (AttributeError, TypeError):
            continue
        changed.append((layer, name))

    def show() -> None:
        for layer, name in changed:
            with contextlib.suppress(AttributeError):
                delattr(layer, name)

    return show
