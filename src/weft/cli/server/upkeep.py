"""`weft server gc|check|backup|migrate|restore|move-files`.

The first four work through the server that holds the data directory if it is running, else
directly on the directory.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from weft.cli.progress import ProgressLine
from weft.cli.reports import print_json
from weft.cli.server.held_data import HeldServer, work_on
from weft.client.progress import Progress, ask_long_work
from weft.errors import NotFound
from weft.records.sizes import counted, shown_size
from weft.server.services.access import LOCAL
from weft.server.services.opening import Services
from weft.server.services.upkeep import move_files, restore_backup
from weft.server.storage.directory import DataDirectory, is_data_directory

_API: Final = "/api/v1/server"
_LISTED: Final = 50
"""The most problems that are printed; `--json` has more."""

_FREED: Final = {
    "trash": "trash",
    "blobs": "files",
    "drafts": "uploads",
    "parts": "parts",
    "files": "metric files",
}
"""The kinds of space that `gc` frees: the name in its report -> the printed name."""

_Direct = Callable[[Services, Progress], msgspec.Struct]


class Upkeep(HeldServer):
    """The server or the data directory, by default the user's own, that commands work on."""

    def gc(self, *, dry_run: bool) -> int:
        """Remove unused data; return the exit code."""
        report = self._run(
            "gc",
            {"dry_run": dry_run},
            lambda services, progress: services.upkeep.gc(
                LOCAL, dry_run=dry_run, progress=progress
            ),
        )
        if not self.as_json:
            for kind, shown in _FREED.items():
                freed = report[kind]
                if freed["n_bytes"] or freed["n"]:
                    click.echo(f"{shown:12} {freed['n']:>8,}  {shown_size(freed['n_bytes'])}")
            verb = "would free" if dry_run else "freed"
            click.echo(f"{verb} {shown_size(report['n_bytes'])}")
        return 0

    def check(self) -> int:
        """Check every byte; return the exit code, 1 if something is damaged."""
        report = self._run(
            "check", {}, lambda services, progress: services.upkeep.check(LOCAL, progress=progress)
        )
        if not self.as_json:
            _print_check(report)
        return 1 if report["n_problems"] else 0

    def backup(self, destination: Path) -> int:
        """Make a backup; return the exit code, 1 if contents of files are missing."""
        to = str(destination.absolute())
        report = self._run(
            "backup",
            {"destination": to},
            lambda services, progress: services.upkeep.backup(LOCAL, to, progress=progress),
        )
        missing = report["missing"]
        if not self.as_json:
            click.echo(
                f"backed up {shown_size(report['n_bytes'])} of "
                f"{counted(report['n_projects'], 'project')} to {report['path']} "
                f"({shown_size(report['n_bytes_written'])} written)"
            )
            if missing:
                click.echo(
                    f"weft: {len(missing):,} files' contents are missing on the server; "
                    "`weft server check` names them",
                    err=True,
                )
        return 1 if missing else 0

    def restore(self, source: Path) -> int:
        """Restore a backup to the data directory, which must be empty; return the exit code."""
        progress = ProgressLine(shown=not self.as_json)
        try:
            restored = restore_backup(source.absolute(), self.data, self.metadata_url, progress)
        finally:
            progress.close()
        return self.report(
            restored,
            f"restored {shown_size(restored.n_bytes)} of {counted(restored.n_projects, 'project')}"
            f" from {restored.backup} to {restored.path}",
        )

    def move_files(self, destination: str) -> int:
        """Move the contents of all files to the address of a bucket, or `local`; return the exit
        code, 1 if some are damaged.
        """
        if not is_data_directory(self.data):
            raise NotFound(f"no server's data in {self.data}: name the folder with --data")
        progress = ProgressLine(shown=not self.as_json)
        directory = DataDirectory(self.data)
        try:
            url = None if destination == "local" else destination
            moved = move_files(self.data, url, progress)
        finally:
            directory.close()
            progress.close()
        if self.as_json:
            print_json(moved)
            return 1 if moved.damaged else 0
        n_files = counted(moved.n_blobs, "file")
        click.echo(f"copied {n_files}, {shown_size(moved.n_bytes)}, to {moved.to}")
        if moved.left is not None:
            click.echo(f"{moved.left} still has them, too: delete them there when you want to")
        if moved.damaged:
            click.echo(
                f"weft: {len(moved.damaged):,} files' contents are damaged and were not copied; "
                "`weft server check` names them",
                err=True,
            )
        return 1 if moved.damaged else 0

    def migrate(self, to: Path, *, dry_run: bool) -> int:
        """Move all data to a new server's directory; return the exit code."""
        path = str(to.absolute())
        report = self._run(
            "migrate",
            {"to": path, "dry_run": dry_run},
            lambda services, progress: services.migration.migrate(
                LOCAL, path, dry_run=dry_run, progress=progress
            ),
        )
        if self.as_json:
            return 0
        click.echo(
            f"{'would move' if dry_run else 'moved'} {counted(report['n_runs'], 'run')} of "
            f"{counted(report['n_projects'], 'project')}, "
            f"{counted(report['n_rows'], 'row')} of metadata, "
            f"{counted(report['n_blobs'], 'file')} of {shown_size(report['n_bytes'])} "
            f"to {report['to']}"
        )
        if not dry_run:
            start = f"weft server --data {shlex.quote(report['to'])}"
            click.echo(
                f"all of it was compared; scripts waited for {report['read_only_secs']:.1f} s, and"
                f" go on waiting until you start the new server, `{start}`, and have this server's"
                " address lead to it"
            )
        return 0

    def _run(self, name: str, body: dict[str, Any], direct: _Direct) -> dict[str, Any]:
        progress = ProgressLine(shown=not self.as_json)
        try:
            report = work_on(
                self.data,
                self.metadata_url,
                ask=lambda server: ask_long_work(server, f"{_API}/{name}", body, progress),
                direct=lambda services: msgspec.to_builtins(direct(services, progress)),
            )
        finally:
            progress.close()
        if self.as_json:
            print_json(report)
        return report


def _print_check(report: dict[str, Any]) -> None:
    for problem in report["problems"][:_LISTED]:
        run = "/".join(problem[part] for part in ("project", "run") if part in problem)
        part_names = " ".join(
            f"{part} {problem[part]!r}" for part in ("metric", "file", "writer") if part in problem
        )
        named = " ".join(part for part in (run or problem["where"], part_names) if part)
        click.echo(f"{named}: {problem['detail']}")
    if report["n_problems"] > _LISTED:
        click.echo(f"… and {report['n_problems'] - _LISTED:,} more; --json lists them")
    click.echo(
        f"checked {counted(report['n_runs'], 'run')} of "
        f"{counted(report['n_projects'], 'project')}, {counted(report['n_blobs'], 'file')}, "
        f"{shown_size(report['n_bytes'])}: {counted(report['n_problems'], 'problem')}"
    )
    if report["n_problems"]:
        click.echo(
            "to repair it: `weft server restore` makes a new folder from a backup (without a "
            "backup, start a server on an empty folder); then `weft sync` sends the run logs that "
            "are still on their machines"
        )
    if report["n_unused_bytes"]:
        unused = shown_size(report["n_unused_bytes"])
        click.echo(f"{unused} are unused: `weft server gc` frees them")
