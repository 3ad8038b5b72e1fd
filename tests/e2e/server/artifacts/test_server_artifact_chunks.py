"""Large files of artifacts over HTTP: only the chunks that changed are sent and stored."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import httpx

from made_artifacts import add_artifact, send_contents, sha256
from run_log_bytes import HandMadeLog
from server_process import ServerProcess
from stored_blobs import stored_blobs
from weft.records.files.artifacts import Chunk, ManifestEntry

PROJECT = "p"
BASE = f"/api/v1/projects/local/{PROJECT}"


def announce(
    client: httpx.Client, run: str, parts: Sequence[bytes], others: Sequence[ManifestEntry] = ()
) -> HandMadeLog:
    """Log a version with one file that is cut into parts, and send its manifest."""
    log = HandMadeLog(run=run, writer=f"writer-{run}", project=PROJECT)
    whole = b"".join(parts)
    chunks = [Chunk(len(part), sha256(part)) for part in parts]
    entry = ManifestEntry("big.bin", len(whole), sha256(whole), chunks=chunks)
    manifest = add_artifact(log, 1, {}, entries=[entry, *others])
    log.upload(client).raise_for_status()
    send_contents(client, f"local/{PROJECT}", [manifest])
    client.get(f"{log.path}/log/{log.writer}/lacking").raise_for_status()  # it is read now
    return log


def lacking(client: httpx.Client, log: HandMadeLog, **query: Any) -> list[tuple[str, int, str]]:
    path = f"{log.path}/log/{log.writer}/lacking"
    contents: list[tuple[str, int, str]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = client.get(path, params=query | cursor).raise_for_status().json()
        contents += [
            (content["path"], content["start"], content["sha256"])
            for content in answer["contents"]
        ]
        if not answer["cursor"]:
            return contents
        cursor = {"cursor": answer["cursor"]}


def read(client: httpx.Client, version: str, byte_range: str = "") -> bytes:
    headers = {"Range": f"bytes={byte_range}"} if byte_range else {}
    answer = client.get(f"{BASE}/artifacts/data/versions/{version}/files/big.bin", headers=headers)
    assert answer.status_code == (206 if byte_range else 200)
    return answer.content


def test_a_version_is_stored_once_all_of_its_chunks_are(
    own_client: httpx.Client, own_server: ServerProcess
) -> None:
    same = os.urandom(300_000)
    parts = [os.urandom(400_000), same, os.urandom(700_000), same, b"end"]
    log = announce(own_client, "run1", parts)
    starts = list(accumulate(map(len, parts), initial=0))
    expected = [
        ("artifacts/0001/big.bin", start, sha256(part))
        for start, part in zip(starts, parts, strict=False)
    ]
    del expected[3]  # the content is the same as that of another chunk
    assert lacking(own_client, log) == expected
    assert {content[2] for content in lacking(own_client, log, limit=1)} == {
        content[2] for content in expected
    }
    sent = send_contents(own_client, f"local/{PROJECT}", [*parts[1:], os.urandom(100)])
    assert (sent["n_stored"], len(sent["refused"])) == (3, 1)
    assert lacking(own_client, log) == expected[:1]
    assert own_client.get(f"{BASE}/artifacts/data").json()["n_versions"] == 0
    half = f"{BASE}/contents/{sha256(parts[0])}"  # a chunk may come in pieces, too
    for at in (0, 200_000):
        piece = parts[0][at : at + 200_000]
        own_client.put(f"{half}?position={at}", content=piece).raise_for_status()
    assert lacking(own_client, log) == []
    whole = b"".join(parts)
    assert read(own_client, "v0") == whole
    listed = own_client.get(f"{BASE}/artifacts/data/versions/v0/files").json()["files"]
    assert [(file["state"], file["sha256"], file["n_bytes"]) for file in listed] == [
        ("stored", sha256(whole), len(whole))
    ]
    for start, stop in ((0, 1), (399_999, 400_001), (350_000, 1_400_001), (1_699_999, 1_700_003)):
        assert read(own_client, "v0", f"{start}-{stop - 1}") == whole[start:stop]
    assert read(own_client, "latest", "-3") == b"end"
    assert stored_blobs(own_server.data) >= {sha256(part) for part in parts}
    assert sha256(whole) not in stored_blobs(own_server.data)


def test_only_what_changed_is_asked_for_and_what_is_shared_stays(
    own_client: httpx.Client, own_server: ServerProcess
) -> None:
    parts = [os.urandom(300_000) for _ in range(4)]
    announce(own_client, "run1", parts)
    send_contents(own_client, f"local/{PROJECT}", parts)
    changed = [parts[0], os.urandom(310_000), *parts[2:]]
    log = announce(own_client, "run2", changed)
    assert lacking(own_client, log) == [("artifacts/0001/big.bin", 300_000, sha256(changed[1]))]
    send_contents(own_client, f"local/{PROJECT}", [changed[1]])
    assert read(own_client, "v1") == b"".join(changed)
    own_client.delete(
        f"{BASE}/artifacts/data/versions/v0", params={"with_aliases": True}
    ).raise_for_status()
    assert read(own_client, "v1") == b"".join(changed)
    left = stored_blobs(own_server.data)
    assert sha256(parts[1]) not in left
    assert {sha256(part) for part in changed} <= left
    freed = own_client.post("/api/v1/server/gc", json={}, timeout=60)
    assert freed.is_success
    problems = own_client.post("/api/v1/server/check", timeout=60).text.splitlines()[-1]
    assert '"problems":[]' in problems.replace(" ", "")
    assert read(own_client, "v1") == b"".join(changed)
    own_client.delete(f"{BASE}/artifacts/data").raise_for_status()
    assert not {sha256(part) for part in changed} & stored_blobs(own_server.data)


def test_a_file_of_the_same_content_that_is_stored_whole_needs_no_chunks(
    own_client: httpx.Client,
) -> None:
    whole = os.urandom(600_000)
    log = HandMadeLog(run="run1", writer="w", project=PROJECT)
    manifest = add_artifact(log, 1, {"a.bin": whole})
    log.upload(own_client).raise_for_status()
    send_contents(own_client, f"local/{PROJECT}", [manifest])
    own_client.get(f"{log.path}/log/w/lacking").raise_for_status()
    send_contents(own_client, f"local/{PROJECT}", [whole])
    again = announce(own_client, "run2", [whole[:300_000], whole[300_000:]])
    assert lacking(own_client, again) == []
    assert read(own_client, "v1") == whole
