"""Pages that follow a project share answers, and each still sees all that it was told of."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Final, NamedTuple

import httpx
import pytest

from chart_questions import read_panels
from postgres_cluster import PostgresCluster, share_disk
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft.records.record import MetricDefinition
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


class Lab(NamedTuple):
    """Clients of ada and mia at a server, and of ada at another one with the same database."""

    ada: httpx.Client
    mia: httpx.Client
    elsewhere: httpx.Client


LAB: Final = "/api/v1/projects/lab/runs"


@pytest.fixture(scope="module")
def lab(
    tmp_path_factory: pytest.TempPathFactory, postgres_cluster: PostgresCluster
) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    url = postgres_cluster.new_shared()
    share_disk(folder / "one" / "data", folder / "other" / "data")
    services = open_services(folder / "one" / "data", url, jobs=False)
    keys = {name: services.users.add_user(LOCAL, name).api_key for name in ("ada", "mia")}
    services.teams.add_team(
        LOCAL, TeamAddition(name="lab", members={"ada": "admin", "mia": "member"})
    )
    services.close()
    first, other = (
        start_server(folder / name, "--metadata-url", url, env={"WEFT_LOG": "warning"})
        for name in ("one", "other")
    )
    with ExitStack() as stack:
        ada, mia, elsewhere = (
            stack.enter_context(
                httpx.Client(
                    base_url=server.url,
                    headers={"Authorization": f"Bearer {keys[name]}"},
                    timeout=60,
                    trust_env=False,
                )
            )
            for name, server in (("ada", first), ("mia", first), ("ada", other))
        )
        stack.enter_context(first)
        stack.enter_context(other)
        log = HandMadeLog(entity="lab", project="runs")
        log.keys("loss")
        log.rows([[0.5], [0.25]])
        assert log.upload(ada).is_success
        yield Lab(ada, mia, elsewhere)


def test_what_another_process_changed_is_in_lists_and_events(lab: Lab) -> None:
    """Names, tags, notes, config, locks, deletion: without a change at the first server."""
    run = f"{LAB}/runs/run1"
    columns = ["name", "tags", "notes", "config.lr", "summary.best", "locked_by"]
    table = {"columns": columns, "limit": 9}

    def shown() -> list[dict[str, Any]]:
        answer = lab.ada.post(f"{LAB}/runs/query", json=table)
        assert answer.is_success, answer.text
        rows = answer.json()["rows"]
        return [dict(zip(columns, row["values"], strict=True)) for row in rows]

    assert len(shown()) == 1  # its columns are in memory
    edits: list[dict[str, Any]] = [
        {"name": "renamed"},
        {"tags": ["good", "kept"]},
        {"notes": "from elsewhere"},
        {"config": {"set": [[["lr"], 0.5]]}},
        {"summary": {"set": [[["best"], 0.25]]}},
        {"is_locked": True},
    ]
    values = [("name", "renamed"), ("tags", ["good", "kept"]), ("notes", "from elsewhere")]
    values += [("config.lr", 0.5), ("summary.best", 0.25), ("locked_by", "ada")]
    with lab.ada.stream("GET", f"{LAB}/events") as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event: hello"))
        for edit, (column, value) in zip(edits, values, strict=True):
            answer = lab.elsewhere.patch(run, json=edit)
            assert answer.is_success, answer.text
            # A page asks again after each event, and one of them is about this edit.
            while [row[column] for row in shown()] != [value]:
                next(line for line in lines if line.startswith('data: {"runs"'))
            assert lab.ada.get(run).json()["name"] == "renamed"
    view = lab.elsewhere.post(
        f"{LAB}/views", json={"kind": "shared", "name": "seen", "document": {"version": 1}}
    )
    assert view.is_success, view.text
    assert "seen" in [entry["name"] for entry in lab.ada.get(f"{LAB}/views").json()["views"]]
    assert lab.elsewhere.patch(run, json={"is_locked": False}).is_success
    assert lab.elsewhere.delete(run).is_success
    wait_until(lambda: not shown())
    assert lab.ada.get(run).status_code == 410
    assert lab.elsewhere.post(f"{run}/undelete").is_success
    wait_until(lambda: len(shown()) == 1)


def test_who_lost_the_right_at_another_process_gets_no_shared_answer(lab: Lab) -> None:
    def ask(client: httpx.Client) -> list[httpx.Response]:
        table = {"columns": ["tags"]}
        panels = {"panels": [{"runs": ["run1"], "keys": ["loss"]}]}
        return [
            client.post(f"{LAB}/{part}", params={"seen_micros": 0}, json=body)
            for part, body in (("runs/query", table), ("series", panels))
        ]

    assert [answer.status_code for answer in ask(lab.mia)] == [200, 200]
    removed = lab.elsewhere.delete("/api/v1/teams/lab/members/mia")
    assert removed.is_success, removed.text
    # A page of ada has the answers that mia's asks for, all the time.
    wait_until(lambda: (ask(lab.ada), [a.status_code for a in ask(lab.mia)])[1] == [403, 403])
    assert [answer.status_code for answer in ask(lab.ada)] == [200, 200]


def test_pages_of_another_server_see_points_as_they_arrive(lab: Lab) -> None:
    log = HandMadeLog("arriving", entity="lab", project="runs")
    log.keys("loss")
    assert log.upload(lab.ada).is_success
    panel = {"panels": [{"runs": ["arriving"], "keys": ["loss"]}]}

    def n_points() -> int:
        answer = lab.elsewhere.post(f"{LAB}/series", json=panel)
        (rows,) = read_panels(answer)
        return sum(row["n_points"] for row in rows)

    assert n_points() == 0
    with lab.elsewhere.stream("GET", f"{LAB}/events") as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event: hello"))
        for n_rows in range(1, 4):
            start = len(log.data)
            log.rows([[0.5]])
            # Rows alone change no table of the metadata: the other server hears of them directly.
            assert log.upload(lab.ada, start).is_success
            while n_points() != n_rows:
                next(line for line in lines if '"arriving"' in line and "loss" in line)


def test_a_log_that_is_sent_to_servers_in_turn_is_one_run(lab: Lab) -> None:
    """Both know its positions, its summary with all rows, and its end."""
    servers = (lab.ada, lab.elsewhere)
    log = HandMadeLog("turns", entity="lab", project="runs")
    log.add(MetricDefinition("loss", summary=["min", "mean", "last"]))
    log.keys("loss")
    assert log.upload(lab.ada).is_success
    losses = [0.5, 0.125, 0.75, 0.25, 1.0, 0.375]
    for nth, loss in enumerate(losses):
        start = len(log.data)
        log.rows([[loss]])
        assert log.upload(servers[nth % 2], start).is_success
        for server in servers:  # a heartbeat, of which each server has heard only some
            beat = log.upload(server, len(log.data))
            assert beat.is_success, beat.text
            assert beat.json()["position"] == len(log.data)
    start = len(log.data)
    log.finish()
    assert log.upload(lab.elsewhere, start).is_success
    expected = {"min": 0.125, "mean": sum(losses) / len(losses), "last": 0.375}
    for server in servers:
        wait_until(lambda server=server: server.get(log.path).json()["state"] == "finished")
        wait_until(
            lambda server=server: server.get(log.path).json()["summary"]["loss"] == expected
        )


def test_a_browser_that_signed_in_at_one_server_is_signed_in_at_all(lab: Lab) -> None:
    ports = [client.base_url.port for client in (lab.ada, lab.elsewhere)]
    key = lab.ada.headers["Authorization"].removeprefix("Bearer ")
    with ExitStack() as stack:
        browsers = [
            stack.enter_context(
                httpx.Client(base_url=client.base_url, timeout=60, trust_env=False)
            )
            for client in (lab.ada, lab.elsewhere)
        ]
        answer = browsers[0].post("/sign-in", data={"token": key})
        assert answer.status_code == 303, answer.text
        # Behind a proxy both have one address, and so one name of the cookie.
        for name, value in browsers[0].cookies.items():
            browsers[1].cookies.set(name.replace(str(ports[0]), str(ports[1])), value)
        assert len(browsers[1].cookies) > 0
        for browser in browsers:
            assert browser.get("/api/v1/account").json()["name"] == "ada"
