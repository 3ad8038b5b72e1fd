"""Contents of announced files over HTTP: announce, ask what is lacking, send, kill, send again."""

from __future__ import annotations

import hashlib
import http.client
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from stored_blobs import small_blobs, stored_blobs
from weft.records.record import File


def connect(server: ServerProcess) -> httpx.Client:
    return httpx.Client(base_url=server.url, timeout=60, trust_env=False)


@pytest.fixture
def log(project: str) -> HandMadeLog:
    """A log in a project of the test's own."""
    return HandMadeLog(project=project)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def announce(client: httpx.Client, log: HandMadeLog, files: dict[str, bytes]) -> int:
    """Add the files to a log that was not sent yet, and send it; the ack's `n_lacking`."""
    for path, content in files.items():
        log.add(File(path, len(content), sha256(content), 1))
    return log.upload(client).raise_for_status().json()["n_lacking"]


def beat(client: httpx.Client, log: HandMadeLog) -> int:
    answer = client.post(f"{log.path}/log/{log.writer}?position={len(log.data)}", content=b"")
    return answer.raise_for_status().json()["n_lacking"]


def lacking(client: httpx.Client, log: HandMadeLog, **query: Any) -> dict[str, Any]:
    answer = client.get(f"{log.path}/log/{log.writer}/lacking", params=query)
    return answer.raise_for_status().json()


def send(client: httpx.Client, project: str, contents: Sequence[bytes]) -> httpx.Response:
    body = msgspec.msgpack.encode(contents)
    return client.post(f"/api/v1/projects/local/{project}/contents", content=body)


def send_piece(
    client: httpx.Client, project: str, name: str, position: int, piece: bytes
) -> httpx.Response:
    address = f"/api/v1/projects/local/{project}/contents/{name}?position={position}"
    return client.put(address, content=piece)


def states(client: httpx.Client, log: HandMadeLog) -> dict[str, str]:
    files = client.get(f"{log.path}/files").raise_for_status().json()["files"]
    return {file["path"]: file["state"] for file in files}


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["code"]) == (status, code), document
    return document


def test_an_announced_file_is_awaited_asked_for_and_stored(
    client: httpx.Client, log: HandMadeLog, server: ServerProcess
) -> None:
    small, large = os.urandom(20_000), os.urandom(300_000)
    assert announce(client, log, {"b.png": small, "a.png": large, "copy.png": small}) == 3
    assert states(client, log) == dict.fromkeys(("a.png", "b.png", "copy.png"), "awaited")
    problem = assert_problem(client.get(f"{log.path}/files/b.png"), 404, "not_found")
    assert "not been sent" in problem["detail"]
    assert lacking(client, log) == {
        "entity": "local",
        "project": log.project,
        "contents": [
            {
                "path": "a.png",
                "start": 0,
                "sha256": sha256(large),
                "n_bytes": 300_000,
                "position": 0,
            },
            {
                "path": "b.png",
                "start": 0,
                "sha256": sha256(small),
                "n_bytes": 20_000,
                "position": 0,
            },
        ],
        "cursor": None,
        "is_more": False,
    }
    first = lacking(client, log, limit=1)
    assert [content["path"] for content in first["contents"]] == ["a.png"]
    rest = lacking(client, log, cursor=first["cursor"])
    assert [content["path"] for content in rest["contents"]] == ["b.png"]
    assert send(client, log.project, [small, large]).json() == {"n_stored": 2, "refused": []}
    assert send(client, log.project, [small, large]).json() == {"n_stored": 0, "refused": []}
    assert set(states(client, log).values()) == {"stored"}
    assert client.get(f"{log.path}/files/copy.png").content == small
    assert client.get(f"{log.path}/files/a.png").content == large
    assert beat(client, log) == 0
    assert lacking(client, log)["contents"] == []
    assert sha256(small) in small_blobs(server.data)
    assert sha256(large) in stored_blobs(server.data) - small_blobs(server.data)


def test_what_the_project_has_is_stored_at_once_and_only_there(
    client: httpx.Client, log: HandMadeLog
) -> None:
    content = os.urandom(5000)
    announce(client, log, {"x": content})
    send(client, log.project, [content]).raise_for_status()
    sibling = HandMadeLog(run="run2", writer="writer2", project=log.project)
    assert announce(client, sibling, {"y": content}) == 0
    assert client.get(f"{sibling.path}/files/y").content == content
    stranger = HandMadeLog(run="run2", writer="writer2", project=f"{log.project}2")
    assert announce(client, stranger, {"y": content}) == 1
    assert_problem(client.get(f"{stranger.path}/files/y"), 404, "not_found")


