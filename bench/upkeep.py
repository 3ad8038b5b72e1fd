"""Backup, check, export and import of a whole server, beside plain copies of the same bytes.

    python bench/upkeep.py [--points N] [--json FILE]

Three projects, ten times apart in size, the largest of `--points` (20 million by default), and
200 MB of files. Nothing else runs. A backup makes hard links of the files and copies the rest; its
peer is `cp` of just that rest, written through to the disk as a backup is. It is consistent of a
stopped server only. The peer of a check is SHA-256 over the same files.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

from export import compact, curves, make_run
from measure import Figure, arguments, finish
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services

SIZES = (100, 10, 1)
N_METRICS = 10
FILE_BYTES = 50_000_000
N_FILES = 4


def fill(services: Services, n_points: int) -> None:
    for share in SIZES:
        project = f"p{share}"
        make_run(services, project, "run1", curves(n_points // share // N_METRICS))
        compact(services, project)
    for nth in range(N_FILES):
        upload = services.files.upload(LOCAL, RunPath("local", "p1", "run1"), f"{nth}.bin")
        for _ in range(FILE_BYTES // 1_000_000):
            upload.write(os.urandom(1_000_000))
        upload.commit()


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def copy_without_blobs(source: Path, target: Path) -> None:
    """Copy the part of a backup that remains where it can make hard links of the blobs."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("blobs"))
    for path in target.rglob("*"):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def hash_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--points", type=int, default=20_000_000)
    options = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="weft-upkeep-") as name:
        folder = Path(name)
        services = open_services(folder / "data", jobs=False)
        fill(services, options.points)
        n_bytes = folder_bytes(folder / "data")

        def clocked(work: object) -> float:
            assert callable(work)
            begin = time.perf_counter()
            work()
            return time.perf_counter() - begin

        copying = clocked(lambda: copy_without_blobs(folder / "data", folder / "copied"))
        copied = folder_bytes(folder / "copied") / 1e6
        begin = time.perf_counter()
        report = services.upkeep.backup(LOCAL, str(folder / "backups"))
        backing = time.perf_counter() - begin
        written = report.n_bytes_written / 1e6
        hashing = clocked(lambda: hash_all(folder / "data"))
        checking = clocked(lambda: services.upkeep.check(LOCAL))
        mega = n_bytes / 1e6
        figures += [
            Figure(f"backup of {mega:.0f} MB, of which it copies {written:.0f}", backing, "s"),
            Figure(
                "backup, of what it copies",
                written / backing,
                "MB/s",
                None,
                True,
                "cp, fsync",
                copied / copying,
            ),
            Figure("check", mega / checking, "MB/s", None, True, "SHA-256", mega / hashing),
        ]
        other = open_services(folder / "other", jobs=False)
        for share in reversed(SIZES):
            n_points = options.points // share
            path = folder / f"p{share}.zip"

            def export(path: Path = path, share: int = share) -> None:
                with path.open("wb") as file:
                    for piece in services.archives.export(
                        LOCAL, ProjectPath("local", f"p{share}")
                    ):
                        file.write(piece)

            exporting = clocked(export)
            importing = clocked(lambda path=path: other.archives.import_(LOCAL, path))
            label = f"{n_points / 1e6:g} M points"
            size = f"{path.stat().st_size / n_points:.1f} B/point"
            figures += [
                Figure(f"export, {label} ({size})", n_points / exporting / 1e6, "M/s", None, True),
                Figure(f"import, {label}", n_points / importing / 1e6, "M/s", None, True),
            ]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures.append(Figure("memory, everything in one process", peak, "MB"))
        services.close()
        other.close()
    finish(figures, options.json)


if __name__ == "__main__":
    main()
