"""`kill -9` of client, sidecar, file worker and server at random moments: each row whose `log()`
returned is there once, with its values, and so is each image, each printed line, each saved file,
and each artifact; rows and the lines of each stream are in their order.

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
from kill_script import (
    PROJECT,
    artifact_after,
    file_after,
    has_image,
    line_after,
    pixels_of,
    value_of,
)
from killed_script import KilledScript, assert_nothing_is_lost_or_left, count

from server_process import ServerProcess, start_server

SCRIPT = Path(__file__).with_name("kill_script.py")
N_ROWS = 5000
STREAMS = ("stdout", "stderr")
LATEST_KILL_SECS = 1.6


@dataclass
class Tally:
    """The sums of all rounds."""

    kills: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    n_rows: int = 0
    n_images: int = 0
    n_lines: int = 0
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
        project = f"{server.url}/api/v1/projects/local/{PROJECT}/"
        self.client = httpx.Client(base_url=project, timeout=30, trust_env=False)

    def returned(self) -> int:
        """The number of rows that returned."""
        return sum(line.isdigit() for line in self._noted())

    def printed(self) -> dict[str, list[str]]:
        """The lines whose `print()` returned, by stream."""
        lines = [
            printed for number in self._noted_as("printed") if (printed := line_after(number))
        ]
        return {stream: [text for of, text in lines if of == stream] for stream in STREAMS}

    def saved(self) -> dict[str, bytes]:
        """The files whose `save()` returned."""
        return dict(saved for number in self._noted_as("saved") if (saved := file_after(number)))

    def artifacts(self) -> dict[str, dict[str, bytes]]:
        """The files of the artifacts whose `log_artifact()` returned, by name."""
        numbers = self._noted_as("logged")
        return {f"{self.run_id}-{number}": artifact_after(number) or {} for number in numbers}

    def _noted(self) -> list[str]:
        """The lines in which the script noted what returned."""
        if not self.returned_path.exists():
            return []
        return self.returned_path.read_text().splitlines()

    def _noted_as(self, word: str) -> list[int]:
        return [int(line.split()[1]) for line in self._noted() if line.startswith(word)]

    def lost_lines(self) -> list[str]:
        """Printed lines that the server lacks."""
        lost: list[str] = []
        for stream, printed in self.printed().items():
            stored = set(self.lines(stream))
            lost += [
                f"{self.run_id}/{stream}: {text[:60]}" for text in printed if text not in stored
            ]
        return lost

    def lines(self, stream: str) -> list[str]:
        """The lines of a stream that the server has, in its order."""
        answer = self.get("logs", stream=stream, limit=10_000)
        if answer.status_code == 404:
            return []
        page = answer.raise_for_status().json()
        assert len(page["lines"]) == page["total"]
        return [line["text"] for line in page["lines"]]

    def lost_artifacts(self) -> list[str]:
        """Artifacts that are not at the server with all of their files, or have two versions."""
        lost: list[str] = []
        for name, files in self.artifacts().items():
            answer = self.client.get(f"artifacts/{name}/versions/latest")
            if answer.status_code != 200 or answer.json()["version"] != "v0":
                lost.append(f"{name}: {answer.text[:200]}")
                continue
            for path, content in files.items():
                got = self.client.get(f"artifacts/{name}/versions/v0/files/{path}")
                if got.content != content:
                    lost.append(f"{name}/{path}: {got.status_code}")
        return lost

    def lacks_something(self) -> bool:
        """Whether the server lacks anything whose call returned."""
        is_short = len(self.rows()) < self.returned()
        return bool(is_short or self.lost_lines() or self.lost_files() or self.lost_artifacts())

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(f"runs/{self.run_id}/{path}", params=query)

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
        while True:
            page_of = {"cursor": cursor} if cursor else {}
            answer = self.get("history", limit=1000, **page_of)
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
    tally.wrong += [f"{name}: rows in another order"] * (
        [row["i"] for row in rows] != sorted(seen)
    )
    tally.n_rows += len(rows)
    check_lines(the_round, tally)
    tally.missing += the_round.lost_files()
    tally.missing += the_round.lost_artifacts()
    tally.n_artifacts += len(the_round.artifacts())
    tally.n_files += len(the_round.saved())
    tally.n_images += sum("image" in row for row in rows)


def check_lines(the_round: Round, tally: Tally) -> None:
    """Compare the console output that the server has with what was printed."""
    name = the_round.run_id
    tally.missing += the_round.lost_lines()
    for stream, printed in the_round.printed().items():
        lines = the_round.lines(stream)
        times = Counter(lines)
        tally.doubled += [f"{name}/{stream}: {text[:60]}" for text, n in times.items() if n > 1]
        # As with rows, one more may be there.
        is_other = len(lines) > len(printed) + 1 or lines[: len(printed)] != printed
        tally.wrong += [f"{name}/{stream}: {len(lines)} lines of {len(printed)}"] * is_other
        tally.n_lines += len(lines)


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
            if the_round.lacks_something():
                the_round.sync_by_hand()
                tally.n_synced_by_hand += 1
                print(f"{the_round.run_id} needed `weft sync`: {kills}")
            check(the_round, tally)
            the_round.assert_ended()
            the_round.client.close()
        assert_nothing_is_lost_or_left(server)
    finally:
        server.stop()
    print("kills:", dict(tally.kills), "at:", dict(sorted(tally.moments.items())))
    print(
        f"{tally.n_rows} rows, {tally.n_images} images, {tally.n_lines} lines, "
        f"{tally.n_files} files, {tally.n_artifacts} artifacts"
    )
    print(f"{tally.n_synced_by_hand} rounds needed `weft sync`")
    assert not tally.missing, (seed, tally.missing[:20])
    assert not tally.doubled, (seed, tally.doubled[:20])
    assert not tally.wrong, (seed, tally.wrong[:20])
    print(f"{n_rounds} passed, 0 failed")
