"""Rights that outlive a request: signed addresses and live events end with what they came from."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest

from gateway_wire import Wire, history
from lab_server import LOG, RUN, Lab, start_lab

UPLOAD = """
mutation Begin { createRunFiles(input: {entityName: "lab", projectName: "runs",
  runName: "ab12cd34", files: ["note.txt"]}) { files { uploadUrl } } }"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def upload_address(client: httpx.Client) -> str:
    answer = client.post("/graphql", json={"query": UPLOAD})
    assert answer.is_success, answer.text
    return str(answer.json()["data"]["createRunFiles"]["files"][0]["uploadUrl"])


def put(address: str, text: bytes) -> httpx.Response:
    return httpx.put(address, content=text, trust_env=False)


def revoke_key(lab: Lab, key_id: int) -> httpx.Response:
    return lab.clients["ada"].delete(f"/api/v1/keys/{key_id}")


def replace_key(lab: Lab, _: int) -> httpx.Response:
    return lab.clients["root"].put("/api/v1/users/ada/key", json={})


def remove_member(lab: Lab, _: int) -> httpx.Response:
    return lab.clients["root"].delete("/api/v1/teams/lab/members/ada")


def test_someone_with_a_lesser_key_makes_no_greater_address(lab: Lab) -> None:
    for name in ("vic", "mia-read", "mia-shared", "dan"):
        answer = lab.clients[name].post("/graphql", json={"query": UPLOAD})
        assert answer.status_code == 403, (name, answer.text)
        assert "/wandb/files/" not in answer.text
    assert put(upload_address(lab.clients["mia-log"]), b"note").is_success


def test_the_file_stream_takes_rows_of_who_may_log_alone(lab: Lab) -> None:
    for name, key in lab.keys.items():
        wire = Wire(lab.server.url, key)
        for project in ("runs", "secret"):
            part = history(2, {"loss": 0.1, "_step": 2})
            answer = wire.stream(project, RUN, entity="lab", files=part)
            # Of who may log, a run that was not begun here takes no rows.
            got_in = "was not begun" in answer.text
            may_log = name in LOG and (project == "runs" or name != "bot")
            assert got_in is may_log, (name, project, answer.text)
            assert answer.status_code in {401, 403, 404}


def test_a_viewer_gets_no_events_of_a_restricted_project(lab: Lab) -> None:
    with lab.clients["vic"].stream("GET", "/api/v1/projects/lab/secret/events") as answer:
        assert answer.status_code == 404


def test_who_lost_the_right_gets_no_answer_that_others_share(lab: Lab) -> None:
    """The pages of a team ask the same; one of them is of someone who is removed meanwhile."""
    query = {"panels": [{"runs": [RUN], "keys": ["loss"]}]}
    table = {"columns": ["summary.loss"]}

    def ask(name: str) -> list[int]:
        path = "/api/v1/projects/lab/runs"
        since = {"seen_micros": 0}
        return [
            lab.clients[name].post(f"{path}/{part}", params=since, json=body).status_code
            for part, body in (("series", query), ("runs/query", table))
        ]

    root = lab.clients["root"]
    assert ask("mia") == ask("vic") == [200, 200]
    assert root.delete("/api/v1/teams/lab/members/vic").is_success
    assert ask("mia") == [200, 200]
    assert ask("vic") == ask("dan") == [403, 403]
    assert root.put("/api/v1/teams/lab/members/vic", json={"role": "viewer"}).is_success
    assert ask("vic") == [200, 200]
    restricted = root.patch("/api/v1/projects/lab/runs/access", json={"visibility": "restricted"})
    assert restricted.is_success, restricted.text
    assert ask("vic") == [404, 404]
    back = root.patch("/api/v1/projects/lab/runs/access", json={"visibility": "private"})
    assert back.is_success, back.text


def test_an_address_and_a_stream_end_with_what_they_came_from(lab: Lab) -> None:
    """With the key, with a replaced key of the user, with the membership in the team."""
    mia = lab.clients["root"].put("/api/v1/teams/lab/members/mia", json={"role": "admin"})
    assert mia.is_success, mia.text
    for end in (revoke_key, remove_member, replace_key):
        if end is replace_key:
            back = lab.clients["root"].put("/api/v1/teams/lab/members/ada", json={"role": "admin"})
            assert back.is_success, back.text
        created = lab.clients["ada"].post(
            "/api/v1/keys", json={"name": "laptop", "scope": "admin"}
        )
        assert created.is_success, created.text
        headers = {"Authorization": f"Bearer {created.json()['api_key']}"}
        with httpx.Client(
            base_url=lab.server.url, headers=headers, timeout=60, trust_env=False
        ) as client:
            address = upload_address(client)
            assert put(address, b"before").is_success
            with client.stream("GET", "/api/v1/projects/lab/runs/events") as stream:
                lines = stream.iter_lines()
                assert next(lines) == "event: hello"
                ended = end(lab, created.json()["id"])
                assert ended.is_success, ended.text
                assert put(address, b"after").status_code == 403, end
                # The next event of the run itself would be of this: the stream ends instead.
                edit = lab.clients["root"].patch(
                    f"/api/v1/projects/lab/runs/runs/{RUN}", json={"notes": "not for ada"}
                )
                assert edit.is_success, edit.text
                assert '"meta":true' not in "".join(lines), end


def key_that_ends(lab: Lab, secs: float) -> tuple[str, float]:
    """A key of mia, and the time at which it ends."""
    created = lab.clients["mia"].post("/api/v1/keys", json={"name": "short", "days": 1})
    assert created.is_success, created.text
    ends = time.time() + secs
    with closing(sqlite3.connect(lab.server.data / "metadata.db", timeout=60)) as database:
        database.execute(
            "UPDATE api_key SET expires_micros = ? WHERE id = ?",
            (int(ends * 1e6), created.json()["id"]),
        )
        database.commit()
    # A change of people has the server read them again.
    changed = lab.clients["root"].put("/api/v1/teams/lab/members/mia", json={"role": "member"})
    assert changed.is_success, changed.text
    return str(created.json()["api_key"]), ends


def read_events(client: httpx.Client, lines: list[str]) -> None:
    with client.stream("GET", "/api/v1/projects/lab/runs/events") as stream:
        for line in stream.iter_lines():
            lines.append(line)


def test_a_stream_and_a_download_end_with_their_key(lab: Lab) -> None:
    n_bytes = 64 * 2**20
    address = urlsplit(lab.server.url)
    assert put(upload_address(lab.clients["mia"]), bytes(n_bytes)).is_success
    key, ends = key_that_ends(lab, 4)
    headers = {"Authorization": f"Bearer {key}"}
    file = f"/api/v1/projects/lab/runs/runs/{RUN}/files/note.txt"
    # Less than the 15 s after which a stream says that it is still there.
    with (
        httpx.Client(
            base_url=lab.server.url, headers=headers, timeout=12, trust_env=False
        ) as client,
        closing(socket.create_connection((address.hostname or "", address.port or 0))) as download,
    ):
        request = f"GET {file} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n"
        download.sendall(request.encode())
        assert download.recv(12) == b"HTTP/1.1 200"
        lines: list[str] = []
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            read_events(client, lines)
        assert lines[0] == "event: hello"
        assert time.time() >= ends - 0.1  # two clocks
        assert client.get("/api/v1/projects").status_code == 401
        download.settimeout(60)
        n_read = 0
        try:
            while piece := download.recv(2**20):
                n_read += len(piece)
        except ConnectionResetError:
            pass
        assert 0 < n_read < n_bytes
