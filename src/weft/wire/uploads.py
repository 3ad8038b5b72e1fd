"""The answer to an upload of a run log."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Ack(Struct, frozen=True, kw_only=True):
    """What a server says to an upload."""

    position: Annotated[int, Meta(description="everything before this byte is durable")]
    time_micros: Annotated[int, Meta(description="the server's clock while it had the request")]
    pause_millis: Annotated[
        int, Meta(description="wait at least this long before the next upload")
    ] = 0
    stop: Annotated[bool, Meta(description="a person asked for this run to stop")] = False
