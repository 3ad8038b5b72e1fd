"""`kill -9` of script, sidecar and server in the middle of uploads of artifacts: each version that
was logged is there once, whole; no content is without a file after gc, and none is missing.

`make test-kill ROUNDS=200` is the long form. Prints its seed and where the kills fell.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
from artifact_script import N_SMALL, PROJECT
from killed_script import KilledScript, assert_nothing_is_lost_or_left, count

from server_process import ServerProcess, start_server, wait_until

SCRIPT = Path(__file__).with_name("artifact_script.py")
N_VERSIONS = 3
LATEST_KILL_SECS = 3.5
AHEAD_BYTES = 256 << 20
"""Of a file that takes a while to be cut."""

LATEST_AHEAD_SECS = 8.0

WITHOUT_AHEAD = """
from weft.server import app
app.ROUTES = tuple(route for route in app.ROUTES if route.name != "list_lacking_ahead")
"""
"""A server of a release that takes no contents ahead."""


class Script(KilledScript):
    """One run of `artifact_script`.

    Attributes:
        n_ahead: the number of kills while contents were there ahead of their manifest.
    """

    def __init__(
        self, folder: Path, server: ServerProcess, run_id: str, *, is_ahead: bool
    ) -> None:
        self.returned = folder / f"{run_id}.returned"
        sizes = ["1", str(AHEAD_BYTES)] if is_ahead else [str(N_VERSIONS)]
        super().__init__(folder, server, run_id, [str(SCRIPT), run_id, str(self.returned), *sizes])
        self.n_ahead = 0

    def kill(self, victim: str) -> bool:
        is_ahead = bool(drafts_ahead(self.server))
        is_killed = super().kill(victim)
        self.n_ahead += is_ahead and is_killed
        return is_killed


def drafts_ahead(server: ServerProcess) -> list[Path]:
    """Contents that a server received ahead of their manifest."""
    return list(server.data.glob("blobs/drafts/*-ahead"))


def logged(returned: Path) -> list[str]:
    """Hashes of the large files of the versions whose call returned, in order."""
    if not returned.exists():
        return []
    return [line.split()[1] for line in returned.read_text().splitlines()]


def problems(server: ServerProcess, run_id: str, expected: list[str]) -> list[str]:
    """Missing or wrong contents of the versions of a run."""
    base = f"{server.url}/api/v1/projects/local/{PROJECT}/artifacts/{run_id}/versions"
    problems: list[str] = []
    with httpx.Client(timeout=60, trust_env=False) as client:
        listed = client.get(base)
        n_versions = len(listed.json()["versions"]) if listed.is_success else 0
        if n_versions < len(expected) or n_versions > len(expected) + 1:
            # A version may be durable whose call had no time to return, or to be noted.
            return [f"{run_id}: {n_versions} versions of {len(expected)}"]
        for number, digest in enumerate(expected):
            content = client.get(f"{base}/v{number}/files/large.bin")
            if hashlib.sha256(content.content).hexdigest() != digest:
                problems.append(f"{run_id}:v{number}: {content.status_code}")
            folder = client.get(f"{base}/v{number}/files", params={"prefix": "small/"}).json()
            if len(folder["files"]) != N_SMALL:
                problems.append(f"{run_id}:v{number}: {len(folder['files'])} small files")
    return problems


@pytest.mark.at_length
def test_each_version_that_was_logged_is_there_once_and_whole(
    tmp_path: Path, n_rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = int(os.environ.get("WEFT_TEST_SEED", str(time.time_ns() % 10**9)))
    print(f"\nseed {seed}, {n_rounds} rounds")
    chance = random.Random(seed)
    victims, moments = Counter[str](), Counter[str]()
    n_versions = n_synced = n_ahead = 0
    wrong: list[str] = []
    server = start_server(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", server.environment["XDG_RUNTIME_DIR"])
    port = server.url.rpartition(":")[2]
    try:
        for number in range(n_rounds):
            run_id = f"kill{number:04}"
            is_ahead = chance.random() < 0.5
            script = Script(tmp_path, server, run_id, is_ahead=is_ahead)
            latest_secs = LATEST_AHEAD_SECS if is_ahead else LATEST_KILL_SECS
            kills = script.kill_at_random(
                chance, latest_secs, lambda: start_server(tmp_path, "--port", port)
            )
            server = script.server
            count(kills, victims, moments)
            n_ahead += script.n_ahead
            expected = logged(script.returned)
            if problems(server, run_id, expected):
                script.sync_by_hand()
                n_synced += 1
            wrong += problems(server, run_id, expected)
            script.assert_ended()
            n_versions += len(expected)
            if not wrong:
                free(server, run_id, tmp_path)
        assert_nothing_is_lost_or_left(server)
    finally:
        server.stop()
    print("kills:", dict(victims), "at:", dict(sorted(moments.items())))
    print(
        f"{n_versions} versions, {n_synced} rounds needed `weft sync`, "
        f"{n_ahead} kills while chunks were ahead of their manifest"
    )
    assert not wrong, (seed, wrong[:20])
    print(f"{n_rounds} passed, 0 failed")


@pytest.mark.at_length
@pytest.mark.parametrize("victims", [["server", "worker"], ["sidecar", "client"]])
def test_a_kill_while_chunks_go_ahead_loses_nothing(
    tmp_path: Path, victims: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", server.environment["XDG_RUNTIME_DIR"])
    port = server.url.rpartition(":")[2]

    def assert_nothing_is_lost(victim: str, number: int) -> bool:
        """Kill a process while chunks go ahead. False if it was too late for that."""
        nonlocal server
        run_id = f"ahead-{victim}-{number}"
        script = Script(tmp_path, server, run_id, is_ahead=True)
        wait_until(lambda: drafts_ahead(server) or script.process.poll() is not None, secs=120)
        is_ahead = bool(drafts_ahead(server)) and script.kill(victim)
        if is_ahead and victim == "server":
            server = script.server = start_server(tmp_path, "--port", port)
        script.wait()
        expected = logged(script.returned)
        if problems(server, run_id, expected):
            script.sync_by_hand()
        assert problems(server, run_id, expected) == []
        assert drafts_ahead(server) == []
        free(server, run_id, tmp_path)
        return is_ahead

    try:
        for victim in victims:
            assert any(assert_nothing_is_lost(victim, number) for number in range(5))
        assert_nothing_is_lost_or_left(server)
    finally:
        server.stop()


@pytest.mark.at_length
def test_a_server_that_takes_nothing_ahead_gets_all_after_the_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_server(tmp_path, before=WITHOUT_AHEAD) as server:
        monkeypatch.setenv("XDG_RUNTIME_DIR", server.environment["XDG_RUNTIME_DIR"])
        description = httpx.get(f"{server.url}/api/v1/openapi.json", timeout=60).raise_for_status()
        assert "list_lacking_contents" in description.text
        assert "list_lacking_ahead" not in description.text
        script = Script(tmp_path, server, "older", is_ahead=True)
        script.wait()
        expected = logged(script.returned)
        assert len(expected) == 1
        assert problems(server, "older", expected) == []


def free(server: ServerProcess, run_id: str, folder: Path) -> None:
    """Remove a run with its versions and its directory: each round has 70 MB."""
    base = f"{server.url}/api/v1/projects/local/{PROJECT}"
    for path in (f"artifacts/{run_id}", f"runs/{run_id}?permanently=true"):
        assert httpx.delete(f"{base}/{path}", timeout=60).status_code in {200, 204, 404}
    for directory in (folder / "weft").glob(f"*{run_id}"):
        shutil.rmtree(directory)
