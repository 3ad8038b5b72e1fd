"""Several small logs in one request, and the answer: the two shapes of `POST /api/v1/logs`.

A request costs either end more than a small log does, so `weft sync` sends many in one.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

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
    """What became of one log: with `code`, a problem; omitted fields have their defaults."""

    position: Annotated[int | None, Meta(description="everything before this byte is durable")] = (
        None
    )
    pause_millis: int = 0
    stop: bool = False
    is_noted: Annotated[bool, Meta(description="the note is among the run's files")] = False
    code: Annotated[str, Meta(description="of a problem document; empty: all is well")] = ""
    detail: str = ""


class SmallLogAnswers(msgspec.Struct, kw_only=True):
    """The answer to several small logs, in their order."""

    time_micros: Annotated[
        int, Meta(description="the server's clock while it had the request; or 0")
    ]
    logs: list[SmallLogAnswer]
