"""Builds the addresses of pages in the browser. Only `viewer_page` does I/O.

Used by `weft.sdk.run`, `finish` and `reading`, which print or return addresses.
"""

from __future__ import annotations

from pathlib import Path

from weft.errors import ConfigError
from weft.records.ids import DEFAULT_ENTITY


def project_page(base: str, entity: str, project: str) -> str:
    """Return the address of a project's page.

    >>> project_page("http://127.0.0.1:8080", "local", "half price")
    'http://127.0.0.1:8080/local/half%20price'
    """
    return f"{base}/{_quoted(entity)}/{_quoted(project)}"


def run_page(base: str, entity: str, project: str, run_id: str) -> str:
    """Return the address of a run's page.

    >>> run_page("http://127.0.0.1:8080", "local", "mnist", "ab12cd34")
    'http://127.0.0.1:8080/local/mnist/runs/ab12cd34'
    """
    return f"{project_page(base, entity, project)}/runs/{_quoted(run_id)}"


def viewer_page(directory: Path, entity: str | None, project: str, run_id: str) -> str | None:
    """Return the address of a run's page in the `weft ui` that shows its folder; None
    without one.
    """
    from weft.runlog.holder import present_holder_of, view_store_of

    try:
        holder = present_holder_of(view_store_of(directory.resolve().parents[1]))
    except (ConfigError, OSError, IndexError):
        return None
    if holder is None:
        return None
    return run_page(holder.url, entity or DEFAULT_ENTITY, project, run_id)


def _quoted(segment: str) -> str:
    if segment.isascii() and segment.replace("-", "").replace("_", "").isalnum():
        return segment
    from urllib.parse import quote

    return quote(segment, safe="")
