"""Requests long work from a server and reports its progress. Does I/O through `transport`.

The server answers with lines of JSON (`docs/http-api.md`, "Long work"); the last is the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from weft.client.transport import Transport, error_of_code
from weft.errors import Unavailable

Progress = Callable[[str, int, "int | None"], None]
"""Called with the phase, how much of it is done, and the total (None if unknown)."""

_LINES: Final = {"Accept": "application/jsonl", "Content-Type": "application/json"}


class _Fault(msgspec.Struct):
    code: str = "error"
    detail: str = ""


class _Line(msgspec.Struct):
    phase: str | None = None
    done: int = 0
    total: int | None = None
    result: dict[str, Any] | None = None
    problem: _Fault | None = None


def ask_long_work(
    transport: Transport, path: str, body: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """POST `body` and wait for the result.

    Unavailable if the connection was lost before the end; the outcome of the work is unknown then.
    """
    sent = msgspec.json.encode(body)
    pieces = transport.stream("POST", path, body=sent, headers=_LINES)
    return await_result(transport, pieces, progress)


def await_result(
    transport: Transport, pieces: Iterator[bytes], progress: Progress
) -> dict[str, Any]:
    """Read lines until the one with the result; raises the same errors as `ask_long_work`."""
    for text in _lines(pieces):
        line = msgspec.json.decode(text, type=_Line)
        if line.problem is not None:
            raise error_of_code(line.problem.code, line.problem.detail)
        if line.result is not None:
            return line.result
        if line.phase is not None:
            progress(line.phase, line.done, line.total)
    raise Unavailable(f"the answer of {transport.url} ended before the work was done")


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unread = b""
    for piece in pieces:
        *whole, unread = (unread + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
    if unread.strip():
        yield unread
