"""A terminal that keeps lines: applies control characters to text. Pure.

Receives what a program writes, in pieces of any size; answers which lines changed. It knows
carriage return, backspace, cursor moves, erasing and colors, as progress bars use them. Rules:

- A character takes one column; a tab is a character.
- The last `N_ROWS` lines can still change. Older ones are final, so memory is bounded.
- A line has at most `MAX_COLUMNS` characters; longer text continues in the next line.
- Clearing the whole screen begins a new screen below; earlier lines stay.
- A line feed ends a sequence that has no end (a hyperlink that was cut off, a binary file): its
  characters are shown, so that nothing behind it is lost. So does a sequence that is too long.
- Behind the end of a line, text is written at column `MAX_PADDED_COLUMNS` at most.

Source: ECMA-48 (CSI sequences) and the behaviour of xterm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from weft.sdk.console import MAX_COLUMNS, N_ROWS
from weft.sdk.console.styles import apply_codes, styled_text

MAX_PADDED_COLUMNS: Final = 500
"""The width of a terminal: else ten bytes could make a line of 65,536 blanks."""

_MAX_SEQUENCE_CHARS: Final = 4096
"""An escape sequence that is longer without an end is shown as text."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PIECES: Final = (
    r"[^\x00-\x08\x0a-\x1f\x7f-\x9f]+"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x1b(?!\\)[^\x07\x1b\n]*)*(?:\x07|\x1b\\)"
    r"|\x1b[\]PX^_][^\n]*(?=\n)"
    r"|\x1b[ -/]+[0-~]|\x1b[0-OQ-WYZ\\`-~]"
    r"|(?:\x1b[ -/]*(?=[^ -~])|\x1b\[[0-?]*[ -/]*(?=[^ -~]))"
    r"|[\x00-\x1a\x1c-\x1f\x7f-\x9f]"
)


_STRINGS: Final = frozenset("]PX^_")
"""The second characters of sequences with a text of any length."""


@cache
def _piece_pattern() -> re.Pattern[str]:
    """The pieces of text. Compiled late: it takes 1 ms, and most scripts print only lines."""
    return re.compile(_PIECES)


