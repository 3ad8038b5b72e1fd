"""Reports by their ids, and the documents of their versions."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from weft.errors import NotFound
from weft.server.services.access.paths import ProjectPath
from weft.server.services.reports.drafts import present
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ReportRow


def find_report(
    stores: Stores, path: ProjectPath, report: str, *, is_writer: bool = True
) -> ReportRow:
    """A report of a project. NotFound for others than writers if it was never published."""
    project_id = stores.find_project(path)
    with stores.metadata.read() as tx:
        row = stores.metadata.reports.find_report(tx, project_id, report)
    if not is_writer and (row is None or row.published_version is None):
        raise NotFound(f"no report {report}")
    return present_report(row, report)


def present_report(row: ReportRow | None, report: str) -> ReportRow:
    """The row of a report that is there and not in the trash."""
    if row is None:
        raise NotFound(f"no report {report}")
    return present(row)


def version_document(stores: Stores, row: ReportRow, number: int) -> dict[str, Any]:
    """The document of a version; NotFound if there is no such version."""
    with stores.metadata.read() as tx:
        packed = stores.metadata.reports.document(tx, row.row_id, number)
    if packed is None:
        raise NotFound(f"report {row.report} has no version {number}")
    return msgspec.json.decode(zlib.decompress(packed), type=dict[str, Any])
