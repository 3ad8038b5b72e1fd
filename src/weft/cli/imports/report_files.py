"""`weft export --report`: a report as a file, via a running server."""

from __future__ import annotations

from pathlib import Path

from weft.cli.imports.archive import parse_project, save_answer, target_of
from weft.wire.reports.exports import export_report, format_of


def save_report(
    project: str,
    report: str,
    file: Path | None,
    *,
    base_url: str | None,
    force: bool,
    as_json: bool,
) -> int:
    """Write a report to a file, by default an HTML file named by its id; return the exit code.
    ConfigError if the name of the file ends as no format does.
    """
    entity, name = parse_project(project)
    target = target_of(file, f"{report}.html", force=force)
    report_format = format_of(target)
    path = export_report.call(entity, name, report, format_=report_format).path
    exported = f"the report {entity}/{name}/{report}"
    return save_answer(path, target, exported, base_url=base_url, as_json=as_json)
