"""Reports as files: Markdown, and one HTML file that needs no server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta

from weft.errors import ConfigError
from weft.wire.endpoint import Endpoints
from weft.wire.reports.reports import PUBLISHED

ReportFormat = Literal["html", "markdown"]

_FORMATS: Final[dict[str, ReportFormat]] = {".html": "html", ".htm": "html", ".md": "markdown"}


def format_of(file: Path) -> ReportFormat:
    """The format that the name of a file says; ConfigError for other names.

    >>> format_of(Path("ablation.md"))
    'markdown'
    """
    report_format = _FORMATS.get(file.suffix.lower())
    if report_format is None:
        raise ConfigError(f"a report is written to a file .html or .md, not to {file.name}")
    return report_format


_export = Endpoints("/api/v1/projects/{entity}/{project}/reports/{report}/export", tag="reports")


@_export.get()
def export_report(
    entity: str,
    project: str,
    report: str,
    *,
    format_: Annotated[
        ReportFormat,
        Meta(description="`html`: one file with the figures as published, which needs no server"),
    ] = "html",
    version: Annotated[
        str, Meta(description="`draft`, `published`, or the number of a version", max_length=20)
    ] = PUBLISHED,
) -> bytes:
    """Return a report as a file."""
