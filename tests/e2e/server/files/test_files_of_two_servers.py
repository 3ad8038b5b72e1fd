"""Two servers of one PostgreSQL and one bucket: no server removes what another one stores, and
each continues what another one has begun to receive.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final, NamedTuple

import httpx
import pytest

from postgres_cluster import PostgresCluster
from run_log_bytes import HandMadeLog
from s3_server import NewBucket, S3Server
from server_process import ServerProcess, start_server, wait_until
from weft.records.record import File

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
def bucket(s3_server: S3Server) -> NewBucket:
    return s3_server.new_bucket()


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_cluster: PostgresCluster,
    bucket: NewBucket,
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    url = postgres_cluster.new_shared()
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


def announced(site: Site, run: str, content: bytes) -> tuple[HandMadeLog, str]:
    """A log that announced a file with a content, and the address of its pieces."""
    log = HandMadeLog(run)
    sha256 = hashlib.sha256(content).hexdigest()
    log.add(File("large.bin", len(content), sha256, 1))
    log.upload(site.clients[0]).raise_for_status()
    return log, f"/api/v1/projects/{log.entity}/{log.project}/contents/{sha256}"


def pieces_in(bucket: NewBucket) -> list[str]:
    return [key for key in bucket.objects() if key.startswith("drafts/")]


def test_servers_receive_the_pieces_of_a_content_in_turn(site: Site, bucket: NewBucket) -> None:
    content = os.urandom(20_000_000)
    log, address = announced(site, "run3", content)
    for nth, start in enumerate(range(0, len(content), 3_000_000)):
        client = site.clients[nth % 2]
        lacking = client.get(f"{log.path}/log/{log.writer}/lacking").json()["contents"]
        assert [lacked["position"] for lacked in lacking] == [start]
        piece = content[start : start + 3_000_000]
        answer = client.put(address, params={"position": start}, content=piece)
        assert answer.is_success, site.first.stderr + site.other.stderr
        assert answer.json() == {"position": start + len(piece)}
        repeated = site.clients[1 - nth % 2].put(
            address, params={"position": start}, content=piece
        )
        is_stored = start + len(piece) == len(content)
        assert repeated.status_code == (200 if is_stored else 409), repeated.text
    for client in site.clients:
        assert client.get(f"{log.path}/files/large.bin").content == content
    assert pieces_in(bucket) == []


def test_a_piece_that_two_servers_receive_at_once_is_taken_from_one(
    site: Site, bucket: NewBucket
) -> None:
    content = os.urandom(6_000_000)
    log, address = announced(site, "run4", content)
    with ThreadPoolExecutor() as pool:

        def send(client: httpx.Client, start: int) -> int:
            piece = content[start : start + 2_000_000]
            return client.put(address, params={"position": start}, content=piece).status_code

        for start in (0, 2_000_000):
            statuses = [*pool.map(lambda client, at=start: send(client, at), site.clients)]
            assert 200 in statuses, statuses
            assert {*statuses} <= {200, 409, 503}, statuses
            assert len(pieces_in(bucket)) == start // 2_000_000 + 1
    assert send(site.clients[1], 4_000_000) == 200
    assert site.clients[0].get(f"{log.path}/files/large.bin").content == content


def test_pieces_with_another_hash_are_discarded_at_all_servers(
    site: Site, bucket: NewBucket
) -> None:
    content = os.urandom(2_000_000)
    log, address = announced(site, "run5", content)
    first, other = site.clients
    first.put(address, params={"position": 0}, content=bytes(1_000_000)).raise_for_status()
    wrong = other.put(address, params={"position": 1_000_000}, content=content[1_000_000:])
    assert (wrong.status_code, wrong.json()["code"]) == (400, "wrong_content")
    assert pieces_in(bucket) == []
    other.put(address, params={"position": 0}, content=content[:1_000_000]).raise_for_status()
    first.put(
        address, params={"position": 1_000_000}, content=content[1_000_000:]
    ).raise_for_status()
    assert other.get(f"{log.path}/files/large.bin").content == content


def test_pieces_of_a_project_that_is_deleted_are_removed(site: Site, bucket: NewBucket) -> None:
    log = HandMadeLog("run6", project="short-lived")
    content = os.urandom(1_000_000)
    log.add(File("large.bin", len(content), hashlib.sha256(content).hexdigest(), 1))
    first, other = site.clients
    log.upload(first).raise_for_status()
    project = f"/api/v1/projects/{log.entity}/{log.project}"
    address = f"{project}/contents/{hashlib.sha256(content).hexdigest()}"
    first.put(address, params={"position": 0}, content=content[:500_000]).raise_for_status()
    assert len(pieces_in(bucket)) == 1
    other.delete(project).raise_for_status()
    other.delete("/api/v1/trash").raise_for_status()
    assert pieces_in(bucket) == []


def test_servers_take_rows_and_stay_ready_while_their_bucket_is_down(
    site: Site, s3_server: S3Server
) -> None:
    first = site.clients[0]
    log = HandMadeLog("run7")
    log.keys("loss")
    log.rows([[1.0], [0.5]])
    log.upload(first).raise_for_status()
    assert first.get("/readyz").status_code == 200
    with s3_server.paused():
        position = len(log.data)
        log.rows([[0.25]])
        log.upload(first, start=position).raise_for_status()
        for client in site.clients:
            assert client.get("/readyz").status_code == 200
