"""Reports of commands, and findings of `weft doctor` and `weft server doctor`: as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import click


def print_report(report: Any, *lines: str, as_json: bool) -> int:
    """Print a report, as JSON or as lines of text; return the exit code, 0."""
    if as_json:
        return print_json(report)
    click.echo("\n".join(lines))
    return 0


def print_json(report: Any) -> int:
    """Print a report as JSON; return the exit code, 0."""
    import msgspec  # `weft --help` needs none of it

    click.echo(json.dumps(msgspec.to_builtins(report), ensure_ascii=False))
    return 0


class Finding(NamedTuple):
    """The result of one check."""

    what: str
    remedy: str = ""


def print_findings(findings: Iterable[Finding], *, as_json: bool) -> int:
    """Print findings; the exit code is 1 if any needs a remedy, else 0."""
    findings = list(findings)
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            click.echo(f"{'!!' if finding.remedy else 'ok'}  {finding.what}")
            if finding.remedy:
                click.echo(f"    {finding.remedy}")
    return 1 if any(finding.remedy for finding in findings) else 0
