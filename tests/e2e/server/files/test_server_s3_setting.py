"""The setting of a server's bucket: what is refused at the start, and moves of all files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import httpx
import obstore
import pytest

from at_length import at_length
from run_log_bytes import HandMadeLog
from s3_server import NewBucket, S3Server
from server_process import ServerProcess, start_server
from stored_blobs import replace_small_blob, stored_blobs
from weft_command import Done, kill_weft, run_weft

CONTENTS = {
    "small": os.urandom(500),
    "middle": os.urandom(400_000),
    "large": os.urandom(12_000_000),
}
NAMES = {hashlib.sha256(data).hexdigest() for data in CONTENTS.values()}


def fill(server: ServerProcess) -> HandMadeLog:
    log = HandMadeLog()
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        log.upload(client).raise_for_status()
        for path, content in CONTENTS.items():
            client.put(f"{log.path}/files/{path}", content=content).raise_for_status()
    return log


def assert_whole(server: ServerProcess, log: HandMadeLog) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        for path, content in CONTENTS.items():
            assert client.get(f"{log.path}/files/{path}").content == content


def started(data: Path, *args: str, env: dict[str, str]) -> str:
    """The message of a `weft server` that does not start."""
    done = run_weft("server", "--port", 0, "--data", data, *args, env=env)
    assert done.exit_code not in {0, -9}, done.stderr
    return done.stderr


def move(data: Path, to: str, env: dict[str, str]) -> Done:
    return run_weft("server", "move-files", to, "--data", data, "--json", env=env)


@pytest.mark.parametrize("url", ["bucket", "s3://", "s3://Bucket", "s3://bucket/../x", "gs://abc"])
def test_an_invalid_address_is_named(tmp_path: Path, url: str) -> None:
    message = started(tmp_path / "data", "--files-url", url, env={})
    assert "it must be s3://bucket or s3://bucket/prefix" in message


@at_length
def test_what_is_wrong_with_a_bucket_is_said_with_its_remedy(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket, unused_url: str
) -> None:
    data, env = tmp_path / "data", s3_bucket.environment
    message = started(data, "--files-url", "s3://no-such-bucket/x", env=env)
    assert "no bucket 'no-such-bucket'" in message
    assert "create it" in message
    for wrong in ({"AWS_SECRET_ACCESS_KEY": "wrong"}, s3_server.environment("reader")):
        message = started(data, "--files-url", s3_bucket.url, env={**env, **wrong})
        assert f"access to {s3_bucket.url}" in message
        assert "set AWS_ACCESS_KEY_ID" in message
    message = started(
        data, "--files-url", s3_bucket.url, env={**env, "AWS_ENDPOINT_URL": unused_url}
    )
    assert "can't be used at" in message
    assert "AWS_ENDPOINT_URL to the address of the S3 server" in message
    assert s3_bucket.objects() == []
    with start_server(tmp_path, "--files-url", s3_bucket.url, env=env) as server:
        assert server.data == data


def test_two_servers_never_share_a_prefix(tmp_path: Path, s3_bucket: NewBucket) -> None:
    env = s3_bucket.environment
    start_server(tmp_path, "--files-url", s3_bucket.url, env=env).stop()
    start_server(tmp_path, "--files-url", f"{s3_bucket.url}/", env=env).stop()
    message = started(tmp_path / "other", "--files-url", s3_bucket.url, env=env)
    assert "belong to another weft server" in message
    assert f"delete {s3_bucket.url}/owner.json" in message
    obstore.delete(s3_bucket.store(), "owner.json")
    data = str(tmp_path / "other")
    start_server(tmp_path, "--data", data, "--files-url", s3_bucket.url, env=env).stop()


@pytest.mark.at_length
def test_files_do_not_disappear_by_another_setting(tmp_path: Path, s3_bucket: NewBucket) -> None:
    env = s3_bucket.environment
    with start_server(tmp_path) as server:
        log = fill(server)
    message = started(server.data, "--files-url", s3_bucket.url, env=env)
    assert f"weft server move-files {s3_bucket.url}" in message
    done = move(server.data, s3_bucket.url, env)
    assert done.exit_code == 0, done.stderr
    assert done.report["n_blobs"] == 3
    assert s3_bucket.blobs() == NAMES
    assert stored_blobs(server.data) == set()
    message = started(server.data, "--files-url", f"{s3_bucket.url}-2", env=env)
    assert f"this server's files are at {s3_bucket.url}" in message
    with start_server(tmp_path, env=env) as server:
        assert f"files: {s3_bucket.url})" in server.stderr
        assert_whole(server, log)
        refused = move(server.data, "local", env)
        assert refused.exit_code != 0
        assert "in use by the server" in refused.stderr


@pytest.mark.at_length
def test_files_move_between_buckets_and_back_to_the_disk(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket
) -> None:
    env = s3_bucket.environment
    with start_server(tmp_path, "--files-url", s3_bucket.url, env=env) as server:
        log = fill(server)
    other = s3_server.new_bucket()
    done = move(server.data, other.url, env)
    assert (done.report["n_blobs"], done.report["left"]) == (3, s3_bucket.url)
    assert other.blobs() == s3_bucket.blobs() == NAMES
    assert move(server.data, other.url, env).report["n_blobs"] == 0
    plain = run_weft("server", "move-files", "local", "--data", server.data, env=env)
    assert plain.exit_code == 0, plain.stderr
    assert "copied 3 files" in plain.stdout
    assert f"{other.url} still has them" in plain.stdout
    assert stored_blobs(server.data) == NAMES
    with start_server(tmp_path) as server:
        assert_whole(server, log)
    assert move(server.data, "local", {}).report["n_blobs"] == 0


@pytest.mark.at_length
def test_a_move_that_was_killed_continues(tmp_path: Path, s3_bucket: NewBucket) -> None:
    with start_server(tmp_path) as server:
        log = fill(server)
    moving = ("server", "move-files", s3_bucket.url, "--data", server.data)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in s3_bucket.environment.items():
            patch.setenv(name, value)
        kill_weft("os.rename", "place.json", 1, *moving)  # all are copied, none removed
        assert s3_bucket.blobs() == stored_blobs(server.data) == NAMES
        kill_weft("os.remove", server.data / "blobs", 1, *moving)
    assert s3_bucket.blobs() == NAMES
    assert stored_blobs(server.data)
    done = move(server.data, s3_bucket.url, s3_bucket.environment)
    assert (done.exit_code, done.report["n_blobs"]) == (0, 0)
    assert stored_blobs(server.data) == set()
    with start_server(tmp_path, env=s3_bucket.environment) as server:
        assert_whole(server, log)


@pytest.mark.at_length
def test_a_damaged_content_is_named_and_stays(tmp_path: Path, s3_bucket: NewBucket) -> None:
    with start_server(tmp_path) as server:
        fill(server)
    damaged = hashlib.sha256(CONTENTS["small"]).hexdigest()
    replace_small_blob(server.data, damaged, b"changed")
    done = move(server.data, s3_bucket.url, s3_bucket.environment)
    assert (done.exit_code, done.report["damaged"]) == (1, [damaged])
    assert s3_bucket.blobs() == NAMES - {damaged}
    assert stored_blobs(server.data) == {damaged}
