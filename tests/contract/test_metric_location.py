"""Servers of one PostgreSQL database that have their points apart are refused at the start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from postgres_cluster import PostgresCluster
from weft.errors import ConfigError
from weft.server.services.opening import open_services


def test_a_second_data_directory_is_refused_and_a_moved_one_is_not(
    tmp_path: Path, postgres_url: str
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    open_services(first, postgres_url, jobs=False).close()
    open_services(first, postgres_url, jobs=False).close()
    with pytest.raises(ConfigError) as refusal:
        open_services(second, postgres_url, jobs=False)
    location = (first / "id").read_text().strip()
    for part in (str(first), location, f"into {second / 'id'}"):
        assert part in str(refusal.value)
    # The remedies: the directory itself, elsewhere; or its id, if it was lost.
    shutil.move(first, tmp_path / "moved")
    open_services(tmp_path / "moved", postgres_url, jobs=False).close()
    (second / "id").write_text(location + "\n")
    open_services(second, postgres_url, jobs=False).close()


def test_servers_with_the_points_in_postgresql_need_no_common_directory(
    tmp_path: Path, postgres_cluster: PostgresCluster, postgres_url: str
) -> None:
    url = postgres_cluster.new_shared()
    for name in ("first", "second"):
        open_services(tmp_path / name, url, jobs=False).close()
    # One with its points in a directory does not become such a one.
    open_services(tmp_path / "third", postgres_url, jobs=False).close()
    with pytest.raises(ConfigError, match="another data directory has the points"):
        open_services(tmp_path / "third", postgres_url, metrics_url="postgresql", jobs=False)
    with pytest.raises(ConfigError, match="metadata there, too"):
        open_services(tmp_path / "fourth", metrics_url="postgresql", jobs=False)
