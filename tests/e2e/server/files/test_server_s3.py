"""A server whose files are in a bucket of a real S3 server: uploads, reads, deletion, faults."""

from __future__ import annotations

import hashlib
import http.client
import os
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import msgspec
import obstore
import pytest

import weft
from at_length import at_length, case_at_length
from relay import Relay
from run_log_bytes import HandMadeLog
from s3_server import NewBucket, S3Server
from sdk_script import run_script, start_script
from server_process import ServerProcess, start_server, wait_until
from weft.records.record import File
from weft_command import Done, run_weft

LARGE = os.urandom(20_000_000)


@pytest.fixture
def bucket_server(tmp_path: Path, s3_bucket: NewBucket) -> Iterator[ServerProcess]:
    with start_on(tmp_path, s3_bucket) as process:
        yield process


@pytest.fixture
def bucket_client(bucket_server: ServerProcess) -> Iterator[httpx.Client]:
    with connect(bucket_server) as http:
        yield http


def start_on(tmp_path: Path, bucket: NewBucket, *args: str, **env: str) -> ServerProcess:
    return start_server(
        tmp_path, "--files-url", bucket.url, *args, env={**bucket.environment, **env}
    )


def connect(server: ServerProcess) -> httpx.Client:
    return httpx.Client(base_url=server.url, timeout=60, trust_env=False)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def begin(client: httpx.Client, **files: bytes) -> HandMadeLog:
    """A run whose log announces files."""
    log = HandMadeLog()
    for path, content in files.items():
        log.add(File(path, len(content), sha256(content), 1))
    log.upload(client).raise_for_status()
    return log


def send(client: httpx.Client, *contents: bytes) -> httpx.Response:
    return client.post(
        "/api/v1/projects/local/p/contents", content=msgspec.msgpack.encode(contents)
    )


def send_piece(client: httpx.Client, content: bytes, start: int, stop: int) -> httpx.Response:
    address = f"/api/v1/projects/local/p/contents/{sha256(content)}?position={start}"
    return client.put(address, content=content[start:stop])


def command(server: ServerProcess, name: str, *arguments: object) -> Done:
    return run_weft(
        "server", name, "--data", server.data, "--json", *arguments, env=server.environment
    )


def test_files_are_objects_of_the_bucket_and_read_in_ranges(
    bucket_client: httpx.Client, bucket_server: ServerProcess, s3_bucket: NewBucket
) -> None:
    small, middle = os.urandom(500), os.urandom(400_000)
    log = begin(bucket_client, small=small, middle=middle, large=LARGE)
    assert send(bucket_client, small, middle).json() == {"n_stored": 2, "refused": []}
    send_piece(bucket_client, LARGE, 0, 9_000_000).raise_for_status()
    assert s3_bucket.blobs() == {sha256(small), sha256(middle)}
    send_piece(bucket_client, LARGE, 9_000_000, len(LARGE)).raise_for_status()
    assert s3_bucket.blobs() == {sha256(small), sha256(middle), sha256(LARGE)}
    assert not list((bucket_server.data / "blobs" / "drafts").iterdir())
    assert not list((bucket_server.data / "blobs").glob("*.sqlite*"))
    for path, content in {"small": small, "middle": middle, "large": LARGE}.items():
        address = f"{log.path}/files/{path}"
        assert bucket_client.get(address).content == content
        part = bucket_client.get(address, headers={"Range": f"bytes=100-{len(content) - 7}"})
        assert (part.status_code, part.content) == (206, content[100:-6])
        assert bucket_client.get(address, headers={"Range": "bytes=-9"}).content == content[-9:]
        assert bucket_client.head(address).headers["Content-Length"] == str(len(content))
    put = bucket_client.put(f"{log.path}/files/put", content=LARGE[:9_000_001]).raise_for_status()
    assert bucket_client.get(put.json()["url"]).content == LARGE[:9_000_001]
    bucket_client.put(f"{log.path}/files/put", content=b"").raise_for_status()
    assert bucket_client.get(put.json()["url"]).content == b""
    assert sha256(LARGE[:9_000_001]) not in s3_bucket.blobs()
    bucket_client.delete(f"{log.path}/files/large").raise_for_status()
    assert s3_bucket.blobs() == {sha256(small), sha256(middle), sha256(b"")}
    bucket_client.delete(log.path, params={"permanently": True}).raise_for_status()
    assert s3_bucket.objects() == ["owner.json"]


