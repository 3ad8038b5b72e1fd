"""`weft server project …`, on a running server or without one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from weft.cli.server.held_data import work_on
from weft.client.transport import Transport
from weft.server.services.access import LOCAL
from weft.server.services.opening import Services
from weft.server.settings import default_data_directory
from weft.wire.projects.access import ProjectMoveReport, ProjectMoves, move_projects


class Projects:
    """The projects of one server, by default the user's own."""

    def __init__(self, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
        self._data = (data or default_data_directory()).absolute()
        self._metadata_url = metadata_url
        self._as_json = as_json

    def move(self, projects: Sequence[str], to: str, *, is_dry: bool) -> int:
        """Move projects to an entity; return the exit code, 1 if a dry run has refusals."""
        moves = ProjectMoves(projects=projects, entity=to, dry_run=is_dry)

        def ask(server: Transport) -> ProjectMoveReport:
            call = move_projects.call(moves)
            body = msgspec.json.encode(call.body)
            headers = {"Content-Type": "application/json"}
            reply = server.request("POST", call.path, body=body, headers=headers)
            return server.decode(reply, ProjectMoveReport)

        def direct(services: Services) -> ProjectMoveReport:
            return services.moves.move_many(LOCAL, moves)

        report = work_on(self._data, self._metadata_url, ask=ask, direct=direct)
        if self._as_json:
            click.echo(json.dumps(msgspec.to_builtins(report)))
        else:
            for move in report.moves:
                verb = "is" if report.is_moved else "would be"
                text = move.refusal or f"{move.project} {verb} {move.to} now"
                click.echo(text if report.is_moved else text.removesuffix(" now"))
        return int(any(move.refusal is not None for move in report.moves))
