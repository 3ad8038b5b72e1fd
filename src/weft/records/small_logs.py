"""Several small logs in one request, and the answer: the two shapes of `POST /api/v1/logs`.

A request costs either end more than a small log does, so `weft sync` sends many in one. Both ends
import these, the description of the HTTP API is written by hand beside the route.
"""

from __future__ import annotations

from typing import Final

import msgspec

MAX_LOGS: Final = 128
"""In one request. Their runs share a transaction, for which others that write wait."""

MAX_BYTES: Final = 1 << 20
"""Of all logs and notes in one request."""

MAX_NOTE_BYTES: Final = 64 * 1024

MACHINE_FILE: Final = "metadata.json"
"""Among a run's files: what it notes of its machine and command."""


class SmallLog(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One log of a request.

    Attributes:
        data: the log's bytes from 0 on, as an upload of its own would have them.
        live, boot: as `X-Weft-Live` and `X-Weft-Boot` say it of an upload of its own.
        offset: least and most, as `X-Weft-Offset`; None = not known.
        note: what the run notes of its machine: becomes the run's file `MACHINE_FILE`.
    """

    entity: str
    project: str
    run: str
    writer: str
    data: bytes
    live: bool = False
    boot: str = ""
    offset: tuple[int, int] | None = None
    note: bytes | None = None


class SmallLogAnswer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What became of one log: an acknowledgement, or (`code`) a problem.

    Attributes:
        position: where the server's copy ends; None = not known.
        pause_millis, stop: as in the answer to an upload of its own.
        is_noted: the note is among the run's files.
        code, detail: as in a problem document; "" = all is well.
    """

    position: int | None = None
    pause_millis: int = 0
    stop: bool = False
    is_noted: bool = False
    code: str = ""
    detail: str = ""


class SmallLogAnswers(msgspec.Struct, kw_only=True):
    """The whole answer: one for each log, in their order.

    Attributes:
        time_micros: the server's clock while it had the request.
    """

    time_micros: int
    logs: list[SmallLogAnswer]
