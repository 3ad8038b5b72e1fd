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
        server.fault = lambda request: Answer(200, PARTS[int(request.path[-1])])
        yield server


def server_with(url: str, at_once: int = 4) -> Callable[[Upload], Answer | None]:
    """A server that has the content, and gives links to its parts at another address."""
    starts = [sum(map(len, PARTS[:nth])) for nth in range(len(PARTS))]

    def answer(request: Upload) -> Answer:
        if "/links/" not in request.path:
            start = int(request.headers.get("range", "bytes=0-")[6:-1])
            return Answer(206 if start else 200, CONTENT[start:])
        links = [
            {"url": f"{url}/lab/{nth}", "start": start, "n_bytes": len(PARTS[nth])}
            for nth, start in enumerate(starts)
            if start >= request.start
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
    assert [upload.path for upload in faulty.uploads] == [URL.replace("v0/files", "v0/links")] * 2
    assert all(upload.headers["authorization"] == f"Bearer {KEY}" for upload in faulty.uploads)
    assert sorted(upload.path for upload in bucket.uploads) == [f"/lab/{nth}" for nth in range(6)]
    assert not any("authorization" in upload.headers for upload in bucket.uploads)


def test_a_small_content_comes_from_the_server(faulty: FaultServer) -> None:
    faulty.fault = server_with("http://127.0.0.1:1")
    assert b"".join(client_of(faulty).download(URL, 7)) == CONTENT
    assert [upload.path for upload in faulty.uploads] == [URL]


@pytest.mark.parametrize("fault", ["none", "nothing listens", "refused"])
def test_a_bucket_out_of_reach_is_tried_once(
    faulty: FaultServer, bucket: FaultServer, unused_url: str, fault: str
) -> None:
    bucket.fault = lambda _: Answer(403, b"<Error>AccessDenied</Error>")
    url = {"none": "", "nothing listens": unused_url, "refused": bucket.url}[fault]
    faulty.fault = server_with(url)
    client = client_of(faulty)
    for _ in range(2):
        assert b"".join(client.download(URL, len(CONTENT))) == CONTENT
    is_from_server = [upload.path == URL for upload in faulty.uploads]
    assert is_from_server == [False, True, True]


def test_what_a_bucket_does_not_give_comes_from_the_server(
    faulty: FaultServer, bucket: FaultServer
) -> None:
    bucket.fault = lambda request: (
        problem(500, "unavailable")
        if request.path == "/lab/5"
        else Answer(200, PARTS[int(request.path[-1])])
    )
    faulty.fault = server_with(bucket.url)
    client = client_of(faulty)
    for _ in range(2):
        assert b"".join(client.download(URL, len(CONTENT))) == CONTENT
    rest = [upload.headers["range"] for upload in faulty.uploads if upload.path == URL]
    assert rest == [f"bytes={len(CONTENT) - 7}-"] * 2
