"""The error that a run printed before it ended, for runs whose scripts did not tell it.

Such runs are imported, were logged by another client, or ended by `os._exit`. Does I/O.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from weft.records.limits import MAX_REASON_BYTES
from weft.server.storage.contract import MetricStore

FAILED_LINES: Final = 400
"""Lines at the end of each stream that are searched after an exit code that is not 0."""

CRASHED_LINES: Final = 20
"""The same after an end without an exit code, where an earlier error need not be the cause."""

_MOST_STREAMS: Final = 8
"""Streams that are searched: a job of 1,000 ranks has 2,000."""

_STYLE: Final = re.compile(r"\x1b\[[0-9;:]*m")
_RANK: Final = re.compile(r"^\[(?:rank)?\d+\]:? ?")
_TRACEBACK: Final = "Traceback (most recent call last)"
_EXCEPTION: Final = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)\b(?::|$)")
_ERROR: Final = re.compile(
    r"\b(?:error|fatal|panicked|out of memory|segmentation fault|core dumped)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PrintedError:
    """A line that tells an error, and whether it ends a traceback."""

    text: str
    ends_traceback: bool = False


def printed_error(store: MetricStore, run: str, n_lines: int) -> PrintedError | None:
    """The last error among the last lines of a run's streams, stderr first; None if there is none.

    Reads at most `n_lines` lines of each of the 8 streams that were written last.
    """
    streams = sorted(
        store.console_streams(run),
        key=lambda stream: (stream.stream == "stderr", stream.last_micros),
        reverse=True,
    )
    for stream in streams[:_MOST_STREAMS]:
        lines = store.console_before(
            run, stream.writer, stream.stream, stream.last_line + 1, n_lines
        )
        error = last_error([line.text for line in lines])
        if error is not None:
            return error
    return None


def last_error(lines: Sequence[str]) -> PrintedError | None:
    """The last line of the last traceback; else the last line that names an error.

    >>> last_error(["Traceback (most recent call last):", '  File "a.py"', "KeyError: 'x'", "bye"])
    PrintedError(text="KeyError: 'x'", ends_traceback=True)
    >>> last_error(["step 1", "CUDA error: out of memory", "step 2"])
    PrintedError(text='CUDA error: out of memory', ends_traceback=False)
    >>> last_error(["loss 0.1"])
    """
    texts = [_RANK.sub("", _STYLE.sub("", line)).rstrip() for line in lines]
    at = max((n for n, text in enumerate(texts) if _TRACEBACK in text), default=None)
    if at is not None:
        for text in texts[at + 1 :]:
            if text and not text[0].isspace():
                return PrintedError(text[:MAX_REASON_BYTES], ends_traceback=True)
    for pattern in (_EXCEPTION.match, _ERROR.search):
        for text in reversed(texts):
            if pattern(text):
                return PrintedError(text.strip()[:MAX_REASON_BYTES])
    return None
