"""Servers behind a real proxy that are killed and restarted under a script that logs.

No row and no file is lost or there twice, and the client only tries again.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

import httpx
import pytest

import weft
from at_length import at_length
from deployment import Deployment, deployed
from postgres_cluster import PostgresCluster
from s3_server import S3Server
from sdk_script import start_script
from server_process import wait_until
from weft.server.services.access import LOCAL
from weft.server.services.opening import open_services

N_ROWS: Final = 2000
LARGE_BYTES: Final = 24_000_000

SCRIPT: Final = f"""
import time
import numpy as np
import weft

run = weft.init(project="kills", id="run1")
content = np.random.default_rng(7).bytes({LARGE_BYTES})
for i in range({N_ROWS}):
    run.log({{"i": i, "loss": i / 7}})
    if i % 100 == 0:
        print("line", i)
    if i == 200:
        with open("large.bin", "wb") as file:
            file.write(content)
        run.save("large.bin")
        artifact = weft.Artifact("weights", "model")
        with artifact.new_file("weights.bin", "xb") as file:
            file.write(content[::-1])
        run.log_artifact(artifact)
    time.sleep(0.005)
run.finish()
"""

pytestmark = pytest.mark.timeout(900)


class Page(threading.Thread):
    """A page at one server: the events of a project, and the rows that it shows after each."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(daemon=True)
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)
        self.is_over = threading.Event()
        self.n_events = 0
        self.keys: set[str] = set()

    def run(self) -> None:
        while not self.is_over.is_set():
            with (
                contextlib.suppress(httpx.HTTPError),
                self._client.stream("GET", "/api/v1/projects/ada/kills/events") as stream,
            ):
                for line in stream.iter_lines():
                    if line.startswith('data: {"runs"'):
                        self.n_events += 1
                        self.keys |= {key for key in ("loss", "i") if f'"{key}"' in line}
                    if self.is_over.is_set():
                        return
            time.sleep(0.2)


@contextlib.contextmanager
def deployed_for_ada(
    folder: Path, postgres_cluster: PostgresCluster, s3_server: S3Server
) -> Generator[tuple[Deployment, str]]:
    """A deployment, and the key of a user."""
    url = postgres_cluster.new_shared()
    services = open_services(folder / "0" / "data", url, jobs=False)
    key = services.users.add_user(LOCAL, "ada").api_key
    services.close()
    with deployed(folder, url, s3_server.new_bucket()) as deployment:
        yield deployment, key


@at_length
@pytest.mark.parametrize("fault", ["kills", "rolling restart"])
def test_a_script_that_logs_through_a_proxy_loses_nothing(
    tmp_path: Path, postgres_cluster: PostgresCluster, s3_server: S3Server, fault: str
) -> None:
    with deployed_for_ada(tmp_path, postgres_cluster, s3_server) as (deployment, key):
        proxy = deployment.url
        page = Page(f"http://127.0.0.1:{deployment.ports[2]}", key)
        page.start()
        environment = {"WEFT_MODE": "online", "WEFT_BASE_URL": proxy, "WEFT_API_KEY": key}
        process = start_script(tmp_path, SCRIPT, environment)
        wait_until(lambda: page.n_events > 3, what="events of another server")
        if fault == "kills":
            for number in (0, 1):
                time.sleep(1)
                deployment.kill(number)
        else:
            deployment.restart_in_turn()
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, (output, errors)
        page.is_over.set()
        assert page.keys == {"i", "loss"}

        api = weft.Api(proxy, api_key=key)
        path = "ada/kills/run1"
        wait_until(lambda: api.run(path).state == "finished", secs=120, what="the end of the run")
        run = api.run(path)
        rows = [*run.scan_history(keys=["i", "loss"])]
        assert [row["i"] for row in rows] == [*range(N_ROWS)]
        assert [row["loss"] for row in rows] == [i / 7 for i in range(N_ROWS)]
        large = (tmp_path / "large.bin").read_bytes()
        with httpx.Client(
            base_url=proxy,
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
            trust_env=False,
            follow_redirects=True,
        ) as client:
            path = "/api/v1/projects/ada/kills/runs/run1/files/large.bin"
            wait_until(lambda: client.get(path).content == large, secs=120, what="the file")
        artifact = api.artifact("ada/kills/weights:latest")
        folder = Path(artifact.download(tmp_path / "downloaded"))
        content = (folder / "weights.bin").read_bytes()
        assert hashlib.sha256(content).digest() == hashlib.sha256(large[::-1]).digest()
        assert artifact.version == "v0"
