"""Lines of one stream: plain ones take a short way, all others go through a terminal. Pure.

Most lines that a script prints have neither colors nor control characters. As long as the cursor
is at the end of the text, such a line is only a text with a number. When something else comes,
the last lines are handed to the terminal, where they can still change.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from weft.sdk.console import MAX_COLUMNS, N_ROWS

if TYPE_CHECKING:
    from weft.sdk.console.terminal import Terminal

_MOST_PARTS: Final = 1000


class StreamLines:
    r"""The lines of one stream that may still change, and the number of the next one.

    `terminal` holds the lines unless `is_plain`: then the cursor is at the end of plain text.

    >>> lines = StreamLines()
    >>> lines.add("one"), lines.end_line()
    (True, (0, 'one'))
    >>> lines.take("two\nthr")
    [(1, 'two')]
    >>> lines.take("ee\x1b[1m!\n") is None
    True
    >>> lines.terminal.feed("ee\x1b[1m!\n"); [line.shown() for line in lines.terminal.take_all()]
    ['three\x1b[1m!\x1b[0m']
    """

    __slots__ = ("_is_taken", "_next", "_open", "_recent", "_terminal", "is_plain")

    def __init__(self) -> None:
        self._terminal: Terminal | None = None
        self.is_plain = True
        self._next = 0
        self._open: deque[str] = deque()
        self._is_taken = True
        self._recent: deque[str] = deque(maxlen=N_ROWS)

    @property
    def terminal(self) -> Terminal:
        """The terminal, which is made at the first text that needs it."""
        if self._terminal is None:
            from weft.sdk.console.terminal import Terminal

            self._terminal = Terminal()
        return self._terminal

    def add(self, text: str) -> bool:
        """Add text to the open line; False if it is not plain, or too much is open.

        Thread-safe, and the only method that needs no lock.
        """
        if self.is_plain and text.isprintable() and len(self._open) < _MOST_PARTS:
            if text:
                self._open.append(text)
                self._is_taken = False
            return True
        return False

    def end_line(self) -> tuple[int, str] | None:
        """End the open line, and return its number and text; None if it is not plain."""
        if not self.is_plain:
            return None
        parts = self._open
        text = parts.popleft() if len(parts) == 1 else self._taken_open()
        if len(text) > MAX_COLUMNS:
            parts.appendleft(text)
            return None
        number = self._next
        self._next = number + 1
        self._recent.append(text)
        return number, text

    def take(self, text: str) -> list[tuple[int, str]] | None:
        """Take plain text, and return the lines that it ended.

        Returns None if it is not plain: then the terminal has the lines before it, and is next.
        """
        if self.is_plain:
            first, *others = text.split("\n")
            head = self._taken_open() + first
            if all(map(_is_plain, (head, *others))):
                ended = [head, *others][:-1]
                number = self._next
                self._next = number + len(ended)
                self._recent.extend(ended)
                if rest := others[-1] if others else head:
                    self._open.appendleft(rest)
                self._is_taken = False
                return list(enumerate(ended, number))
            if before := head[: len(head) - len(first)]:
                self._open.appendleft(before)
        self.settle()
        return None

    @property
    def is_amid_line(self) -> bool:
        """Whether the cursor is behind text of its line."""
        return bool(self._open) or (not self.is_plain and self.terminal.is_amid_line)

    @property
    def has_changed(self) -> bool:
        """Whether there are changes that were not taken."""
        if self.is_plain:
            return bool(self._open) and not self._is_taken
        return bool(self.terminal.changed)

    def take_open(self) -> tuple[int, str]:
        """Take the open line while all is plain: its number and its present text."""
        self._is_taken = True
        text = self._taken_open()
        self._open.appendleft(text)
        return self._next, text

    def settle(self) -> None:
        """Hand the lines to the terminal."""
        if self.is_plain:
            self.is_plain = False
            self.terminal.continue_at(self._next, self._recent)
            self._recent.clear()
        # Another thread may have added text just as this one began.
        if self._open:
            self.terminal.feed(self._taken_open())

    def rest(self) -> None:
        """Take the short way again if the cursor is at the end of plain text."""
        if not self.is_plain and self.terminal.is_at_rest:
            self._next = self.terminal.open_number
            if text := self.terminal.take_open_text():
                self._open.appendleft(text)
                self._is_taken = False
            self.is_plain = True

    def _taken_open(self) -> str:
        parts: list[str] = []
        while self._open:
            parts.append(self._open.popleft())
        return "".join(parts)


def _is_plain(line: str) -> bool:
    if len(line) >= MAX_COLUMNS:
        return False
    return line.isprintable() or ("\t" in line and line.replace("\t", " ").isprintable())
