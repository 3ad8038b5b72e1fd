"""Keeps weft's problems out of the user's program: warns once and counts. No I/O except stderr.

An invalid *call* raises `UsageError` at once, in the caller of this module. This module handles
unsupported values, faults of the environment (a full disk, an unreachable server) and faults of
weft itself. None of them may stop a training. `strict=True` raises them all.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from weft.errors import LimitExceeded, UsageError, WeftError

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings

_EMOJI: Final = range(0x1F300, 0x1FB00)
_STAR: Final = "\u2b50"

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # noqa: PTH100, PTH120


_active: list[Callable[[], bool | None]] = [lambda: None]


def find_strictness(find: Callable[[], bool | None]) -> None:
    """Set what tells whether the active runs are strict; None: there is no active run."""
    _active[0] = find


def is_training() -> bool:
    """Whether a run is active that is not strict: then no value may raise in the user's program.

    >>> is_training()
    False
    """
    return _active[0]() is False


class Guard:
    """One run's warnings.

    Attributes:
        silent: whether to print nothing; warnings are still counted.
        warnings, errors: whether to print them; they are counted in any case.
        forked: whether this is a forked child. There, a thread that exists only in the parent may
            hold stderr's lock forever.
        counts: number of warnings by subject.

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

    def warn_value(self, key: str, fault: str) -> None:
        """Warn that a value of `key` can't be stored as it is, once per key."""
        if self.strict:
            raise UsageError(f"{key!r} {fault}")
        self.warn(f"value {key}", f"{key!r} {fault}{user_line()}; said once for this key")

    def warn(self, subject: str, message: str) -> None:
        """Print `message` on the first warning about `subject`; count every warning."""
        if self.strict:
            raise WeftError(message)
        self.counts[subject] += 1
        if self.counts[subject] == 1 and self.warnings:
            self.say(f"WARNING {message}")

    def tell_loss(self, message: str) -> None:
        """Print an error: logged data was lost."""
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

    def fault(self, error: Exception, call: str) -> None:
        """Warn about an exception that weft caught, once per call site."""
        if self.strict:
            raise error
        line = user_line()
        limit = "" if isinstance(error, LimitExceeded) else f"{type(error).__name__}: "
        self.warn(f"fault {call}{line}", f"{call} failed{line}: {limit}{error}")

    @property
    def n_warnings(self) -> int:
        """Number of warnings, including warnings that were not printed."""
        return sum(self.counts.values())

    def say(self, line: str) -> None:
        """Print one line to stderr, unless silent. A closed stderr is ignored."""
        if self.silent:
            return
        text = f"weft: {line}".rstrip() + "\n"
        try:
            if self.forked and sys.stderr is sys.__stderr__:
                # pyrefly: ignore[missing-attribute]
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
    is_emoji = bool(head) and all(
        ord(char) in _EMOJI or char in {_STAR, "\ufe0f"} for char in head
    )
    return rest if is_emoji else line


def guard_for(settings: Settings) -> Guard:
    """Make the guard of a run with these settings."""
    return Guard(
        strict=settings.strict,
        silent=settings.silent,
        warnings=settings.show_warnings,
        errors=settings.show_errors,
        emoji=settings.show_emoji,
    )


def warn_caller(message: str) -> None:
    """Issue a Python warning that points to the user's line that made the current call."""
    import warnings

    level, frame = 1, sys._getframe(1)  # noqa: SLF001
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level + 1)


def user_line() -> str:
    """The line of the user's program that made the current call: ` (train.py:12)`, or ''."""
    frame = sys._getframe(1)  # noqa: SLF001
    while frame is not None:
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            return f" ({os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno})"  # noqa: PTH119
        frame = frame.f_back
    return ""
