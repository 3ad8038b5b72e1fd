"""Checks an archive that was just written, as an import would. Reads one file."""

from __future__ import annotations

from pathlib import Path

from weft.server.services.archive.artifacts_in import ArtifactsIn
from weft.server.services.archive.opening import open_archive
from weft.server.services.archive.reports_in import ReportsIn
from weft.server.services.archive.runs_in import RunsIn
from weft.server.services.archive.sweeps_in import SweepsIn
from weft.server.services.upkeep.progress import Phase, Progress


def check_archive(path: Path, progress: Progress) -> None:
    """Check the entries of an archive against their checksums, and all lines of its lists."""
    with open_archive(path) as archive:
        n_bytes = sum(entry.n_bytes for entry in archive.manifest.entries.values())
        phase = Phase(progress, "check", n_bytes)
        archive.check_contents(phase)
        phase.end()
        RunsIn(archive).check()
        ArtifactsIn(archive).check()
        SweepsIn(archive).check()
        ReportsIn(archive).check()
