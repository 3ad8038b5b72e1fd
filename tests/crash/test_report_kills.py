"""`kill -9` of the server while three pages write one report: each key whose update was answered
is there once, in its order, at the server and in all pages; those that were not are sent again.

Real server and HTTP; drafts are compacted often, so kills fall into that, too. Rounds: 3, or
WEFT_TEST_ROUNDS.
"""

from __future__ import annotations

import base64
import json
import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from report_page import ReportPage
from server_process import ServerProcess, start_server, wait_until

ROUNDS = int(os.environ.get("WEFT_TEST_ROUNDS", "3"))
N_PAGES = 3
REPORTS = "/api/v1/projects/local/p/reports"
OFTEN = "from weft.server.services.reports import drafts; drafts.COMPACTED_UPDATES = 20"
SHARED = N_PAGES
"""The position of the paragraph that all pages write in."""


class Writer(threading.Thread):
    """A page that types, sends its updates in order, and sends again what was not answered."""

    def __init__(self, number: int, server: LivingServer, report: str) -> None:
        super().__init__(daemon=True)
        self.page = ReportPage()
        self.n_typed = 0
        self.n_answered = 0
        self.n_seen = 0
        self._number = number
        self._server = server
        self._path = f"{REPORTS}/{report}"
        self._lock = threading.Lock()
        self._is_ending = threading.Event()
        self._follower = threading.Thread(target=self._follow, daemon=True)

    def run(self) -> None:
        answer = self._server.post(f"{self._path}/sync", b"")
        with self._lock:
            self.page.receive(answer.content)
        self._follower.start()
        rng = random.Random(self._number)
        while not self._is_ending.is_set():
            with self._lock:
                token = f"<{self._number}:{self.n_typed}>"
                self.n_typed += 1
                own = self.page.characters(self._number)
                update = self.page.type(self._number, len(own), token)
                shared = len(self.page.characters(SHARED))
                at = rng.choice([0, shared]) if shared else 0
                second = self.page.type(SHARED, at, token)
            for data in (update, second):
                self._server.post(f"{self._path}/updates", data)
            self.n_answered += 1

    def finish(self) -> None:
        self._is_ending.set()
        self.join(60)
        assert not self.is_alive()

    @property
    def texts(self) -> list[str]:
        with self._lock:
            return [str(self.page.characters(number)) for number in range(N_PAGES + 1)]

    def _follow(self) -> None:
        while not self._is_ending.is_set():
            try:
                for seq, update in self._server.changes(self._path, self.n_seen):
                    with self._lock:
                        self.page.receive(update)
                    self.n_seen = seq
            except httpx.HTTPError:
                self._is_ending.wait(0.05)


class LivingServer:
    """A server that is killed and started again, over the same data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.process: ServerProcess = start_server(folder, before=OFTEN)

    def kill(self) -> None:
        self.process.kill()
        self.process = start_server(self._folder, before=OFTEN)

    def post(self, path: str, body: bytes) -> httpx.Response:
        """Post until the server answers."""
        while True:
            try:
                answer = httpx.post(
                    self.process.url + path,
                    content=body,
                    headers={"Content-Type": "application/octet-stream"},
                    timeout=30,
                    trust_env=False,
                )
            except httpx.HTTPError:
                continue
            if answer.status_code != 503:
                assert answer.is_success, answer.text
                return answer

    def changes(self, path: str, after: int) -> Iterator[tuple[int, bytes]]:
        url = f"{self.process.url}{path}/changes"
        with httpx.stream("GET", url, params={"after": after}, timeout=30, trust_env=False) as got:
            event = ""
            for line in got.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "change":
                    change: dict[str, Any] = json.loads(value)
                    yield change["seq"], base64.b64decode(change["update"])


@pytest.mark.timeout(300 + 30 * ROUNDS)
def test_no_key_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    server = LivingServer(tmp_path)
    url = server.process.url
    httpx.put(f"{url}/api/v1/projects/local/p", trust_env=False).raise_for_status()
    blocks = [
        {"id": f"b{n}", "kind": "paragraph", "text": [{"text": "."}]} for n in range(N_PAGES + 1)
    ]
    created = httpx.post(url + REPORTS, json={"blocks": blocks}, timeout=30, trust_env=False)
    report = created.raise_for_status().json()["id"]
    writers = [Writer(number, server, report) for number in range(N_PAGES)]
    for writer in writers:
        writer.start()
    rng = random.Random(5)
    for _ in range(ROUNDS):
        goal = sum(writer.n_answered for writer in writers) + rng.randint(10, 60)
        wait_until(lambda goal=goal: sum(writer.n_answered for writer in writers) >= goal)
        server.kill()
    goal = sum(writer.n_answered for writer in writers) + 30
    wait_until(lambda: sum(writer.n_answered for writer in writers) >= goal)
    for writer in writers:
        writer.finish()
    draft = httpx.get(
        f"{server.process.url}{REPORTS}/{report}",
        params={"version": "draft"},
        timeout=30,
        trust_env=False,
    )
    document = draft.raise_for_status().json()["document"]
    texts = ["".join(run["text"] for run in block["text"]) for block in document["blocks"]]
    all_tokens = [[f"<{n}:{k}>" for k in range(writers[n].n_typed)] for n in range(N_PAGES)]
    for number, tokens in enumerate(all_tokens):
        assert texts[number] == "." + "".join(tokens)
    shared = texts[SHARED].replace(".", "").removeprefix("<").removesuffix(">").split("><")
    assert sorted(shared) == sorted(token[1:-1] for tokens in all_tokens for token in tokens)
    for writer in writers:
        missing = server.post(f"{REPORTS}/{report}/sync", writer.page.state_vector)
        writer.page.receive(missing.content)
        assert writer.texts == texts
    print(f"{sum(map(len, all_tokens)) * 2} updates, {ROUNDS} kills")
    server.process.stop()
