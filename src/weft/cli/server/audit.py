"""`weft server audit`: the audit log, of a running server or of a data directory. Does I/O."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from weft.cli.reports import print_json
from weft.cli.server.held_data import HeldServer
from weft.cli.text_table import format_table
from weft.errors import UsageError
from weft.server.services.access import LOCAL
from weft.server.services.users import AuditQuery
from weft.wire.server.audit import list_audit

_PERIOD: Final = re.compile(r"(\d{1,5})([dhm])")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}


class Audit(HeldServer):
    """The audit log of one server, by default the user's own."""

    def show(
        self,
        *,
        since: str | None,
        entity: str | None,
        actor: str | None,
        action: str | None,
        limit: int,
    ) -> int:
        """Print the newest entries, of which the last is the newest; return the exit code."""
        since_micros = None if since is None else parse_since(since)
        query = AuditQuery(entity, actor, action, since_micros)
        page = self.do(
            lambda client: client.call(
                list_audit,
                entity=entity, actor_=actor, action=action, since_micros=since_micros, limit=limit,
            ),
            lambda services: services.audit.page(LOCAL, query, limit=limit),
        )  # fmt: skip
        entries = [*reversed(page.entries)]
        if self.as_json:
            for entry in entries:
                print_json(entry)
            return 0
        rows = [
            [
                datetime.fromtimestamp(entry.at_micros / 1e6, tz=UTC).strftime(
                    "%Y-%m-%d %H:%M:%S"
                ),
                f"{entry.actor} ({entry.role})" if entry.role else entry.actor,
                entry.action,
                entry.object,
                entry.address,
            ]
            for entry in entries
        ]
        head = ["time (UTC)", "who", "action", "what", "from"]
        click.echo(format_table(head, rows) if rows else "no entries")
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
