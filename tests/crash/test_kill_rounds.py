"""`kill -9` of client, sidecar, file worker and server at random moments: each row whose `log()`
returned is there once, with its values, and so is each image, each saved file, and each artifact.

`make test-kill ROUNDS=200` is the long form. Prints its seed and where the kills fell.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import PIL.Image
import pytest
from kill_script import PROJECT, has_image, logged_by, pixels_of, saved_by, value_of
from killed_script import KilledScript, assert_nothing_is_lost_or_left, count

from server_process import ServerProcess, start_server

SCRIPT = Path(__file__).with_name("kill_script.py")
N_ROWS = 5000
LATEST_KILL_SECS = 1.6


@dataclass
class Tally:
    """What all rounds came to."""

    kills: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    n_rows: int = 0
    n_files: int = 0
    n_artifacts: int = 0
    n_synced_by_hand: int = 0
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Round(KilledScript):
    """One run of `kill_script`."""

    def __init__(self, folder: Path, server: ServerProcess, run_id: str) -> None:
        self.returned_path = folder / f"{run_id}.returned"
        arguments = [str(SCRIPT), run_id, str(self.returned_path), str(N_ROWS)]
        super().__init__(folder, server, run_id, arguments)

    def returned(self) -> int:
        if not self.returned_path.exists():
            return 0
        return sum(line.isdigit() for line in self.returned_path.read_text().splitlines())

    def saved(self) -> dict[str, bytes]:
        """The files whose `save()` returned."""
        if not self.returned_path.exists():
            return {}
        lines = self.returned_path.read_text().splitlines()
        numbers = [int(line.split()[1]) for line in lines if line.startswith("saved")]
        return dict(saved for number in numbers if (saved := saved_by(number)))

    def artifacts(self) -> dict[str, dict[str, bytes]]:
        """The files of the artifacts whose `log_artifact()` returned, by name."""
        if not self.returned_path.exists():
            return {}
        lines = self.returned_path.read_text().splitlines()
        numbers = [int(line.split()[1]) for line in lines if line.startswith("logged")]
        return {f"{self.run_id}-{number}": logged_by(number) or {} for number in numbers}

    def lost_artifacts(self) -> list[str]:
        """Artifacts that are not at the server with all of their files, or have two versions."""
        lost: list[str] = []
        base = f"{self.server.url}/api/v1/projects/local/{PROJECT}/artifacts"
        for name, files in self.artifacts().items():
            answer = httpx.get(f"{base}/{name}/versions/latest", timeout=30)
            if answer.status_code != 200 or answer.json()["version"] != "v0":
                lost.append(f"{name}: {answer.text[:200]}")
                continue
            for path, content in files.items():
                got = httpx.get(f"{base}/{name}/versions/v0/files/{path}", timeout=30)
                if got.content != content:
                    lost.append(f"{name}/{path}: {got.status_code}")
        return lost

    def get(self, path: str) -> httpx.Response:
        base = f"{self.server.url}/api/v1/projects/local/{PROJECT}/runs/{self.run_id}"
        return httpx.get(f"{base}/{path}", timeout=30)

    def lost_files(self) -> list[str]:
        """Files whose call returned and that are not at the server as they were handed over."""
        lost: list[str] = []
        for path, content in self.saved().items():
            answer = self.get(f"files/{path}")
            if answer.status_code != 200 or answer.content != content:
                lost.append(f"{self.run_id}/{path}: {answer.status_code}")
        for row in self.rows():
            number = int(str(row["i"]))
            if not has_image(number) or number >= self.returned():
                continue
            image: Any = row["image"]
            answer = self.get(f"files/{image['path']}")
            if answer.status_code != 200:
                lost.append(f"{self.run_id}/{image['path']}: {answer.status_code}")
            elif (np.asarray(PIL.Image.open(BytesIO(answer.content))) != pixels_of(number)).any():
                lost.append(f"{self.run_id}/{image['path']}: other pixels")
        return lost

    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        cursor = ""
        base = f"{self.server.url}/api/v1/projects/local/{PROJECT}/runs/{self.run_id}/history"
        while True:
            page_of = {"cursor": cursor} if cursor else {}
            answer = httpx.get(base, params={"limit": 1000, **page_of}, timeout=30)
            if answer.status_code == 404:
                return []
            answer.raise_for_status()
            page = answer.json()
            rows += page["rows"]
            if not page["cursor"]:
                return rows
            cursor = page["cursor"]


def check(the_round: Round, tally: Tally) -> None:
    """Compare what the server has with what returned."""
    n_returned = the_round.returned()
    rows = the_round.rows()
    seen = Counter(row["i"] for row in rows)
    name = the_round.run_id
    tally.missing += [f"{name}/{i}" for i in range(n_returned) if i not in seen]
    tally.doubled += [f"{name}/{i}" for i, n in seen.items() if n > 1]
    tally.wrong += [
        f"{name}/{row['i']}"
        for row in rows
        if row["value"] != value_of(int(str(row["i"])))
        or row["text"] != f"row {row['i']}"
        or row["_step"] != row["i"]
    ]
    # A row may be durable whose log() had no time to return, or to be noted: one, no more.
    tally.wrong += [f"{name}: {len(rows)} of {n_returned}"] * (len(rows) > n_returned + 1)
    tally.n_rows += len(rows)
    tally.missing += the_round.lost_files()
    tally.missing += the_round.lost_artifacts()
    tally.n_artifacts += len(the_round.artifacts())
    tally.n_files += len(the_round.saved()) + sum("image" in row for row in rows)


def test_each_row_that_returned_is_there_once(
    tmp_path: Path, n_rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = int(os.environ.get("WEFT_TEST_SEED", str(time.time_ns() % 10**9)))
    print(f"\nseed {seed}, {n_rounds} rounds")
    chance = random.Random(seed)
    tally = Tally()
    server = start_server(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", server.environment["XDG_RUNTIME_DIR"])
    port = server.url.rpartition(":")[2]
    try:
        for number in range(n_rounds):
            the_round = Round(tmp_path, server, f"kill{number:04}")
            kills = the_round.kill_at_random(
                chance, LATEST_KILL_SECS, lambda: start_server(tmp_path, "--port", port)
            )
            server = the_round.server
            count(kills, tally.kills, tally.moments)
            is_short = len(the_round.rows()) < the_round.returned()
            if is_short or the_round.lost_files() or the_round.lost_artifacts():
                the_round.sync_by_hand()
                tally.n_synced_by_hand += 1
                print(f"{the_round.run_id} needed `weft sync`: {kills}")
            check(the_round, tally)
            the_round.assert_ended()
        assert_nothing_is_lost_or_left(server)
    finally:
        server.stop()
    print("kills:", dict(tally.kills), "at:", dict(sorted(tally.moments.items())))
    print(f"{tally.n_rows} rows, {tally.n_files} files, {tally.n_artifacts} artifacts")
    print(f"{tally.n_synced_by_hand} rounds needed `weft sync`")
    assert not tally.missing, (seed, tally.missing[:20])
    assert not tally.doubled, (seed, tally.doubled[:20])
    assert not tally.wrong, (seed, tally.wrong[:20])
    print(f"{n_rounds} passed, 0 failed")