def test_what_was_not_announced_is_refused(
    client: httpx.Client, log: HandMadeLog, server: ServerProcess
) -> None:
    announced, other = os.urandom(3000), os.urandom(3000)
    log.add(File("wrong-size", 2999, sha256(other)))
    announce(client, log, {"x": announced})
    answer = send(client, log.project, [other, announced]).json()
    assert answer == {"n_stored": 1, "refused": [sha256(other)]}
    assert sha256(other) not in stored_blobs(server.data)
    assert_problem(send_piece(client, log.project, "0" * 64, 0, b"x"), 404, "not_found")
    assert_problem(send_piece(client, log.project, "x", 0, b"x"), 400, "invalid")
    assert_problem(send(client, "no-such-project", [announced]), 404, "not_found")
    address = f"/api/v1/projects/local/{log.project}/contents"
    assert_problem(client.post(address, content=b"\xc1"), 400, "invalid")
    assert_problem(client.post(address, content=bytes(17 * 2**20)), 413, "limit")
    assert_problem(send(client, log.project, [b""] * 5000), 413, "limit")
    assert_problem(client.get(f"{log.path}/log/another/lacking"), 404, "not_found")


def test_several_large_contents_of_one_request_are_streamed(
    client: httpx.Client, log: HandMadeLog, server: ServerProcess
) -> None:
    awaited = [os.urandom(n_bytes) for n_bytes in (1_200_000, 256 << 10, (256 << 10) + 1, 9, 0)]
    other = os.urandom(700_000)
    announce(client, log, {f"{number}": content for number, content in enumerate(awaited)})
    answer = send(client, log.project, [awaited[0], other, *awaited[1:], awaited[0]]).json()
    assert answer == {"n_stored": len(awaited), "refused": [sha256(other)]}
    for number, content in enumerate(awaited):
        assert client.get(f"{log.path}/files/{number}").content == content
    assert sha256(other) not in stored_blobs(server.data)
    assert drafts(server) == []


@pytest.mark.parametrize("is_cut", [True, False])
def test_a_request_with_contents_that_is_cut_or_malformed_leaves_nothing(
    client: httpx.Client, log: HandMadeLog, server: ServerProcess, is_cut: bool
) -> None:
    content = os.urandom(900_000)
    announce(client, log, {"x": content})
    body = msgspec.msgpack.encode([content, content[1:]])
    address = f"/api/v1/projects/local/{log.project}/contents"
    if is_cut:
        url = httpx.URL(server.url)
        connection = http.client.HTTPConnection(url.host, url.port, timeout=60)
        connection.putrequest("POST", address)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[:-200_000])
        connection.close()
    else:
        answer = client.post(address, content=body[:-200_000])
        assert "it ends early" in assert_problem(answer, 400, "invalid")["detail"]
    wait_until(lambda: drafts(server) == [])
    assert states(client, log) == {"x": "awaited"}
    assert send(client, log.project, [content]).json() == {"n_stored": 1, "refused": []}


def drafts(server: ServerProcess) -> list[str]:
    """Contents that are being received."""
    return [path.name for path in (server.data / "blobs" / "drafts").iterdir()]


def test_a_large_content_comes_in_pieces(client: httpx.Client, log: HandMadeLog) -> None:
    content = os.urandom(300_000)
    name = sha256(content)
    announce(client, log, {"model.bin": content})
    assert (
        send_piece(client, log.project, name, 0, content[:100_000]).json()["position"] == 100_000
    )
    assert lacking(client, log)["contents"][0]["position"] == 100_000
    wrong = send_piece(client, log.project, name, 5, content[5:])
    assert assert_problem(wrong, 409, "position")["position"] == 100_000
    assert send_piece(client, log.project, name, 100_000, b"").json()["position"] == 100_000
    whole = send_piece(client, log.project, name, 100_000, content[100_000:])
    assert whole.json()["position"] == 300_000
    assert client.get(f"{log.path}/files/model.bin").content == content
    again = send_piece(client, log.project, name, 200_000, content[200_000:])
    assert again.json()["position"] == 300_000
    assert beat(client, log) == 0


def test_wrong_content_is_discarded(client: httpx.Client, log: HandMadeLog) -> None:
    content = os.urandom(200_000)
    name = sha256(content)
    announce(client, log, {"x": content})
    assert_problem(send_piece(client, log.project, name, 0, bytes(200_000)), 400, "wrong_content")
    send_piece(client, log.project, name, 0, content[:-1]).raise_for_status()
    assert_problem(
        send_piece(client, log.project, name, 199_999, content[-1:] + b"x"), 400, "wrong_content"
    )
    assert lacking(client, log)["contents"][0]["position"] == 0
    send_piece(client, log.project, name, 0, content).raise_for_status()
    assert states(client, log) == {"x": "stored"}


