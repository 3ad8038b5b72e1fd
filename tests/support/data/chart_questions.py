"""Asks a real server for charts, as the browser does, and reads the Arrow answer."""

from __future__ import annotations

from typing import Any

import httpx
import nanoarrow

from server_process import ServerProcess


def series_url(server: ServerProcess, project: str) -> str:
    return f"{server.url}/api/v1/projects/local/{project}/series"


def ask(
    server: ServerProcess, project: str, *panels: dict[str, Any], full: bool = True, **more: Any
) -> list[list[dict[str, Any]]]:
    """The rows of each panel; values as float64 in `mean64`, `min64`, `max64`."""
    body = {"panels": panels, "full": full, **more}
    answer = httpx.post(series_url(server, project), json=body, timeout=60)
    return read_panels(answer)


def read_panels(answer: httpx.Response) -> list[list[dict[str, Any]]]:
    """The rows of each panel of an answer."""
    assert answer.status_code == 200, answer.text
    stream = nanoarrow.ArrayStream.from_readable(answer.content)
    # Not `read_all()`, which leaves out empty batches.
    batches = nanoarrow.c_array_stream(stream)
    return [nanoarrow.Array(batch).to_pylist() for batch in batches]


def chart(server: ServerProcess, project: str, run: str, key: str, **more: Any) -> dict[str, Any]:
    """The only series of a panel of one run and metric."""
    ((row,),) = ask(server, project, {"runs": [run], "keys": [key], **more})
    return row


def drawn_x(row: dict[str, Any]) -> list[int | float]:
    """Where each bucket begins."""
    return [(row["first_bucket"] + position) * 2 ** row["level"] for position in row["bucket"]]
