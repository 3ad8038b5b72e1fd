"""The response to an upload of a run log."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints


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
        int, Meta(description="files that this log announced and whose content the server lacks")
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


MAX_POSITION: Final = 10**18 - 1

ENDED_PATTERN: Final = "^-?[0-9]{1,17} -?[0-9]{1,17} [a-z]{0,20}$"

_run = Endpoints("/api/v1/projects/{entity}/{project}/runs/{run}/log", tag="ingest")


@_run.post("/{writer}")
def upload_log(
    entity: str,
    project: str,
    run: str,
    writer: str,
    *,
    position: Annotated[
        int, Meta(ge=0, le=MAX_POSITION, description="of the body's first byte in the log")
    ],
    damaged: Annotated[
        int,
        Meta(
            ge=0, le=MAX_POSITION, description="bytes before `position` that hold no valid frame"
        ),
    ] = 0,
    after: Annotated[
        Annotated[str, Meta(pattern="^[0-9a-f]{8}$")] | None,
        Meta(description="checksum of the log's frame that ends at `position` - `damaged`"),
    ] = None,
    header_run: Annotated[
        str | None,
        Meta(description="the run id in the log's header, if the log is sent as another run"),
    ] = None,
    ended: Annotated[
        Annotated[str, Meta(pattern=ENDED_PATTERN)] | None,
        Meta(
            description="of a heart-beat: the time, code and state in the log's Exit, as "
            "`1500000 0 finished`, which the server has no room to take with the rows before it; "
            "or those of a script that died without one"
        ),
    ] = None,
) -> Ack:
    """Append bytes to the server's copy of a run log."""
