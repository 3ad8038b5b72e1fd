"""200 clients that send rows and images at the same time: all arrive, memory stays bounded."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil
import pytest

from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server
from weft.errors import WeftError
from weft.records.record import File

N_CLIENTS = 200
N_IMAGES = 10
N_ROWS = 50
MOST_GROWTH_BYTES = 300 << 20

pytestmark = [pytest.mark.at_length, pytest.mark.timeout(600)]


def send_contents(client: httpx.Client, contents: list[bytes]) -> dict[str, Any]:
    """Send contents, again while the server is too busy, as the sidecar does."""
    body = msgspec.msgpack.encode(contents)
    for _ in range(100):
        answer = client.post("/api/v1/projects/local/p/contents", content=body)
        if answer.status_code != 503:
            return answer.raise_for_status().json()
    raise WeftError("the server stays busy")


def send_run(server: ServerProcess, number: int) -> dict[str, str]:
    """One client's life; the hashes of its images by path."""
    log = HandMadeLog(run=f"run{number}", writer=f"writer{number}")
    images = {f"media/{n}.png": os.urandom(3000 + 30_000 * (n % 3)) for n in range(N_IMAGES)}
    images["media/large.png"] = os.urandom(700_000)
    hashes = {path: hashlib.sha256(image).hexdigest() for path, image in images.items()}
    with httpx.Client(base_url=server.url, timeout=120, trust_env=False) as client:
        for path, image in images.items():
            log.add(File(path, len(image), hashes[path], 1))
        log.keys("loss")
        log.rows([n / 7] for n in range(N_ROWS))
        log.upload(client).raise_for_status()
        answer = send_contents(client, [*images.values()])
    assert answer == {"n_stored": len(images), "refused": []}
    return hashes


def test_200_clients_send_media_at_once(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        memory = psutil.Process(server.process.pid).memory_info
        n_before = memory().rss
        with ThreadPoolExecutor(N_CLIENTS) as pool:
            runs = [*pool.map(partial(send_run, server), range(N_CLIENTS))]
        assert memory().rss - n_before < MOST_GROWTH_BYTES
        with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
            for number, hashes in enumerate(runs):
                run = f"/api/v1/projects/local/p/runs/run{number}"
                files = client.get(f"{run}/files").raise_for_status().json()["files"]
                rows = client.get(f"{run}/history").raise_for_status().json()["rows"]
                assert len(rows) == N_ROWS
                assert {file["path"]: file["sha256"] for file in files} == hashes
                assert {file["state"] for file in files} == {"stored"}
            for path, sha256 in runs[-1].items():
                content = client.get(f"/api/v1/projects/local/p/runs/run199/files/{path}").content
                assert hashlib.sha256(content).hexdigest() == sha256
