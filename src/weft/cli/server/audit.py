"""`weft server audit`: the audit log, of a running server or of a data directory. Does I/O."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
import msgspec

from weft.cli.server.held_data import work_on
from weft.cli.text_table import format_table
from weft.client.transport import Transport
from weft.errors import UsageError
from weft.server.services.access import LOCAL
from weft.server.services.opening import Services
from weft.server.services.users import AuditQuery
from weft.server.settings import default_data_directory
from weft.wire.server.audit import AuditPage, list_audit

_PERIOD: Final = re.compile(r"(\d{1,5})([dhm])")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}


def show_audit(
    data: Path | None,
    metadata_url: str | None,
    *,
    since: str | None,
    entity: str | None,
    actor: str | None,
    action: str | None,
    limit: int,
    as_json: bool,
) -> int:
    """Print the newest entries, of which the last is the newest; return the exit code."""
    since_micros = None if since is None else parse_since(since)

    def ask(server: Transport) -> AuditPage:
        call = list_audit.call(
            entity=entity, actor_=actor, action=action, since_micros=since_micros, limit=limit
        )
        return server.decode(server.request("GET", call.path), AuditPage)

    def direct(services: Services) -> AuditPage:
        query = AuditQuery(entity, actor, action, since_micros)
        return services.audit.page(LOCAL, query, limit=limit)

    directory = (data or default_data_directory()).absolute()
    entries = [*reversed(work_on(directory, metadata_url, ask=ask, direct=direct).entries)]
    if as_json:
        for entry in entries:
            click.echo(json.dumps(msgspec.to_builtins(entry)))
        return 0
    rows = [
        [
            datetime.fromtimestamp(entry.at_micros / 1e6, tz=UTC).strftime("%Y-%m-%d %H:%M:%S"),
            f"{entry.actor} ({entry.role})" if entry.role else entry.actor,
            entry.action,
            entry.object,
            entry.address,
        ]
        for entry in entries
    ]
    if rows:
        click.echo(format_table(["time (UTC)", "who", "action", "what", "from"], rows))
    else:
        click.echo("no entries")
    return 0


def parse_since(text: str) -> int:
    """A moment in µs: a date and time, or a period until now such as `7d`, `12h` or `30m`.

    >>> parse_since("2026-11-01T00:00:00+00:00")
    1793491200000000
    """
    period = _PERIOD.fullmatch(text)
    if period is not None:
        moment = datetime.now(UTC) - timedelta(**{_UNITS[period[2]]: int(period[1])})
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(
                f"--since takes a date or a period such as 7d, 12h or 30m, not {text!r}"
            ) from None
    return round(moment.timestamp() * 1e6)
