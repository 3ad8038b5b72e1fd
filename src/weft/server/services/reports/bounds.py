"""The bounds of what the reports of a project take in the database.

Figures are files, and count towards quotas; drafts and versions are rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from weft.errors import LimitExceeded
from weft.records.sizes import shown_size
from weft.server.storage.metadata import MetadataStore, ReportRow, Transaction

MAX_REPORTS: Final = 5000
"""Most reports of a project, with those in the trash."""

MAX_VERSIONS: Final = 1000
"""Most versions of a report."""

MAX_DRAFT_BYTES: Final = 16 << 20
"""Most bytes of the stored updates of a draft. A report of 3,000 blocks takes 0.8 MB."""

MAX_REPORTS_BYTES: Final = 1 << 30
"""Most bytes of the drafts and versions of a project, with those in the trash."""

_SUMMED_BYTES: Final = 256 << 10
"""A draft that grew by so much has the bytes of its project summed, which takes longer than to
store an update. All drafts together may pass the bound by as much each."""


def check_new_report(metadata: MetadataStore, tx: Transaction, project_id: int) -> None:
    """Refuse a report more than a project may have, or one for which it has no room."""
    if metadata.reports.count(tx, project_id) >= MAX_REPORTS:
        raise LimitExceeded(
            f"the project has {MAX_REPORTS} reports already, with those in the trash: delete some "
            "permanently, or begin another project"
        )
    check_reports_room(metadata, tx, project_id, 0)


def check_update(
    metadata: MetadataStore,
    tx: Transaction,
    row: ReportRow,
    n_bytes: int,
    snapshot: Callable[[], bytes],
) -> None:
    """Refuse an update of so many bytes for which a draft or its project has no room. `snapshot`
    is the draft without what was removed.
    """
    n_after = row.n_bytes + n_bytes
    if n_after > MAX_DRAFT_BYTES and len(snapshot()) > MAX_DRAFT_BYTES // 2:
        raise LimitExceeded(
            f"report {row.report} has {shown_size(row.n_bytes)}, and a draft at most "
            f"{shown_size(MAX_DRAFT_BYTES)}: move a part of it to another report"
        )
    if n_after // _SUMMED_BYTES > row.n_bytes // _SUMMED_BYTES:
        check_reports_room(metadata, tx, row.project_id, n_bytes)


def check_reports_room(
    metadata: MetadataStore, tx: Transaction, project_id: int, n_bytes: int
) -> None:
    """Refuse bytes more than the drafts and versions of a project may have."""
    n_stored = metadata.reports.stored_bytes(tx, project_id)
    if n_stored + n_bytes > MAX_REPORTS_BYTES:
        raise LimitExceeded(
            f"the reports of the project have {shown_size(n_stored)} in drafts and versions, of "
            f"{shown_size(MAX_REPORTS_BYTES)} that they may have: delete some permanently, also "
            "in the trash, or begin another project"
        )