def test_the_draft_of_another_project_is_not_continued(
    client: httpx.Client, log: HandMadeLog
) -> None:
    secret = os.urandom(200_000)
    announce(client, log, {"x": secret})
    send_piece(client, log.project, sha256(secret), 0, secret[:-1]).raise_for_status()
    thief = HandMadeLog(project=f"{log.project}2")
    announce(client, thief, {"x": secret})
    answer = send_piece(client, thief.project, sha256(secret), 199_999, secret[-1:])
    assert assert_problem(answer, 409, "position")["position"] == 0


def test_a_failed_file_has_its_sentence(client: httpx.Client, log: HandMadeLog) -> None:
    log.add(File("x.png", 0, "", 1, "the array has five dimensions"))
    assert log.upload(client).json()["n_lacking"] == 0
    (file,) = client.get(f"{log.path}/files").json()["files"]
    assert (file["state"], file["error"]) == ("failed", "the array has five dimensions")
    problem = assert_problem(client.get(file["url"]), 404, "not_found")
    assert "the array has five dimensions" in problem["detail"]


def test_a_changed_file_replaces_the_one_before(
    client: httpx.Client, log: HandMadeLog, server: ServerProcess
) -> None:
    old, new = os.urandom(1000), os.urandom(1000)
    announce(client, log, {"x": old})
    send(client, log.project, [old]).raise_for_status()
    start = len(log.data)
    log.add(File("x", 1000, sha256(new), 2))
    assert log.upload(client, start).json()["n_lacking"] == 1
    wait_until(lambda: sha256(old) not in stored_blobs(server.data), what="the old content gone")
    send(client, log.project, [new]).raise_for_status()
    assert client.get(f"{log.path}/files/x").content == new


def test_a_file_put_or_deleted_meanwhile_is_not_lacking(
    client: httpx.Client, log: HandMadeLog
) -> None:
    content = os.urandom(1000)
    assert announce(client, log, {"x": content, "y": content}) == 2
    client.put(f"{log.path}/files/x", content=b"by hand").raise_for_status()
    assert beat(client, log) == 1
    client.delete(f"{log.path}/files/y").raise_for_status()
    assert beat(client, log) == 0
    assert send(client, log.project, [content]).json()["refused"] == [sha256(content)]
    assert states(client, log) == {"x": "stored"}
    assert client.get(f"{log.path}/files/x").content == b"by hand"


def test_a_moved_run_takes_its_contents_in_its_new_project(
    client: httpx.Client, log: HandMadeLog
) -> None:
    content = os.urandom(1000)
    announce(client, log, {"x": content})
    to = f"{log.project[:90]}-moved"
    client.post(
        f"/api/v1/projects/local/{log.project}/runs/bulk",
        json={"runs": [log.run], "action": {"kind": "move", "project": to}},
    ).raise_for_status()
    assert send(client, log.project, [content]).json()["refused"] == [sha256(content)]
    assert beat(client, log) == 1
    assert lacking(client, log)["project"] == to
    assert send(client, to, [content]).json() == {"n_stored": 1, "refused": []}
    assert beat(client, log) == 0


def test_a_deleted_run_is_gone_and_leaves_nothing(
    client: httpx.Client, log: HandMadeLog, server: ServerProcess
) -> None:
    content, part = os.urandom(1000), os.urandom(200_000)
    announce(client, log, {"x": content, "part": part})
    send(client, log.project, [content]).raise_for_status()
    client.delete(log.path, params={"permanently": True}).raise_for_status()
    assert_problem(client.get(f"{log.path}/log/{log.writer}/lacking"), 410, "gone")
    assert_problem(send_piece(client, log.project, sha256(part), 0, part), 404, "not_found")
    assert sha256(content) not in stored_blobs(server.data)


def test_an_upload_in_pieces_continues_after_a_kill_of_the_server(
    tmp_path: Path, log: HandMadeLog
) -> None:
    content = os.urandom(5_000_000)
    name = sha256(content)
    with start_server(tmp_path) as server:
        with connect(server) as client:
            announce(client, log, {"model.bin": content})
            send_piece(client, log.project, name, 0, content[:1_000_000]).raise_for_status()
        port = int(server.url.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port)
        address = f"/api/v1/projects/local/{log.project}/contents/{name}?position=1000000"
        connection.putrequest("PUT", address)
        connection.putheader("Content-Length", "4000000")
        connection.endheaders()
        connection.send(content[1_000_000:4_000_000])
        (draft,) = (server.data / "blobs" / "drafts").iterdir()
        wait_until(lambda: draft.stat().st_size > 1_000_000, what="some of the second piece")
        server.kill()
        connection.close()
    with start_server(tmp_path) as server, connect(server) as client:
        assert beat(client, log) == 1
        position = lacking(client, log)["contents"][0]["position"]
        assert 1_000_000 < position <= 4_000_000
        send_piece(client, log.project, name, position, content[position:]).raise_for_status()
        assert client.get(f"{log.path}/files/model.bin").content == content
        assert list((server.data / "blobs" / "drafts").iterdir()) == []
