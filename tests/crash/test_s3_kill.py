"""`kill -9` of a server that keeps files in a bucket, in the middle of uploads: each content that
was announced arrives whole, and nothing else is left in the bucket.

`make test-kill ROUNDS=200` is the long form. Prints its seed and where the kills fell.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from run_log_bytes import HandMadeLog
from s3_server import NewBucket
from server_process import ServerProcess, start_server, wait_until
from weft.records.record import File
from weft_command import run_weft

PIECE_BYTES = 3_000_000
LATEST_KILL_SECS = 0.7


class Sender(threading.Thread):
    """Sends the contents of a log as a sidecar does, until the server lacks none."""

    def __init__(self, url: str, log: HandMadeLog, contents: dict[str, bytes]) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.at = "log"
        self._log = log
        self._contents = contents

    def run(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                with httpx.Client(base_url=self.url, timeout=20, trust_env=False) as client:
                    self._send(client)
                    return
            except httpx.HTTPError:
                time.sleep(0.05)

    def _send(self, client: httpx.Client) -> None:
        self.at = "log"
        sent = self._log.upload(client, 0)
        if sent.status_code != 409:  # else the server has it already
            sent.raise_for_status()
        lacking = f"{self._log.path}/log/{self._log.writer}/lacking"
        while lacked := client.get(lacking).raise_for_status().json()["contents"]:
            small = [self._of(content) for content in lacked if content["n_bytes"] <= PIECE_BYTES]
            if small:
                self.at = "small"
                body = msgspec.msgpack.encode(small)
                client.post("/api/v1/projects/local/p/contents", content=body).raise_for_status()
            for content in lacked:
                if content["n_bytes"] > PIECE_BYTES:
                    self._send_piece(client, content)
        self.at = "done"

    def _send_piece(self, client: httpx.Client, content: dict[str, Any]) -> None:
        start = content["position"]
        is_last = start + PIECE_BYTES >= content["n_bytes"]
        self.at = "last piece" if is_last else "piece"
        address = f"/api/v1/projects/local/p/contents/{content['sha256']}?position={start}"
        piece = self._of(content)[start : start + PIECE_BYTES]
        client.put(address, content=piece).raise_for_status()

    def _of(self, content: dict[str, Any]) -> bytes:
        return self._contents[content["sha256"]]


@pytest.mark.at_length
def test_contents_survive_kills_of_the_server(
    tmp_path: Path, s3_bucket: NewBucket, n_rounds: int
) -> None:
    seed = int(os.environ.get("WEFT_TEST_SEED", str(time.time_ns() % 10**9)))
    chance = random.Random(seed)
    moments: Counter[str] = Counter()
    env = s3_bucket.environment
    expected: set[str] = set()
    server = start_server(tmp_path, "--files-url", s3_bucket.url, env=env)
    try:
        for nth in range(n_rounds):
            sizes = [500, 300_000, chance.randint(9_000_000, 20_000_000)]
            contents = {hashlib.sha256(data).hexdigest(): data for data in map(os.urandom, sizes)}
            log = HandMadeLog(run=f"run{nth}")
            for name, content in contents.items():
                log.add(File(name, len(content), name, 1))
            sender = Sender(server.url, log, contents)
            sender.start()
            time.sleep(chance.uniform(0, LATEST_KILL_SECS))
            moments[sender.at] += 1
            server.kill()
            server = start_server(tmp_path, "--port", server.url.rpartition(":")[2], env=env)
            wait_until(lambda thread=sender: not thread.is_alive(), secs=150, what="all was sent")
            assert sender.at == "done"
            expected |= contents.keys()
        assert s3_bucket.blobs() >= expected
        freed = _report(server, "gc")
        print(f"\nseed {seed}: {n_rounds} kills at {dict(moments)}; gc freed {freed['blobs']}")
        assert s3_bucket.blobs() == expected
        assert _report(server, "gc")["n_bytes"] == 0
        # After a kill between the commit and its removal a draft stays for a day.
        drafts = (server.data / "blobs" / "drafts").iterdir()
        assert {path.name.partition("-")[2] for path in drafts} <= expected
        checked = _report(server, "check")
        assert (checked["n_problems"], checked["n_blobs"]) == (0, 3 * n_rounds)
    finally:
        server.kill()


def _report(server: ServerProcess, name: str) -> dict[str, Any]:
    done = run_weft("server", name, "--data", server.data, "--json", env=server.environment)
    assert done.exit_code == 0, (done.stdout, done.stderr)
    return done.report
