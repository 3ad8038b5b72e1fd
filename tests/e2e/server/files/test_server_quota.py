"""Upload quotas and the reserve of the disk: what is refused, and that clients send it later."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from at_length import at_length
from made_artifacts import add_artifact, send_contents, sha256
from run_log_bytes import HandMadeLog
from sdk_script import run_script
from server_process import ServerProcess, start_server, wait_until
from weft_command import run_weft

MANY_GB = 10**15


@pytest.fixture
def quota_server(tmp_path: Path) -> Iterator[ServerProcess]:
    with start_server(tmp_path, "--upload-quota", "3MB") as process:
        yield process


def user(server: ServerProcess, name: str) -> httpx.Client:
    done = run_weft("server", "user", "add", name, "--data", server.data, "--json")
    headers = {"Authorization": f"Bearer {done.report['api_key']}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False)


def log_of(name: str, run: str = "run1") -> HandMadeLog:
    log = HandMadeLog(run=run, writer=f"w{run}", entity=name)
    log.keys("loss")
    log.rows([[1.0]])
    return log


def assert_full(answer: httpx.Response, *words: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (507, "storage_full"), problem
    assert int(answer.headers["retry-after"]) >= 1
    for word in words:
        assert word in problem["detail"], problem


def test_every_upload_counts_and_is_refused_beyond_the_quota(quota_server: ServerProcess) -> None:
    with user(quota_server, "ada") as ada, user(quota_server, "bob") as bob:
        log = log_of("ada")
        content = os.urandom(2_500_000)
        manifest = add_artifact(log, 1, {"weights": content, "more": content[::-1]})
        log.upload(ada).raise_for_status()
        send_contents(ada, "ada/p", [manifest])
        ada.get(f"{log.path}/log/{log.writer}/lacking").raise_for_status()
        assert send_contents(ada, "ada/p", [content])["n_stored"] == 1
        listed = run_weft("server", "user", "list", "--data", quota_server.data)
        (line,) = [line for line in listed.stdout.splitlines() if line.startswith("ada")]
        assert line.endswith(" of 3.0 MB")
        assert 2.5 <= float(line.split()[-5]) < 3.0

        words = ("ada has no room for this upload of 2.5 MB within its quota of 3.0 MB", "trash")
        body = msgspec.msgpack.encode([content[::-1]])
        assert_full(ada.post("/api/v1/projects/ada/p/contents", content=body), *words)
        piece = f"/api/v1/projects/ada/p/contents/{sha256(content[::-1])}?position=0"
        assert_full(ada.put(piece, content=content[:1000]), *words)
        file = ada.put(f"{log.path}/files/large.bin", content=content)
        assert_full(file, "ada has no room")
        end = len(log.data)
        log.rows([[os.urandom(60).hex()] for _ in range(8_000)])
        assert_full(log.upload(ada, end), "ada has no room")
        ada.put(f"{log.path}/files/small.txt", content=b"fits").raise_for_status()
        # another user has room of their own, and the run says why its uploads wait
        log_of("bob").upload(bob).raise_for_status()
        (warning,) = ada.get(log.path).json()["warnings"][-1:]
        assert warning.startswith("uploads wait on the client: ada has no room")

        ada.delete("/api/v1/projects/ada/p/artifacts/data").raise_for_status()
        ada.delete(f"{log.path}?permanently=true").raise_for_status()
        again = log_of("ada", "run2")
        again.upload(ada).raise_for_status()
        wait_until(
            lambda: ada.put(f"{again.path}/files/large.bin", content=content).status_code == 200,
            what="room after the deletion",
        )


def test_an_archive_that_does_not_fit_is_refused(
    quota_server: ServerProcess, tmp_path: Path
) -> None:
    with user(quota_server, "ada") as ada:
        log = log_of("ada")
        log.upload(ada).raise_for_status()
        ada.put(f"{log.path}/files/a.bin", content=os.urandom(2_000_000)).raise_for_status()
        archive = ada.get("/api/v1/projects/ada/p/archive").raise_for_status().content
        answer = ada.post(
            "/api/v1/projects/ada/copy/archive",
            content=archive,
            headers={"Accept": "application/jsonl", "Content-Type": "application/zip"},
        )
        assert "storage_full" in answer.text
        assert ada.get("/api/v1/projects/ada/copy").status_code == 404
        assert list((quota_server.data / "imports").iterdir()) == []


def test_a_script_trains_on_keeps_its_data_and_sends_it_once_there_is_room(
    tmp_path: Path,
) -> None:
    code = """
        import os, time, weft
        run = weft.init(project="p", id="large")
        data = os.urandom(4_000_000)
        open("weights.bin", "wb").write(data)
        artifact = weft.Artifact("weights", "model")
        artifact.add_file("weights.bin")
        run.log_artifact(artifact)
        for i in range(300):
            run.log({"i": i})
        print("trained", flush=True)
        run.finish()
    """
    env = {"WEFT_MODE": "online", "WEFT_FINISH_TIMEOUT": "3", "WEFT_SYSTEM_INTERVAL": "0"}
    with start_server(tmp_path, "--upload-quota", "3MB") as server:
        done = run_script(tmp_path, code, {**env, "WEFT_BASE_URL": server.url})
        assert done.exit_code == 0, done.stderr
        assert "trained" in done.stdout
        message = " ".join(done.stderr.split())
        assert "local has no room for this upload of" in message
        assert "within its quota of 3.0 MB" in message
        # All rows have arrived: the last sentence is about files.
        rest = re.search(r"background\. (\d+) files? .*?not uploaded; they are safe in", message)
        assert rest is not None, message
        assert int(rest[1]) > 0
        port = server.url.rpartition(":")[2]
    # A sidecar that the closing lines promised continues without a server, too.
    (log,) = tmp_path.glob("weft/run-*/logs/sidecar.log")
    wait_until(lambda: "nothing listens" in log.read_text(), what="a try without a server")
    with (
        start_server(tmp_path, "--upload-quota", "30MB", "--port", port) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client,
    ):

        def versions() -> list[int]:
            answer = client.get("/api/v1/projects/local/p/artifacts/weights/versions")
            return [version["n_bytes"] for version in answer.json().get("versions", [])]

        wait_until(lambda: versions() == [4_000_000], secs=60, what="the artifact")
        run: dict[str, Any] = client.get("/api/v1/projects/local/p/runs/large").json()
        assert (run["state"], run["summary"]["i"]) == ("finished", 299)


@at_length
def test_a_run_that_has_ended_is_finished_while_its_rows_wait_for_room(tmp_path: Path) -> None:
    code = """
        import os, weft
        run = weft.init(project="p", id="wordy")
        for i in range(60_000):
            run.log({"i": i, "text": os.urandom(40).hex()})
        run.finish()
    """
    env = {"WEFT_MODE": "online", "WEFT_FINISH_TIMEOUT": "3", "WEFT_SYSTEM_INTERVAL": "0"}
    path = "/api/v1/projects/local/p/runs/wordy"
    with (
        start_server(tmp_path, "--upload-quota", "3MB") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client,
    ):
        done = run_script(tmp_path, code, {**env, "WEFT_BASE_URL": server.url})
        assert "local has no room" in " ".join(done.stderr.split())

        def run() -> dict[str, Any]:
            return client.get(path).json()

        wait_until(lambda: run()["state"] == "finished", secs=60, what="the end of the run")
        assert run()["exit_code"] == 0
        assert run()["summary"]["i"] < 59_999
        port = server.url.rpartition(":")[2]
    with (
        start_server(tmp_path, "--upload-quota", "300MB", "--port", port) as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client,
    ):
        wait_until(
            lambda: client.get(path).json()["summary"]["i"] == 59_999, secs=90, what="the rows"
        )
        assert client.get(path).json()["state"] == "finished"


def test_the_disk_keeps_room_for_the_server_itself(tmp_path: Path) -> None:
    with (
        start_server(tmp_path, "--disk-reserve", f"{MANY_GB}") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client,
    ):
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert "the disk of the data directory is full" in ready.json()["detail"]
        assert_full(log_of("local").upload(client), "the disk is full", "server's own work")
        # the server's own work goes on
        client.put("/api/v1/projects/local/p", json={"description": "d"}).raise_for_status()
        assert run_weft("server", "gc", "--data", server.data).exit_code == 0
        new = {"id": "s", "config": '{"method": "random", "parameters": {"x": {"value": 1}}}'}
        client.post("/api/v1/projects/local/p/sweeps", json=new).raise_for_status()
        client.delete("/api/v1/projects/local/p").raise_for_status()
    with (
        start_server(tmp_path, "--disk-reserve", "0") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client,
    ):
        client.get("/readyz").raise_for_status()
        log_of("local").upload(client).raise_for_status()
