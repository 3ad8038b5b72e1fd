"""The response to an upload of a run log."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Ack(Struct, frozen=True, kw_only=True):
    """Acknowledgement of an upload."""

    position: Annotated[int, Meta(description="everything before this byte is durable")]
    time_micros: Annotated[
        int, Meta(description="the server's clock while it handled the request")
    ]
    pause_millis: Annotated[
        int, Meta(description="wait at least this long before the next upload")
    ] = 0
    n_lacking: Annotated[
        int,
        Meta(description="files that this log announced and whose content the server lacks"),
    ] = 0
    stop: Annotated[bool, Meta(description="whether someone asks this run to stop")] = False
    stopped_by: Annotated[
        str | None, Meta(description="who asks this run to stop; null: no one does")
    ] = None
    entity: Annotated[
        str, Meta(description="the entity that the run belongs to; empty: the run is not known")
    ] = ""
    warning: Annotated[
        str | None,
        Meta(description="what the script's user should know; only when the run was created"),
    ] = None
