"""Data of earlier releases, in `tests/fixtures`; `release_data_script.py` there wrote them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg

_FIXTURES = Path(__file__).parents[2] / "fixtures"
RELEASES = sorted(
    path.name.removeprefix("release-").removesuffix(".tar.gz")
    for path in _FIXTURES.glob("release-*.tar.gz")
)


def unpack_release(release: str, folder: Path) -> None:
    """Write `data`, `postgres.sql`, `runs` and `project.weft.zip` of a release to a folder."""
    archive = _FIXTURES / f"release-{release}.tar.gz"
    # GNU tar, for times to the nanosecond: by them `weft sync` tells whether a file was changed.
    subprocess.run(["tar", "-C", folder, "-xzf", archive], check=True)


def load_metadata_of_release(folder: Path, url: str) -> None:
    """Load the unpacked metadata of a release into an empty PostgreSQL database."""
    with psycopg.connect(url) as connection:
        connection.execute((folder / "postgres.sql").read_bytes())
