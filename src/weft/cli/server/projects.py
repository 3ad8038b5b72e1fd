"""`weft server project …`, on a running server or without one."""

from __future__ import annotations

from collections.abc import Sequence

from weft.cli.server.held_data import HeldServer
from weft.server.services.access import LOCAL
from weft.wire.projects.access import ProjectMoves, move_projects


class Projects(HeldServer):
    """The projects of one server, by default the user's own."""

    def move(self, projects: Sequence[str], to: str, *, dry_run: bool) -> int:
        """Move projects to an entity; return the exit code, 1 if a dry run has refusals."""
        moves = ProjectMoves(projects=projects, entity=to, dry_run=dry_run)
        report = self.do(
            lambda client: client.call(move_projects, moves),
            lambda services: services.moves.move_many(LOCAL, moves),
        )
        lines: list[str] = []
        for move in report.moves:
            verb = "is" if report.is_moved else "would be"
            text = move.refusal or f"{move.project} {verb} {move.to} now"
            lines.append(text if report.is_moved else text.removesuffix(" now"))
        self.report(report, *lines)
        return int(any(move.refusal is not None for move in report.moves))
