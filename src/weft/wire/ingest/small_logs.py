"""Several small logs in one request: request and response of `POST /api/v1/logs`.

A request costs client and server more than a small log does, so `weft sync` sends many in one.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from weft.wire.endpoint import Endpoints

MAX_LOGS: Final = 128
"""Most logs in one request. Their runs share a transaction, which other writers wait for."""

MAX_BYTES: Final = 1 << 20
"""Most bytes of all logs in one request."""


class SmallLog(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One log of a request.

    Attributes:
        data: the log's bytes from position 0 on, as in an upload of a single log.
        live, boot: as in the headers `X-Weft-Live` and `X-Weft-Boot` of such an upload.
        offset: least and most, as in the header `X-Weft-Offset`; None if unknown.
    """

    entity: str
    project: str
    run: str
    writer: str
    data: bytes
    live: bool = False
    boot: str = ""
    offset: tuple[int, int] | None = None


class SmallLogAnswer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Result for one log: an error if `code` is set. Omitted fields have their defaults."""

    position: Annotated[int | None, Meta(description="everything before this byte is durable")] = (
        None
    )
    pause_millis: int = 0
    n_lacking: int = 0
    stop: bool = False
    stopped_by: str | None = None
    entity: str = ""
    code: Annotated[
        str, Meta(description="error code, as in a problem document; empty: no error")
    ] = ""
    detail: str = ""


class SmallLogAnswers(msgspec.Struct, kw_only=True):
    """Results for several small logs, in the order of the request."""

    time_micros: Annotated[
        int, Meta(description="the server's clock while it handled the request; 0: unknown")
    ]
    logs: list[SmallLogAnswer]


_logs = Endpoints("/api/v1/logs", tag="ingest")


@_logs.post()
def upload_small_logs() -> SmallLogAnswers:
    """Upload several small run logs, each from its beginning."""
