"""Uploads and deletions of the same contents by many clients, with gc all the time: each file that
is there has its content, and nothing else is stored. On local disk and in a real S3 server.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from at_length import case_at_length
from run_log_bytes import HandMadeLog
from s3_server import NewBucket
from server_process import start_server
from stored_blobs import stored_blobs
from weft.records.record import File
from weft_command import run_weft

N_CLIENTS = 6
N_ROUNDS = 12
CONTENTS = [os.urandom(n_bytes) for n_bytes in (10, 5_000, 300_000, 1_000_000)]


class Writer:
    """A client with a run of its own, whose files have contents that others use, too."""

    def __init__(self, url: str, nth: int) -> None:
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self._chance = random.Random(nth)
        self._nth = nth
        self.run = f"/api/v1/projects/local/p/runs/run{nth}"
        self.files: dict[str, bytes] = {}

    def work(self) -> None:
        HandMadeLog(run=f"run{self._nth}").upload(self._client).raise_for_status()
        for at in range(N_ROUNDS):
            self._chance.choice([self._put, self._announce, self._delete])(at)
            for path, content in self.files.items():
                assert self._client.get(f"{self.run}/files/{path}").content == content
        self._client.close()

    def _put(self, _: int) -> None:
        path, content = f"f{self._chance.randrange(3)}", self._chance.choice(CONTENTS)
        answer = self._client.put(f"{self.run}/files/{path}", content=content)
        answer.raise_for_status()
        self.files[path] = content

    def _announce(self, at: int) -> None:
        """As a sidecar sends a file, to a run that is deleted at once."""
        content = self._chance.choice(CONTENTS)
        log = HandMadeLog(run=f"run{self._nth}-{at}")
        log.add(File("x", len(content), hashlib.sha256(content).hexdigest(), 1))
        log.upload(self._client).raise_for_status()
        self._client.post(
            "/api/v1/projects/local/p/contents", content=msgspec.msgpack.encode([content])
        ).raise_for_status()
        assert self._client.get(f"{log.path}/files/x").content == content
        self._client.delete(log.path, params={"permanently": True}).raise_for_status()

    def _delete(self, _: int) -> None:
        if self.files:
            path, _content = self.files.popitem()
            self._client.delete(f"{self.run}/files/{path}").raise_for_status()


@pytest.mark.parametrize("kind", ["local", case_at_length("s3")])
def test_contents_that_many_use_are_there_as_long_as_one_does(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    bucket: NewBucket | None = None
    arguments: list[str] = []
    env: dict[str, str] = {}
    if kind == "s3":
        bucket = request.getfixturevalue("s3_bucket")
        arguments, env = ["--files-url", bucket.url], bucket.environment
    with start_server(tmp_path, *arguments, env=env) as server:
        ended = threading.Event()

        def collect() -> int:
            n = 0
            while not ended.is_set():
                httpx.post(f"{server.url}/api/v1/server/gc", json={}).raise_for_status()
                n += 1
            return n

        with ThreadPoolExecutor(N_CLIENTS + 1) as pool:
            collecting = pool.submit(collect)
            writers = [Writer(server.url, nth) for nth in range(N_CLIENTS)]
            try:
                for writer in [pool.submit(writer.work) for writer in writers]:
                    writer.result()
            finally:
                ended.set()
            assert collecting.result() > 0
        expected = {
            hashlib.sha256(content).hexdigest()
            for writer in writers
            for content in writer.files.values()
        }
        assert (bucket.blobs() if bucket else stored_blobs(server.data)) == expected
        report: dict[str, Any] = run_weft(
            "server", "check", "--data", server.data, "--json", env=server.environment
        ).report
        assert (report["n_problems"], report["n_blobs"]) == (0, len(expected))