@pytest.mark.at_length
def test_a_wrong_content_never_reaches_the_bucket(
    bucket_client: httpx.Client, s3_bucket: NewBucket
) -> None:
    log = begin(bucket_client, x=LARGE)
    wrong = bucket_client.put(
        f"/api/v1/projects/local/p/contents/{sha256(LARGE)}?position=0", content=bytes(len(LARGE))
    )
    assert (wrong.status_code, wrong.json()["code"]) == (400, "wrong_content")
    wrong = bucket_client.put(
        f"{log.path}/files/x", content=LARGE, headers={"X-Weft-Sha256": sha256(b"")}
    )
    assert wrong.status_code == 400
    assert s3_bucket.blobs() == set()


def test_a_killed_server_continues_an_upload_and_needs_no_setting(
    tmp_path: Path, s3_bucket: NewBucket
) -> None:
    with start_on(tmp_path, s3_bucket) as server:
        with connect(server) as client:
            log = begin(client, model=LARGE)
            send_piece(client, LARGE, 0, 1_000_000).raise_for_status()
        connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]))
        connection.putrequest(
            "PUT", f"/api/v1/projects/local/p/contents/{sha256(LARGE)}?position=1000000"
        )
        connection.putheader("Content-Length", str(len(LARGE) - 1_000_000))
        connection.endheaders()
        connection.send(LARGE[1_000_000:5_000_000])
        (draft,) = (server.data / "blobs" / "drafts").iterdir()
        wait_until(lambda: draft.stat().st_size > 1_000_000, what="some of the second piece")
        server.kill()
        connection.close()
    # The data directory knows its bucket.
    with (
        start_server(tmp_path, env=s3_bucket.environment) as server,
        connect(server) as client,
    ):
        lacked = client.get(f"{log.path}/log/{log.writer}/lacking").json()["contents"]
        position = lacked[0]["position"]
        assert 1_000_000 < position <= 5_000_000
        send_piece(client, LARGE, position, len(LARGE)).raise_for_status()
        assert client.get(f"{log.path}/files/model").content == LARGE
        assert command(server, "gc").report["n_bytes"] == 0
        assert command(server, "check").report["n_problems"] == 0


@pytest.mark.at_length
def test_a_bucket_that_is_down_loses_nothing(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket
) -> None:
    small = os.urandom(500)
    with (
        Relay(s3_server.url) as relay,
        start_on(tmp_path, s3_bucket, AWS_ENDPOINT_URL=relay.url) as server,
        connect(server) as client,
    ):
        log = begin(client, small=small, large=LARGE)
        send_piece(client, LARGE, 0, 5_000_000).raise_for_status()
        relay.refuse()
        for answer in (send(client, small), send_piece(client, LARGE, 5_000_000, len(LARGE))):
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (503, "unavailable")
            assert problem["detail"].startswith("files can't be stored now: the bucket does not")
        answer = client.put(f"{log.path}/files/put", content=LARGE)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        lacked = client.get(f"{log.path}/log/{log.writer}/lacking").json()["contents"]
        assert {content["path"]: content["position"] for content in lacked} == {
            "large": len(LARGE),
            "small": 0,
        }
        assert s3_bucket.url in server.stderr
        assert client.get("/readyz").status_code == 200  # rows are taken
        relay.listen()
        send(client, small).raise_for_status()
        send_piece(client, LARGE, len(LARGE), len(LARGE)).raise_for_status()
        assert client.get(f"{log.path}/files/large").content == LARGE
        assert client.get(f"{log.path}/files/small").content == small
        assert s3_bucket.blobs() == {sha256(small), sha256(LARGE)}
        assert not list((server.data / "blobs" / "drafts").iterdir())


