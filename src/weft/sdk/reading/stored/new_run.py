"""Creates a run on a server without a script, from a log that holds only a `Run` record.

A script continues it with `init(id=..., resume="allow")`. Does network I/O.
"""

from __future__ import annotations

from typing import Final, Literal

from weft.client.api_client import ApiClient
from weft.client.script_client import LogTarget
from weft.errors import ConfigError
from weft.records.ids import check_name
from weft.records.record import Run
from weft.runlog.format import encode_frame, encode_header, encode_payload
from weft.runlog.header import make_header
from weft.sdk.reading.paths import RunName

_ZSTD_LEVEL: Final = 3


def make_run(
    client: ApiClient, run: RunName, state: Literal["running", "pending"] = "running"
) -> None:
    """Create a run.

    Raises:
        ConfigError: a name or the state is invalid.
        Gone: a run with that id was deleted.
    """
    from weft.libraries.zstd import Packer

    if state not in {"running", "pending"}:
        raise ConfigError(f"a run begins as 'running' or 'pending', not as {state!r}")
    for kind, name in zip(("entity", "project", "run id"), run, strict=True):
        check_name(kind, name)
    header = make_header(run.run_id)
    record = Run(run.run_id, run.project, run.entity, start_micros=header.wall_micros)
    body = encode_header(header) + encode_frame(encode_payload(record))
    client.begin_run(
        LogTarget(*run, header.writer_id),
        Packer(_ZSTD_LEVEL).pack(body),
        live=state == "running",
    )
