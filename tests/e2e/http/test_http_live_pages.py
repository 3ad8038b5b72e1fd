"""Pages that follow a project share answers, and each still sees all that it was told of."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from chart_questions import read_panels
from postgres_cluster import PostgresCluster
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft.server.services.access import LOCAL
from weft.server.services.opening import open_services
from weft.wire.server.teams import TeamAddition

pytestmark = pytest.mark.timeout(300)

PROJECT = "/api/v1/projects/local/live"
N_ROWS = 60
N_PAGES = 4
PANEL: dict[str, Any] = {"runs": ["run1", "run2"], "keys": ["loss"], "n_buckets": 400}
TABLE: dict[str, Any] = {"columns": ["summary.loss", "notes"], "limit": 10}


class Page:
    """A page: asks after each event for what it shows, until an event names the run `end`."""

    def __init__(self, server: ServerProcess) -> None:
        self.client = httpx.Client(base_url=server.url, timeout=60, trust_env=False)
        self.n_points: list[int] = []
        self.runs: list[str] = []
        self.is_open = threading.Event()

    def live(self) -> None:
        with self.client, self.client.stream("GET", f"{PROJECT}/events") as stream:
            for seen, change in self._changes(stream.iter_lines()):
                assert 0.5 <= change["pace_secs"] <= 5
                self._ask(seen)
                if "end" in change["runs"]:
                    return

    def _changes(self, lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        seen = event = ""
        for line in lines:
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
                if event == "hello":
                    self.is_open.set()
            elif name == "id":
                seen = value
            elif name == "data" and event == "change":
                yield seen, json.loads(value)

    def _ask(self, seen: str) -> None:
        since = {"seen_micros": seen}
        answer = self.client.post(f"{PROJECT}/series", params=since, json={"panels": [PANEL]})
        (rows,) = read_panels(answer)
        self.n_points.append(sum(row["n_points"] for row in rows))
        table = self.client.post(f"{PROJECT}/runs/query", params=since, json=TABLE)
        assert table.is_success, table.text
        self.runs = sorted(row["id"] for row in table.json()["rows"])


def test_no_page_lacks_what_it_was_told_of(server: ServerProcess) -> None:
    """Rows arrive, a run is deleted, and the last event shows a page all of it."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        logs = [HandMadeLog(run, "writer1", "live") for run in ("run1", "run2")]
        for log in logs:
            log.keys("loss")
            assert log.upload(client).is_success
        pages = [Page(server) for _ in range(N_PAGES)]
        with ThreadPoolExecutor(N_PAGES) as pool:
            ends = [pool.submit(page.live) for page in pages]
            for page in pages:
                assert page.is_open.wait(60)
            for n in range(N_ROWS):
                for log in logs:
                    start = len(log.data)
                    log.rows([[1.0 / (n + 1)]])
                    assert log.upload(client, start).is_success
                # A query that names no change shows all that was acknowledged.
                assert n_points(client) == 2 * (n + 1)
            assert client.delete(f"{PROJECT}/runs/run2").is_success
            assert n_points(client) == N_ROWS
            end = HandMadeLog("end", "writer1", "live")
            assert end.upload(client).is_success
            for future in ends:
                future.result()
        for page in pages:
            assert page.n_points[-1] == N_ROWS
            before = page.n_points[: page.n_points.index(max(page.n_points))]
            assert before == sorted(before)
            assert page.runs == ["end", "run1"]


def n_points(client: httpx.Client) -> int:
    (rows,) = read_panels(client.post(f"{PROJECT}/series", json={"panels": [PANEL]}))
    return sum(row["n_points"] for row in rows)


def test_who_leaves_takes_the_answer_from_no_one(server: ServerProcess) -> None:
    """Many pages ask the same at once, and every second one closes its connection at once."""
    log = HandMadeLog("many", "writer1", "leaving")
    names = [f"m{n}" for n in range(24)]
    log.keys(*names)
    log.rows([[float(step)] * len(names) for step in range(500)])
    path = "/api/v1/projects/local/leaving/series?seen_micros=0"
    panels = [{"runs": ["many"], "keys": [name], "n_buckets": 400} for name in names]
    body = json.dumps({"panels": panels}).encode()
    host, port = server.url.removeprefix("http://").split(":")
    head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        assert log.upload(client).is_success

        def ask(number: int) -> bytes:
            if number % 2:
                return client.post(path, content=body, headers=_JSON).content
            with socket.create_connection((host, int(port))) as gone:
                gone.sendall(request)
            return b""

        with ThreadPoolExecutor(12) as pool:
            answers = [answer for answer in pool.map(ask, range(48)) if answer]
        whole = client.post(path.partition("?")[0], content=body, headers=_JSON).content
    assert set(answers) == {whole}
    assert len(answers) == 24


_JSON = {"Content-Type": "application/json"}


def test_a_wrong_query_is_refused_for_all_who_ask_it(server: ServerProcess) -> None:
    log = HandMadeLog("wrong", "writer1", "refused")
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        assert log.upload(client).is_success
        panel = {"keys": ["loss"], "filter": "config.lr >"}
        path = "/api/v1/projects/local/refused/series?seen_micros=0"
        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(lambda _: client.post(path, json={"panels": [panel]}), range(16))
            )
    assert {answer.status_code for answer in answers} == {400}
    assert {answer.json()["code"] for answer in answers} == {"invalid"}


def test_who_lost_the_right_at_another_process_gets_no_shared_answer(
    tmp_path: Path, postgres_cluster: PostgresCluster
) -> None:
    """Two servers with one database: a member is removed at the other one."""
    url = postgres_cluster.new_database()
    services = open_services(tmp_path / "one" / "data", url, jobs=False)
    keys = {
        name: services.users.add(LOCAL, name, is_admin=name == "root").api_key
        for name in ("root", "ada", "mia")
    }
    services.teams.add(LOCAL, TeamAddition(name="lab", members={"ada": "admin", "mia": "member"}))
    services.close()
    first, other = (
        start_server(tmp_path / name, "--metadata-url", url, env={"WEFT_LOG": "warning"})
        for name in ("one", "other")
    )
    log = HandMadeLog(entity="lab", project="runs")
    log.keys("loss")
    log.rows([[0.5], [0.25]])
    ada, mia = (
        httpx.Client(
            base_url=first.url, headers={"Authorization": f"Bearer {keys[name]}"}, timeout=60
        )
        for name in ("ada", "mia")
    )
    path = "/api/v1/projects/lab/runs"

    def ask(client: httpx.Client) -> list[httpx.Response]:
        table = {"columns": ["tags"]}
        panels = {"panels": [{"runs": ["run1"], "keys": ["loss"]}]}
        return [
            client.post(f"{path}/{part}", params={"seen_micros": 0}, json=body)
            for part, body in (("runs/query", table), ("series", panels))
        ]

    root = {"Authorization": f"Bearer {keys['root']}"}
    with first, other, ada, mia, httpx.Client(base_url=other.url, headers=root) as elsewhere:
        assert log.upload(ada).is_success
        assert [answer.status_code for answer in ask(mia)] == [200, 200]
        removed = elsewhere.delete("/api/v1/teams/lab/members/mia")
        assert removed.is_success, removed.text
        # A page of ada has the answers that mia's asks for, all the time.
        wait_until(lambda: (ask(ada), [a.status_code for a in ask(mia)])[1] == [403, 403])
        assert [answer.status_code for answer in ask(ada)] == [200, 200]
