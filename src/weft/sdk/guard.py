"""Keeps weft's troubles out of the user's program: warns once, counts, goes on. No I/O but stderr.

A *call* that can be no row raises `UsageError` at once; the caller does that. What comes here are
values that can't be kept, faults of the environment (a full disk, a server that is away), and
faults of weft itself. None of them may stop a training. `strict=True` raises them all.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from weft.errors import LimitExceeded, UsageError, WeftError

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings

_EMOJI: Final = frozenset({*range(0x1F300, 0x1FB00), 0x2B50})

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # noqa: PTH100, PTH120


class Guard:
    """One run's warnings.

    Attributes:
        strict: raise instead of warning.
        silent: count, but print nothing.
        warnings, errors: print those; they are counted in any case.
        emoji: leave the emoji at a line's beginning.
        forked: this is a forked child: stderr's lock may be held for ever, by a thread that only
            the parent has.
        counts: how often each subject was warned of.

    >>> guard = Guard(silent=True)
    >>> guard.warn("disk", "no space left"); guard.warn("disk", "no space left")
    >>> guard.counts["disk"]
    2
    """

    def __init__(
        self,
        *,
        strict: bool = False,
        silent: bool = False,
        warnings: bool = True,
        errors: bool = True,
        emoji: bool = True,
    ) -> None:
        self.strict = strict
        self.silent = silent
        self.warnings = warnings
        self.errors = errors
        self.emoji = emoji
        self.forked = False
        self.counts: Counter[str] = Counter()

    def complain(self, key: str, what: str) -> None:
        """A value of `key` can't be kept as it is: one warning per key.

        Raises:
            UsageError: the run is strict.
        """
        if self.strict:
            raise UsageError(f"{key!r} {what}")
        self.warn(f"value {key}", f"{key!r} {what}{user_line()}; said once for this key")

    def warn(self, subject: str, message: str) -> None:
        """Print `message` the first time something is said of `subject`; count every time.

        Raises:
            WeftError: the run is strict.
        """
        if self.strict:
            raise WeftError(message)
        self.counts[subject] += 1
        if self.counts[subject] == 1 and self.warnings:
            self.say(f"WARNING {message}")

    def tell_loss(self, message: str) -> None:
        """Print an error: something that was logged is gone."""
        if self.errors:
            self.say(f"ERROR {message}")

    def report(self, lines: Iterable[str]) -> None:
        """Print lines that belong together, or show them in the notebook's cell."""
        shown = [line if self.emoji else without_emoji(line) for line in lines]
        if shown and not self.silent and "IPython" in sys.modules:
            from weft.sdk.display.notebook import display_html, lines_html

            if display_html(lines_html(shown), "\n".join(shown)):
                return
        for line in shown:
            self.say(line)

    def fault(self, error: Exception, what: str) -> None:
        """An exception that was caught on its way into the user's program; once per call site.

        Raises:
            Exception: the run is strict; it is the very error.
        """
        if self.strict:
            raise error
        place = user_line()
        limit = "" if isinstance(error, LimitExceeded) else f"{type(error).__name__}: "
        self.warn(f"fault {what}{place}", f"{what} failed{place}: {limit}{error}")

    @property
    def n_warnings(self) -> int:
        """How many warnings there would have been if none had been left out."""
        return sum(self.counts.values())

    def say(self, line: str) -> None:
        """Print one line to stderr, unless silent; a closed stderr is no reason to fail."""
        if self.silent:
            return
        text = f"weft: {line}".rstrip() + "\n"
        try:
            if self.forked and sys.stderr is sys.__stderr__:
                os.write(sys.stderr.fileno(), text.encode(errors="backslashreplace"))
                return
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):
            self.silent = True


def without_emoji(line: str) -> str:
    """A line without the emoji that it begins with.

    >>> without_emoji("🚀 View run"), without_emoji("loss ▁▄█")
    ('View run', 'loss ▁▄█')
    """
    head, _, rest = line.partition(" ")
    is_emoji = bool(head) and all(ord(char) in _EMOJI or char == "\ufe0f" for char in head)
    return rest if is_emoji else line


def guard_for(settings: Settings) -> Guard:
    """The guard of a run with these settings."""
    return Guard(
        strict=settings.strict,
        silent=settings.silent,
        warnings=settings.show_warnings,
        errors=settings.show_errors,
        emoji=settings.show_emoji,
    )


def warn_caller(message: str) -> None:
    """Give a Python warning at the line of the user's program that made the present call."""
    import warnings

    level, frame = 1, sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level + 1)


def user_line() -> str:
    """Where in the user's program the present call came from: ` (train.py:12)`; '' if unknown."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            return f" ({os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno})"  # noqa: PTH119
        frame = frame.f_back
    return ""