@pytest.mark.at_length
def test_a_table_that_is_looked_at_is_fetched_once(
    bucket_client: httpx.Client, bucket_server: ServerProcess, s3_bucket: NewBucket
) -> None:
    table = b"value\n" + b"".join(b"%d\n" % nth for nth in range(300_000))
    log = begin(bucket_client)
    bucket_client.put(f"{log.path}/files/rows.csv", content=table).raise_for_status()
    query = {"run": log.run, "path": "rows.csv", "offset": 299_999}
    for _ in range(2):
        answer = bucket_client.post("/api/v1/projects/local/p/tables/query", json=query)
        assert answer.json()["rows"] == [[299_999]]
        (copy,) = (bucket_server.data / "blobs" / "copies").iterdir()
        assert copy.read_bytes() == table
        # The second look does not need the bucket.
        obstore.delete(s3_bucket.store(), f"{sha256(table)[:2]}/{sha256(table)}")
    bucket_client.delete(f"{log.path}/files/rows.csv").raise_for_status()
    assert not list((bucket_server.data / "blobs" / "copies").iterdir())


SCRIPT = """
import os, time, weft
run = weft.init(project="p", id="one")
with open("model.bin", "wb") as file:
    file.write(os.urandom(30_000_000))
with open("notes.txt", "w") as file:
    file.write("notes")
artifact = weft.Artifact("model", "model")
artifact.add_file("model.bin")
artifact.add_file("notes.txt")
run.log_artifact(artifact)
open("logged", "w").close()
nth = 0
while not os.path.exists("enough"):
    run.log({"nth": nth})
    nth += 1
    time.sleep(0.02)
run.finish()
"""


@pytest.mark.at_length
def test_a_script_sends_its_artifact_once_the_bucket_is_back(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket
) -> None:
    with (
        Relay(s3_server.url) as relay,
        start_on(tmp_path, s3_bucket, AWS_ENDPOINT_URL=relay.url) as server,
        connect(server) as client,
    ):
        relay.refuse()
        script = start_script(
            tmp_path, SCRIPT, {"WEFT_MODE": "online", "WEFT_BASE_URL": server.url}
        )
        wait_until(lambda: (tmp_path / "logged").exists(), what="the artifact is logged")
        wait_until(lambda: s3_bucket.url in server.stderr, what="an upload was refused")
        run = "/api/v1/projects/local/p/runs/one"

        def newest() -> int:
            return client.get(run).json().get("summary", {}).get("nth", -1)

        n_then = newest()
        wait_until(lambda: newest() > n_then, what="rows are taken meanwhile")
        relay.listen()
        (tmp_path / "enough").touch()
        _, stderr = script.communicate(timeout=120)
        assert script.returncode == 0, stderr
        stored = client.get("/api/v1/projects/local/p/artifacts/model/versions/latest/files")
        sizes = {
            file["path"]: file["n_bytes"] for file in stored.raise_for_status().json()["files"]
        }
        assert sizes == {"model.bin": 30_000_000, "notes.txt": 5}
        api = weft.Api(server.url, api_key=server.token)
        folder = Path(api.artifact("local/p/model:latest").download(str(tmp_path / "got")))
        assert (folder / "model.bin").read_bytes() == (tmp_path / "model.bin").read_bytes()
        assert command(server, "check").report["n_problems"] == 0


@pytest.mark.at_length
def test_a_full_disk_refuses_an_upload_and_continues_it_later(
    tmp_path: Path, s3_bucket: NewBucket
) -> None:
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    bound = f"(6_000_000, {unlimited[1]})"
    with (
        start_server(
            tmp_path, "--files-url", s3_bucket.url, env=s3_bucket.environment,
            before=f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, {bound})",
        ) as server,
        connect(server) as client,
    ):  # fmt: skip
        log = begin(client, model=LARGE)
        refused = [
            send_piece(client, LARGE, 0, 9_000_000),
            client.put(f"{log.path}/files/put", content=LARGE),
        ]
        assert [answer.status_code for answer in refused] == [503, 503]
        (draft,) = (server.data / "blobs" / "drafts").iterdir()
        lacked = client.get(f"{log.path}/log/{log.writer}/lacking").json()["contents"]
        assert lacked[0]["position"] == draft.stat().st_size == 6_000_000
        assert s3_bucket.blobs() == set()
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, unlimited)
        send_piece(client, LARGE, 6_000_000, len(LARGE)).raise_for_status()
        assert client.get(f"{log.path}/files/model").content == LARGE


