"""Servers of one PostgreSQL database that have their points apart are refused at the start."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import psycopg
import pytest

from clickhouse_server import VERSION, ClickHouseServer
from postgres_cluster import PostgresCluster, share_disk
from weft.errors import ConfigError
from weft.server.services.opening import open_services
from weft.server.storage.clickhouse import cluster
from weft.server.storage.metadata import upgrade


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


def test_servers_with_the_points_in_postgresql_need_their_files_together_and_no_common_directory(
    tmp_path: Path, postgres_cluster: PostgresCluster, postgres_url: str
) -> None:
    url = postgres_cluster.new_shared()
    for name in ("first", "first"):
        open_services(tmp_path / name, url, jobs=False).close()
    with pytest.raises(ConfigError) as refusal:
        open_services(tmp_path / "second", url, jobs=False)
    for part in (str(tmp_path / "first"), "weft server move-files s3://"):
        assert part in str(refusal.value)
    share_disk(tmp_path / "a", tmp_path / "b")
    url = postgres_cluster.new_shared()
    for name in ("a", "b"):
        open_services(tmp_path / name, url, jobs=False).close()
    # One with its points in a directory does not become such a one.
    open_services(tmp_path / "third", postgres_url, jobs=False).close()
    with pytest.raises(ConfigError, match="are in the data directory"):
        open_services(tmp_path / "third", postgres_url, metrics_url="postgresql", jobs=False)
    with pytest.raises(ConfigError, match="needs the metadata in PostgreSQL"):
        open_services(tmp_path / "fourth", metrics_url="postgresql", jobs=False)


def test_a_postgresql_that_is_too_old_or_gives_too_few_rights_is_refused(
    tmp_path: Path, postgres_cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_cluster.new_database()
    poor_url = url.replace("weft@", "poor@")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE poor LOGIN")

    def refused(match: str, at: str) -> None:
        with pytest.raises(ConfigError, match=match):
            open_services(tmp_path / "poor", at, metrics_url="postgresql", jobs=False)

    with monkeypatch.context() as patch:
        patch.setattr(upgrade, "OLDEST_POSTGRESQL", 99)
        refused(r"PostgreSQL \d+ is too old: weft needs 99 or later", url)
    refused("may not make tables in it: make it the owner", poor_url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("GRANT CREATE ON SCHEMA public TO poor")
    refused("may not make the schema weft_metrics in it: make it the owner", poor_url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {url.rpartition('/')[2]} OWNER TO poor".encode())
    open_services(tmp_path / "poor", poor_url, metrics_url="postgresql", jobs=False).close()


def test_points_in_clickhouse_are_refused_with_the_remedy_where_something_is_missing(
    tmp_path: Path,
    postgres_cluster: PostgresCluster,
    clickhouse_server: ClickHouseServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, clickhouse_url = postgres_cluster.new_metadata(), clickhouse_server.new_database()
    share_disk(tmp_path / "first", tmp_path / "second", tmp_path / "third")

    def start(name: str, metrics_url: str | None, metadata_url: str | None = url) -> None:
        open_services(tmp_path / name, metadata_url, metrics_url=metrics_url, jobs=False).close()

    def refused(match: str, metrics_url: str, metadata_url: str | None = url) -> None:
        with pytest.raises(ConfigError, match=match):
            start("second", metrics_url, metadata_url)

    refused("--metadata-url postgresql://", clickhouse_url, None)
    refused("clickhouse://HOST", "http://127.0.0.1/weft")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "clickhouse_driver", None)
        refused(r"pip install 'weft\[clickhouse\]'", clickhouse_url)
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "OLDEST", (99, 1))
        refused(rf"is version {VERSION}\.[0-9.]+, and weft needs 99\.1 or later", clickhouse_url)
    refused("grant it SELECT, INSERT, ALTER DELETE", f"{clickhouse_url}?readonly=1")
    other_node = f"127.0.0.1:{clickhouse_server.port},localhost:{clickhouse_server.port}"
    name = clickhouse_url.rpartition("/")[2]
    refused("no macros shard and replica", f"clickhouse://{other_node}/{name}")
    # What was refused is not noted anywhere. The second one takes the address of the first.
    start("first", clickhouse_url)
    start("second", None)
    start("second", clickhouse_url)
    refused("lacks the points of this metadata database", clickhouse_server.new_database())
    other_url = postgres_cluster.new_metadata()
    refused("has points of another metadata database", clickhouse_url, other_url)
    start("third", clickhouse_server.new_database(), other_url)
