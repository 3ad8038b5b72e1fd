"""Downloads of artifacts from the bucket of a server: what it gets, and what if it fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from fault_server import Answer, FaultServer, Upload, problem
from weft.client.artifact_client import ArtifactClient
from weft.client.shared import AlwaysAt, Server, SharedTransport

KEY = "k" * 40
URL = "/api/v1/projects/local/files/artifacts/a/versions/v0/files/files/x"
PARTS = [b"a" * 3_000_000, b"b" * 1_500_000, b"c" * 700_000, b"d", b"e" * 2_000_000, b"f" * 7]
CONTENT = b"".join(PARTS)


@pytest.fixture
def bucket() -> Iterator[FaultServer]:
    with FaultServer() as server:
        server.fault = lambda asked: Answer(200, PARTS[int(asked.path[-1])])
        yield server


def server_with(url: str, at_once: int = 4) -> Callable[[Upload], Answer | None]:
    """A server that has the content, and gives links to its parts at another address."""
    starts = [sum(map(len, PARTS[:nth])) for nth in range(len(PARTS))]

    def answer(asked: Upload) -> Answer:
        if "/links/" not in asked.path:
            start = int(asked.headers.get("range", "bytes=0-")[6:-1])
            return Answer(206 if start else 200, CONTENT[start:])
        links = [
            {"url": f"{url}/lab/{nth}", "start": start, "n_bytes": len(PARTS[nth])}
            for nth, start in enumerate(starts)
            if start >= asked.start
        ]
        body = json.dumps({"links": links[:at_once] if url else []}).encode()
        return Answer(200, body, {"Content-Type": "application/json"})

    return answer


def client_of(server: FaultServer) -> ArtifactClient:
    return ArtifactClient(SharedTransport(AlwaysAt(Server(server.url, KEY))))


def test_the_parts_come_from_the_bucket_in_order_and_without_the_key(
    faulty: FaultServer, bucket: FaultServer
) -> None:
    faulty.fault = server_with(bucket.url)
    client = client_of(faulty)
    assert b"".join(client.download(URL, len(CONTENT))) == CONTENT
    assert [one.path for one in faulty.uploads] == [URL.replace("v0/files", "v0/links")] * 2
    assert all(one.headers["authorization"] == f"Bearer {KEY}" for one in faulty.uploads)
    assert sorted(one.path for one in bucket.uploads) == [f"/lab/{nth}" for nth in range(6)]
    assert not any("authorization" in one.headers for one in bucket.uploads)


def test_a_small_content_comes_from_the_server(faulty: FaultServer) -> None:
    faulty.fault = server_with("http://127.0.0.1:1")
    assert b"".join(client_of(faulty).download(URL, 7)) == CONTENT
    assert [one.path for one in faulty.uploads] == [URL]


@pytest.mark.parametrize("place", ["none", "nothing listens", "refused"])
def test_a_bucket_out_of_reach_is_tried_once(
    faulty: FaultServer, bucket: FaultServer, unused_url: str, place: str
) -> None:
    bucket.fault = lambda _: Answer(403, b"<Error>AccessDenied</Error>")
    url = {"none": "", "nothing listens": unused_url, "refused": bucket.url}[place]
    faulty.fault = server_with(url)
    client = client_of(faulty)
    for _ in range(2):
        assert b"".join(client.download(URL, len(CONTENT))) == CONTENT
    asked = [one.path == URL for one in faulty.uploads]
    assert asked == [False, True, True]


def test_what_a_bucket_does_not_give_comes_from_the_server(
    faulty: FaultServer, bucket: FaultServer
) -> None:
    bucket.fault = lambda asked: (
        problem(500, "unavailable")
        if asked.path == "/lab/5"
        else Answer(200, PARTS[int(asked.path[-1])])
    )
    faulty.fault = server_with(bucket.url)
    client = client_of(faulty)
    for _ in range(2):
        assert b"".join(client.download(URL, len(CONTENT))) == CONTENT
    rest = [one.headers["range"] for one in faulty.uploads if one.path == URL]
    assert rest == [f"bytes={len(CONTENT) - 7}-"] * 2