@pytest.mark.at_length
def test_a_bucket_that_hangs_does_not_hold_the_server(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket
) -> None:
    small = os.urandom(500)
    before = "import weft.server.storage.blobs.s3_bucket as b; b._SILENT_SECS, b._RETRIES = 3, 0"
    with (
        start_server(
            tmp_path, "--files-url", s3_bucket.url, env=s3_bucket.environment, before=before
        ) as server,
        connect(server) as client,
    ):
        log = begin(client, small=small)
        send(client, small).raise_for_status()
        address = f"{server.url}{log.path}/files/small"
        with s3_server.paused(), ThreadPoolExecutor(60) as pool:
            requests = [pool.submit(httpx.get, address) for _ in range(60)]
            assert client.get(log.path).status_code == 200
            answers = [request.result() for request in requests]
            assert {answer.status_code for answer in answers} == {503}
            # All but one of these are refused at once: that one finds out whether it is back.
            more = [pool.submit(httpx.get, address) for _ in range(60)]
            assert {request.result().status_code for request in more} == {503}
        wait_until(lambda: client.get(address).status_code == 200, what="the bucket is back")
        assert client.get(address).content == small


@pytest.mark.at_length
def test_a_key_without_a_right_gets_a_clear_answer(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket
) -> None:
    start_on(tmp_path, s3_bucket).stop()
    with (
        start_on(tmp_path, s3_bucket, **s3_server.environment("reader")) as server,
        connect(server) as client,
    ):
        begin(client, x=b"x")
        answer = send(client, b"x")
        assert answer.status_code == 503
        assert answer.json()["detail"].startswith(
            "files can't be stored now: the bucket refuses access"
        )


def test_gc_and_check_know_what_is_in_the_bucket(
    bucket_client: httpx.Client, bucket_server: ServerProcess, s3_bucket: NewBucket
) -> None:
    stored, lost, damaged = os.urandom(5000), os.urandom(300_000), os.urandom(2000)
    begin(bucket_client, kept=stored, lost=lost, damaged=damaged)
    send(bucket_client, stored, lost, damaged).raise_for_status()
    store = s3_bucket.store()
    obstore.put(store, f"ab/ab{'0' * 62}", bytes(2000))
    obstore.put(store, "notes.txt", b"not of weft")
    assert command(bucket_server, "gc", "--dry-run").report["blobs"] == {"n": 1, "n_bytes": 2000}
    assert command(bucket_server, "check").report["n_unused_bytes"] == 2000
    assert command(bucket_server, "gc").report["blobs"] == {"n": 1, "n_bytes": 2000}
    assert command(bucket_server, "gc").report["n_bytes"] == 0
    assert "notes.txt" in s3_bucket.objects()
    obstore.delete(store, f"{sha256(lost)[:2]}/{sha256(lost)}")
    obstore.put(store, f"{sha256(damaged)[:2]}/{sha256(damaged)}", bytes(2000))
    done = command(bucket_server, "check")
    assert done.exit_code == 1
    assert {problem["file"]: problem["detail"] for problem in done.report["problems"]} == {
        "lost": "its content is missing",
        "damaged": "its content is not what was stored",
    }


@pytest.mark.at_length
def test_upkeep_says_that_the_bucket_is_away_and_names_no_file_as_damaged(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket
) -> None:
    small = os.urandom(500)
    with (
        Relay(s3_server.url) as relay,
        start_on(tmp_path, s3_bucket, AWS_ENDPOINT_URL=relay.url) as server,
        connect(server) as client,
    ):
        log = begin(client, small=small)
        send(client, small).raise_for_status()
        relay.refuse()
        for name in ("check", "gc"):
            done = command(server, name)
            assert done.exit_code not in {0, 1}
            assert "files can't be read now: the bucket does not answer" in done.stderr
        # What is deleted meanwhile is freed later.
        client.delete(f"{log.path}/files/small").raise_for_status()
        relay.listen()
        assert command(server, "gc").report["blobs"] == {"n": 1, "n_bytes": 500}
        assert s3_bucket.blobs() == set()