def _without_controls(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", "", text)


class Line:
    """One line, numbered from 0.

    `styles` has the style of each character; None if all are plain.
    """

    __slots__ = ("number", "styles", "text")

    def __init__(self, number: int) -> None:
        self.number = number
        self.text = ""
        self.styles: list[str] | None = None

    def shown(self) -> str:
        """Return the text with its colors, without blanks at the end."""
        if self.styles is None:
            return self.text.rstrip(" ")
        return styled_text(self.text, self.styles)


class Terminal:
    r"""The lines of one stream.

    `changed` are those that changed since they were last taken, in no order.

    >>> terminal = Terminal()
    >>> terminal.feed("10%\r20%\r\x1b[32m30%\x1b[0m\ndone\n")
    >>> [line.shown() for line in terminal.take_all()]
    ['\x1b[32m30%\x1b[0m', 'done']
    """

    def __init__(self) -> None:
        self._lines: list[Line] = [Line(0)]
        self._row = 0
        self._column = 0
        self._style = ""
        self._pending = ""
        self._origin = 0
        self._saved = (0, 0)
        self.changed: dict[int, Line] = {}

    def feed(self, text: str) -> None:
        """Apply text. Lines that changed are in `changed`."""
        if self._pending:
            text, self._pending = self._pending + text, ""
        elif not _CONTROL.search(text):
            self._write_lines(text)
            return
        end = 0
        match = _piece_pattern().match
        while piece := match(text, end):
            end = piece.end()
            self._apply(piece.group())
        self._pending = text[end:]
        if len(self._pending) >= _MAX_SEQUENCE_CHARS:
            self.end_sequence()

    def end_sequence(self) -> None:
        """Show the characters of a sequence that has no end, as at the end of a stream."""
        if self._pending:
            text, self._pending = self._pending, ""
            self._write(_without_controls(text))

    @property
    def is_at_rest(self) -> bool:
        """Whether the cursor is at the end of the last line, which is plain, as is all that comes.

        No other line has a change that was not taken.
        """
        last = self._lines[-1]
        return (
            not (self._pending or self._style or last.styles)
            and self._row == len(self._lines) - 1
            and self._column == len(last.text)
            and self.changed.keys() <= {last.number}
        )

    def take_open_text(self) -> str:
        """Take the text of the last line away, at rest."""
        last = self._lines[-1]
        text, last.text = last.text, ""
        self._column = 0
        self.changed.clear()
        return text

    def continue_at(self, number: int, last: Sequence[str]) -> None:
        """Continue a terminal at rest behind plain lines that were written elsewhere.

        `number` is the open line; `last`, up to `N_ROWS` before it, count as taken.
        """
        n_rows = len(self._lines) + number - self._lines.pop().number
        for before, text in enumerate(last, number - len(last)):
            line = Line(before)
            line.text = text
            self._lines.append(line)
        self._lines.append(Line(number))
        del self._lines[:-N_ROWS]
        self._origin = max(0, self._origin - max(0, n_rows - N_ROWS))
        self._row = len(self._lines) - 1

    @property
    def open_number(self) -> int:
        """The number of the last line, which is not finished."""
        return self._lines[-1].number

    @property
    def is_amid_line(self) -> bool:
        """Whether the cursor is behind text of its line."""
        return self._column > 0

    @property
    def open_line(self) -> Line:
        """The line that the cursor is in."""
        return self._lines[self._row]

    def last_line(self) -> Line:
        """Return the last line, which is not finished."""
        return self._lines[-1]

    def take_finished(self) -> list[Line]:
        """Take changed lines, in order, unless the last line is among them or they were rewritten.

        A line that the cursor went back to counts as open until `take_all`.
        """
        if self._row < len(self._lines) - 1:
            return []
        numbers = sorted(number for number in self.changed if number != self.open_number)
        return [self.changed.pop(number) for number in numbers]

    def take_all(self) -> list[Line]:
        """Take all changed lines, in order."""
        lines = [self.changed[number] for number in sorted(self.changed)]
        self.changed = {}
        return lines

    def _write_lines(self, text: str) -> None:
        first, *others = text.split("\n")
        if first:
            self._write(first)
        for part in others:
            self._next_line()
            self._column = 0
            if part:
                self._write(part)

    def _write(self, text: str) -> None:
        while text:
            room = MAX_COLUMNS - self._column
            if room <= 0:
                self._next_line()
                self._column = 0
                continue
            part, text = text[:room], text[room:]
            self._put(part)

    def _put(self, text: str) -> None:
        line = self._lines[self._row]
        n_chars = len(line.text)
        column = min(self._column, max(n_chars, MAX_PADDED_COLUMNS))
        end = column + len(text)
        if self._style and line.styles is None:
            line.styles = [""] * n_chars
        if column == n_chars:
            line.text += text
        else:
            line.text = line.text[:column].ljust(column) + text + line.text[end:]
        if line.styles is not None:
            if column > n_chars:
                line.styles.extend([""] * (column - n_chars))
            line.styles[column:end] = [self._style] * len(text)
        self._column = end
        self.changed[line.number] = line

    def _next_line(self) -> None:
        self.changed.setdefault(self._lines[self._row].number, self._lines[self._row])
        self._row += 1
        if self._row == len(self._lines):
            self._lines.append(Line(self._lines[-1].number + 1))
            if len(self._lines) > N_ROWS:
                del self._lines[0]
                self._row -= 1
                self._origin = max(0, self._origin - 1)

    def _apply(self, piece: str) -> None:
        first = piece[0]
        if first == "\n":
            self._next_line()
            self._column = 0
        elif first == "\r":
            self._column = 0
        elif first == "\b":
            self._column = max(0, self._column - 1)
        elif first == "\x1b":
            if piece[1:2] == "[":
                self._sequence(piece[2:])
            elif piece[1:2] in _STRINGS and piece[-1] != "\x07" and piece[-2:] != "\x1b\\":
                self._write(_without_controls(piece))
            elif piece == "\x1b7":
                self._saved = self._lines[self._row].number, self._column
            elif piece == "\x1b8":
                self._restore()
        elif first == "\x9b":
            self._sequence(piece[1:])
        elif (first >= " " or first == "\t") and not "\x7f" <= first <= "\x9f":
            self._write(piece)

    def _restore(self) -> None:
        number, self._column = self._saved
        self._row = min(max(0, number - self._lines[0].number), len(self._lines) - 1)

    def _sequence(self, sequence: str) -> None:
        if not sequence:
            return
        kind, parameters = sequence[-1], sequence[:-1]
        if kind == "m":
            if not parameters or (parameters[0] not in "<=>?" and parameters[-1] >= "0"):
                self._style = apply_codes(self._style, parameters)
            return
        numbers = [
            int(parameter[:6]) if parameter.isdecimal() else 0
            for parameter in parameters.split(";")
        ]
        first = numbers[0]
        by = max(1, first)
        if kind in "AF":
            self._row = max(0, self._row - by)
        elif kind in "BE":
            self._row = min(len(self._lines) - 1, self._row + by)
        elif kind in "C":
            self._column = min(MAX_COLUMNS - 1, self._column + by)
        elif kind == "D":
            self._column = max(0, self._column - by)
        elif kind in "G`":
            self._column = min(MAX_COLUMNS, by) - 1
        elif kind in "Hf":
            self._row = min(self._origin + by - 1, len(self._lines) - 1)
            self._column = max(1, min(MAX_COLUMNS, numbers[1] if len(numbers) > 1 else 1)) - 1
        elif kind == "K":
            self._erase(self._lines[self._row], first, self._column)
        elif kind == "J":
            self._clear(first)
        elif kind == "P":
            self._cut(by)
        elif kind == "s":
            self._saved = self._lines[self._row].number, self._column
        elif kind == "u":
            self._restore()
        if kind in "EF":
            self._column = 0

    def _erase(self, line: Line, mode: int, column: int) -> None:
        """Erase from the column (0), up to it (1) or the whole line (2)."""
        if mode == 1:
            line.text = " " * min(column + 1, len(line.text)) + line.text[column + 1 :]
            if line.styles is not None:
                n_blank = min(column + 1, len(line.styles))
                line.styles[:n_blank] = [""] * n_blank
        else:
            n_remaining = 0 if mode == 2 else column
            line.text = line.text[:n_remaining]
            if line.styles is not None:
                del line.styles[n_remaining:]
        self.changed[line.number] = line

    def _clear(self, mode: int) -> None:
        if mode == 0:
            self._erase(self._lines[self._row], 0, self._column)
            for line in self._lines[self._row + 1 :]:
                self._erase(line, 2, 0)
        elif mode == 2:
            self._row = len(self._lines) - 1
            if self._lines[self._row].text:
                self._next_line()
            self._origin = self._row
            self._column = 0

    def _cut(self, n_chars: int) -> None:
        line, column = self._lines[self._row], self._column
        line.text = line.text[:column] + line.text[column + n_chars :]
        if line.styles is not None:
            del line.styles[column : column + n_chars]
        self.changed[line.number] = line
