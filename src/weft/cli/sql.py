"""`weft sql`: sends an SQL query to a server and prints the answer as a table, CSV or JSON."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from collections.abc import Sequence
from typing import Any, Final, Literal
from urllib.parse import quote

import click

from weft.cli.text_table import format_table
from weft.client.transport import Transport
from weft.errors import ConfigError, NotFound, UsageError
from weft.records.ids import DEFAULT_ENTITY, DEFAULT_PROJECT
from weft.sdk.reading.paths import ProjectName, project_name
from weft.sdk.setup.precedence import read_settings
from weft.sync.addresses.server_address import require_server
from weft.wire.metrics.formulas import escape_formula

OutputFormat = Literal["table", "csv", "json"]

_WAIT_SECS: Final = 90.0
"""Longer than the server's time limit for a query."""


def run_sql(
    arguments: Sequence[str],
    *,
    output: OutputFormat,
    limit: int | None,
    base_url: str | None,
    escape_formulas: bool = False,
) -> int:
    """Print the answer to a query; the exit code is 0.

    `arguments` are a project and a query, or one of them; a single word is a project. If the query
    is missing or `-`, it is read from stdin. `escape_formulas`, in CSV, puts `'` before texts that
    a spreadsheet would run.
    """
    project, query, is_named = _read_arguments(arguments)
    server = require_server(base_url)
    request: dict[str, Any] = {"query": query}
    if limit is not None:
        request["limit"] = limit
    transport = Transport(server.url, server.key, server.policy)
    try:
        reply = transport.request(
            "POST",
            f"/api/v1/projects/{quote(project.entity, '')}/{quote(project.project, '')}/sql",
            body=json.dumps(request).encode(),
            headers={"Content-Type": "application/json"},
            timeout_secs=_WAIT_SECS,
        )
    except NotFound:
        if is_named:
            raise
        raise UsageError(
            f'name a project: weft sql PROJECT "SELECT …"; the default one, {"/".join(project)}, '
            "has no runs yet"
        ) from None
    finally:
        transport.close()
    answer = json.loads(reply.body)
    names = [column["name"] for column in answer["columns"]]
    if output == "json":
        click.echo(reply.body.decode())
    elif output == "csv":
        lines = csv.writer(sys.stdout, lineterminator="\n")
        rows = ([_csv_cell(value) for value in row] for row in answer["rows"])
        for row in itertools.chain([names], rows):
            lines.writerow(map(_escaped, row) if escape_formulas else row)
    else:
        click.echo(format_table(names, answer["rows"]))
    if answer["truncated"]:
        click.echo("weft: there are more rows; raise --limit", err=True)
    return 0


def _read_arguments(arguments: Sequence[str]) -> tuple[ProjectName, str, bool]:
    """Return the project, the query, and whether the user has named a project."""
    if len(arguments) > 2:
        raise UsageError("give a project and a query; a query of several words goes in quotes")
    settings = read_settings({})
    default = ProjectName(settings.entity or DEFAULT_ENTITY, settings.project or DEFAULT_PROJECT)
    named, query = None, "-"
    if len(arguments) == 2:
        named, query = arguments
    elif arguments and (arguments[0] == "-" or len(arguments[0].split()) != 1):
        query = arguments[0]
    elif arguments:
        named = arguments[0]
    if query == "-":
        if "-" not in arguments and sys.stdin.isatty():
            raise UsageError('no query: weft sql PROJECT "SELECT id, name, state FROM runs"')
        query = sys.stdin.read()
        if not query.strip():
            raise UsageError('no query: weft sql PROJECT "SELECT id, name, state FROM runs"')
    try:
        is_named = named is not None or "project" in settings.given
        return project_name(named, default), query, is_named
    except ConfigError as error:
        raise UsageError(str(error)) from None


def _escaped(value: Any) -> Any:
    return escape_formula(value) if isinstance(value, str) else value


def _csv_cell(value: Any) -> Any:
    return (
        json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, dict, list)) else value
    )
