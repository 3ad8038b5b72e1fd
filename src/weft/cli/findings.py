"""The findings of `weft doctor` and `weft server doctor`, and how they are printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import click

from weft.cli.reports import print_json


class Finding(NamedTuple):
    """The result of one check."""

    what: str
    remedy: str = ""


def report(findings: Iterable[Finding], *, as_json: bool) -> int:
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
