"""Hooks `write` of `sys.stdout` and `sys.stderr`, so that several runs can listen. No I/O.

A stream is never replaced: libraries that hold it, or that put another in its place, work as
before. A hook is removed with its last listener, if no other program has hooked the stream since;
otherwise it stays and only passes text on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

Listener = Callable[[str], None]
_ATTRIBUTE: Final = "write"


class Tap:
    """The hook of one stream.

    >>> import io
    >>> class Stream(io.StringIO): pass
    >>> stream, heard = Stream(), []
    >>> listener = heard.append
    >>> tap = Tap(stream)
    >>> tap.add(listener); _ = stream.write("a"); tap.remove(listener)
    True
    >>> stream.getvalue(), heard
    ('a', ['a'])
    """

    def __init__(self, stream: Any) -> None:
        """Hook the stream."""
        self.stream = stream
        self._listeners: tuple[Listener, ...] = ()
        self._hook()

    def _hook(self) -> None:
        held: dict[str, Any] = getattr(self.stream, "__dict__", {})
        self._before = held.get(_ATTRIBUTE)
        write: Callable[[str], Any] = self.stream.write

        def hooked(text: str, /) -> Any:
            written = write(text)
            for listener in self._listeners:
                listener(text)
            return written

        self._hooked = hooked
        self.stream.write = hooked

    def restore(self) -> None:
        """Hook the stream again if another program has put back a `write` of before.

        One that has hooked the stream since, and calls this hook, is left alone.
        """
        if self.is_hooked:
            return
        heard: list[str] = []
        note = heard.append
        self.add(note)
        try:
            self.stream.write("")
        finally:
            self.remove(note)
        if not heard:
            self._hook()

    @property
    def is_hooked(self) -> bool:
        """Whether the stream's `write` is still this hook."""
        return getattr(self.stream, "__dict__", {}).get(_ATTRIBUTE) is self._hooked

    def add(self, listener: Listener) -> None:
        """Call `listener` with each text after it was written."""
        self._listeners = (*self._listeners, listener)

    def remove(self, listener: Listener) -> bool:
        """Remove a listener. Returns whether none is left, and the hook with it."""
        self._listeners = tuple(other for other in self._listeners if other != listener)
        if self._listeners:
            return False
        if self.is_hooked:
            if self._before is None:
                del self.stream.write
            else:
                self.stream.write = self._before
        return True


class Taps:
    """The hooks of this process."""

    def __init__(self) -> None:
        self._taps: list[Tap] = []

    def add(self, name: str, listener: Listener) -> Callable[[], None] | None:
        """Listen to the present `sys.stdout` or `sys.stderr`; returns a function that stops it,
        None without such a stream or hook.
        """
        stream = getattr(sys, name, None)
        if stream is None:
            return None
        tap = next((tap for tap in self._taps if tap.stream is stream and tap.is_hooked), None)
        if tap is None:
            try:
                tap = Tap(stream)
            except (AttributeError, TypeError):
                return None
            self._taps.append(tap)
        tap.add(listener)

        def stop() -> None:
            if tap.remove(listener) and tap in self._taps:
                self._taps.remove(tap)

        return stop

    def restore(self) -> None:
        """Put back the hooks that other programs have taken away."""
        for tap in self._taps:
            tap.restore()


taps: Final = Taps()
