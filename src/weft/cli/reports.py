"""Reports of commands, as text or as JSON."""

from __future__ import annotations

import json
from typing import Any

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