@pytest.mark.at_length
def test_a_backup_has_all_contents_and_moves_to_a_bucket_of_its_own(
    tmp_path: Path, bucket_client: httpx.Client, bucket_server: ServerProcess, s3_server: S3Server
) -> None:
    small = os.urandom(500)
    log = begin(bucket_client, small=small, large=LARGE)
    send(bucket_client, small).raise_for_status()
    send_piece(bucket_client, LARGE, 0, len(LARGE)).raise_for_status()
    report = command(bucket_server, "backup", tmp_path / "backups").report
    assert (report["n_blobs"], report["missing"]) == (2, [])
    again = command(bucket_server, "backup", tmp_path / "backups").report
    assert again["n_bytes_written"] < len(LARGE)
    restored = tmp_path / "restored"
    done = run_weft("server", "restore", tmp_path / "backups", "--data", restored, "--json")
    assert done.exit_code == 0, done.stderr
    other = s3_server.new_bucket()
    done = run_weft(
        "server", "move-files", other.url, "--data", restored, "--json", env=other.environment
    )
    assert done.exit_code == 0, done.stderr
    assert (done.report["n_blobs"], done.report["left"]) == (2, None)
    assert other.blobs() == {sha256(small), sha256(LARGE)}
    with (
        start_server(tmp_path, "--data", str(restored), env=other.environment) as second,
        connect(second) as reading,
    ):
        assert reading.get(f"{log.path}/files/large").content == LARGE
        assert reading.get(f"{log.path}/files/small").content == small


def test_a_bucket_is_downloaded_from_without_the_key_of_the_server(
    tmp_path: Path, s3_bucket: NewBucket
) -> None:
    with start_on(tmp_path, s3_bucket, "--direct-downloads") as server, connect(server) as client:
        log = begin(client, x=LARGE)
        send_piece(client, LARGE, 0, len(LARGE)).raise_for_status()
        address = f"{log.path}/files/x"
        assert client.get(address).content == LARGE
        assert client.head(f"{address}?direct=true").status_code == 200
        moved = client.get(f"{address}?direct=true")
        assert (moved.status_code, moved.headers["Cache-Control"]) == (307, "no-store")
        assert moved.headers["Location"].startswith(s3_bucket.server.url)
        assert httpx.get(moved.headers["Location"]).content == LARGE


DIRECT_SCRIPT = """
import os, weft
run = weft.init(project="p", id="one")
for name, n_bytes in (("whole.bin", 9_000_000), ("chunks.bin", 70_000_000)):
    with open(name, "wb") as file:
        file.write(os.urandom(n_bytes))
artifact = weft.Artifact("model", "model")
artifact.add_file("whole.bin")
artifact.add_file("chunks.bin")
run.log_artifact(artifact).wait()
run.finish()
"""


@at_length
@pytest.mark.parametrize("is_allowed", [True, case_at_length(False)])
def test_an_artifact_is_downloaded_from_the_bucket_if_that_is_allowed(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket, is_allowed: bool
) -> None:
    options = ["--direct-downloads"] if is_allowed else []
    with (
        Relay(s3_server.url) as relay,
        start_on(tmp_path, s3_bucket, *options, AWS_ENDPOINT_URL=relay.url) as server,
        connect(server) as client,
    ):
        done = run_script(
            tmp_path, DIRECT_SCRIPT, {"WEFT_MODE": "online", "WEFT_BASE_URL": server.url}
        )
        assert done.exit_code == 0, done.stderr
        version = "/api/v1/projects/local/p/artifacts/model/versions/v0"
        sizes = {"whole.bin": 1, "chunks.bin": 10}
        for path, least in sizes.items():
            links = client.get(f"{version}/links/{path}").raise_for_status().json()["links"]
            assert len(links) >= least if is_allowed else links == []
            if is_allowed:
                content = b"".join(httpx.get(link["url"]).content for link in links)
                assert content == (tmp_path / path).read_bytes()
                later = client.get(f"{version}/links/{path}?start={links[-1]['start']}").json()
                assert [link["start"] for link in later["links"]] == [links[-1]["start"]]
        artifact = weft.Api(server.url, api_key=server.token).artifact("local/p/model:v0")
        folder = Path(artifact.download(str(tmp_path / "got"), skip_cache=True))
        for path in sizes:
            assert (folder / path).read_bytes() == (tmp_path / path).read_bytes()
