"""Two servers of one PostgreSQL and one bucket: no server removes what another one stores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final, NamedTuple

import httpx
import pytest

from postgres_cluster import PostgresCluster
from run_log_bytes import HandMadeLog
from s3_server import S3Server
from server_process import ServerProcess, start_server, wait_until

STOPS: Final = """
import pathlib, time
from weft.server.storage.blobs.s3 import S3BlobStore

def stop_in(name):
    call = getattr(S3BlobStore, name)
    def stopped(*args, **options):
        ordered = pathlib.Path({folder!r}, name)
        if ordered.exists():
            ordered.rename(ordered.with_name(name + "-stopped"))
            while ordered.with_name(name + "-stopped").exists():
                time.sleep(0.01)
        return call(*args, **options)
    setattr(S3BlobStore, name, stopped)

stop_in("remove")
stop_in("sync")
"""
"""Has a server stop before a removal, or after storing a file, while a test has that ordered."""


class Site(NamedTuple):
    """Two servers, and a client of each."""

    first: ServerProcess
    other: ServerProcess
    clients: tuple[httpx.Client, httpx.Client]

    def stop_in(self, server: ServerProcess, call: str) -> None:
        (server.data.parent / call).touch()

    def wait_for_stop(self, server: ServerProcess, call: str) -> None:
        wait_until((server.data.parent / f"{call}-stopped").exists, what=f"a stop in {call}")

    def go_on(self, server: ServerProcess, call: str) -> None:
        (server.data.parent / f"{call}-stopped").unlink()


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_cluster: PostgresCluster,
    s3_server: S3Server,
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    url = postgres_cluster.new_shared()
    bucket = s3_server.new_bucket()
    with ExitStack() as stack:
        servers: list[ServerProcess] = []
        for name in ("first", "other"):
            # The second finds the bucket by the database.
            files = ["--files-url", bucket.url] if name == "first" else []
            server = start_server(
                folder / name,
                "--metadata-url",
                url,
                *files,
                env=bucket.environment,
                before=STOPS.format(folder=str(folder / name)),
            )
            servers.append(stack.enter_context(server))
        first, other = (
            stack.enter_context(httpx.Client(base_url=server.url, timeout=60, trust_env=False))
            for server in servers
        )
        yield Site(*servers, (first, other))


def test_a_content_is_not_stored_while_another_server_removes_it(site: Site) -> None:
    log, content = HandMadeLog("run1"), os.urandom(1000)
    first, other = site.clients
    assert log.upload(first).is_success
    assert first.put(f"{log.path}/files/old", content=content).is_success
    site.stop_in(site.other, "remove")
    with ThreadPoolExecutor() as pool:
        deletion = pool.submit(other.delete, f"{log.path}/files/old")
        site.wait_for_stop(site.other, "remove")
        refused = first.put(f"{log.path}/files/new", content=content)
        site.go_on(site.other, "remove")
        assert deletion.result().is_success
    assert refused.status_code == 503, refused.text
    assert first.put(f"{log.path}/files/new", content=content).is_success
    assert other.get(f"{log.path}/files/new").content == content


def test_a_content_that_was_removed_since_it_was_stored_is_sent_again(site: Site) -> None:
    log, content = HandMadeLog("run2"), os.urandom(1000)
    first, other = site.clients
    assert log.upload(first).is_success
    assert first.put(f"{log.path}/files/old", content=content).is_success
    site.stop_in(site.first, "sync")
    with ThreadPoolExecutor() as pool:
        upload = pool.submit(first.put, f"{log.path}/files/new", content=content)
        site.wait_for_stop(site.first, "sync")
        assert other.delete(f"{log.path}/files/old").is_success
        site.go_on(site.first, "sync")
        refused = upload.result()
    assert refused.status_code == 503, refused.text
    assert first.put(f"{log.path}/files/new", content=content).is_success
    assert other.get(f"{log.path}/files/new").content == content
