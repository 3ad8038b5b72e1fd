"""A user with a key who asks for as much work as they can: others are answered meanwhile.

Ada is hostile, bob asks for the list of his projects. Each bound in short form; nothing is timed,
but each answer has a deadline that is a hundred times what it takes.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from at_length import at_length
from gateway_wire import Wire
from made_artifacts import store_version
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft_command import run_weft

N_ASKERS = 45
N_VERSIONS = 10
DEADLINE_SECS = 30.0
LEAVES_AFTER_SECS = 1.0
N_ALIASES = 15
"""Of two rounds of the cycle each: about as many as the bound of tokens allows."""

SHORT = """
from weft.wandb_gateway.graphql.work import MAX_CHARS, MAX_VALUES, Work
Work.__init__.__defaults__ = (MAX_VALUES, MAX_CHARS, 4.0)
"""
"""Answers are cut off after 4 s instead of 30."""

SWEEPS = "/api/v1/projects/local/p/sweeps"

TOO_MUCH = {
    "values": "{method: random, parameters: {x: {values: [" + "1," * 900_000 + "1]}}}",
    "parameters": json.dumps(
        {"method": "random", "parameters": {f"p{nth}": {"value": 1} for nth in range(3000)}}
    ),
    "brackets": "[" * 30_000,
    "dashes": "- " * 30_000,
    "nested": json.dumps({"method": "random", "parameters": {"a": {}}}).replace(
        "{}", '{"parameters": {"a": ' * 100 + "{}" + "}}" * 100
    ),
    "aliases": "a0: &a0 [1]\n"
    + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
    "merged": "a0: &a0 {x: 1}\n"
    + "".join(f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)),
    "itself": "parameters: &a {x: *a}",
    "digits": "method: random\nrun_cap: " + "1" * 6000,
}


class Hostile:
    """A server with two users."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.keys: dict[str, str] = {}
        for name in ("ada", "bob"):
            added = run_weft("server", "user", "add", name, "--data", server.data, "--json")
            self.keys[name] = added.report["api_key"]
        self.wire = Wire(server.url, self.keys["ada"])

    def client(self, user: str, secs: float = DEADLINE_SECS) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.keys[user]}"}
        return httpx.Client(
            base_url=self.server.url, headers=headers, timeout=secs, trust_env=False
        )

    def assert_others_are_answered(self) -> None:
        with self.client("bob") as bob:
            for path in ("/api/v1/projects", "/healthz", "/readyz", "/api/v1/server"):
                assert bob.get(path).status_code == 200, path

    def while_many(self, ask: Callable[[httpx.Client], object]) -> None:
        """Have 45 clients of ada's ask and leave; bob asks meanwhile and afterwards."""
        begun = threading.Semaphore(0)

        def one() -> None:
            with suppress(httpx.HTTPError), self.client("ada", LEAVES_AFTER_SECS) as client:
                begun.release()
                ask(client)

        with ThreadPoolExecutor(N_ASKERS) as pool:
            askers = [pool.submit(one) for _ in range(N_ASKERS)]
            for _ in askers:
                assert begun.acquire(timeout=DEADLINE_SECS)
            self.assert_others_are_answered()
            for asker in askers:
                asker.result()
        self.assert_others_are_answered()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    with start_server(tmp_path_factory.mktemp("server"), before=SHORT) as server:
        hostile = Hostile(server)
        with hostile.client("ada") as ada:
            for nth in range(N_VERSIONS):
                store_version(ada, "p", {"f": str(nth).encode()}, run=f"run{nth}")
        yield hostile


def cycle(n_rounds: int) -> str:
    """A query that goes round a cycle of the schema, ten times as much with each round."""
    inner = "id"
    for _ in range(n_rounds):
        inner = f"artifactSequence {{ artifacts {{ edges {{ node {{ {inner} }} }} }} }}"
    return f"""{{ project(name: "p") {{ artifactCollection(name: "data") {{
        artifacts {{ edges {{ node {{ {inner} }} }} }} }} }} }}"""


def error_of(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["message"])


def test_a_query_round_a_cycle_is_answered_as_far_as_the_bounds_go(hostile: Hostile) -> None:
    whole = hostile.wire.data(cycle(1))
    versions = whole["project"]["artifactCollection"]["artifacts"]["edges"]
    assert len(versions) == N_VERSIONS
    deep = hostile.wire.ask(cycle(4))
    assert deep.status_code == 400
    assert "levels of fields" in error_of(deep)
    body = cycle(2)[1:-1]
    wide = hostile.wire.ask(
        "{" + " ".join(f"a{n}: {body}" for n in range(N_ALIASES)) + "}", timeout=120
    )
    assert wide.status_code == 413
    assert "more than" in error_of(wide)


def test_others_are_answered_while_many_queries_are_left(hostile: Hostile) -> None:
    auth = hostile.wire.headers
    body = " ".join(f"a{n}: {cycle(2)[1:-1]}" for n in range(N_ALIASES))
    hostile.while_many(
        lambda ada: ada.post("/graphql", json={"query": "{" + body + "}"}, headers=auth)
    )
    # What was left has ended: its threads answer the next request.
    assert hostile.wire.data("{ viewer { username } }") == {"viewer": {"username": "ada"}}


@at_length
def test_refused_documents_cost_no_memory(hostile: Hostile) -> None:
    process = psutil.Process(hostile.server.pid)
    hostile.wire.ask("{ viewer { id } }")
    before = process.memory_info().rss
    for nth in range(30):
        refused = hostile.wire.ask(f"{{ a{nth}: viewer {{ {'id ' * 10_000} }} }}")
        assert refused.status_code == 400
        assert "characters" in error_of(refused)
        refused = hostile.wire.ask(f"{{ a{nth}: viewer {{ {'id ' * 3000} }} }}")
        assert refused.status_code == 400
        assert "tokens" in error_of(refused)
    assert process.memory_info().rss - before < 100 * 2**20


@pytest.mark.parametrize("name", TOO_MUCH)
@pytest.mark.parametrize("door", ["check", "create", "gateway"])
def test_a_sweep_that_is_too_much_is_refused_with_the_reason(
    hostile: Hostile, name: str, door: str
) -> None:
    config = TOO_MUCH[name]
    with hostile.client("ada") as ada:
        if door == "check":
            answer = ada.post(f"{SWEEPS}/check", json={"config": config})
            reason = str(answer.json().get("problems") or answer.json().get("detail"))
            assert answer.status_code in {200, 400}
        elif door == "create":
            answer = ada.post(SWEEPS, json={"config": config})
            reason = answer.json()["detail"]
            assert answer.status_code == 400
        else:
            query = """mutation Upsert($config: String) {
                upsertSweep(input: {config: $config, projectName: "p"}) { sweep { id } } }"""
            reason = error_of(hostile.wire.ask(query, config=config))
    words = ("larger than", "nested", "parameters; the most", "not valid YAML", "length <=")
    assert any(word in reason for word in words), reason
    assert "server failed" not in reason


@at_length
def test_others_are_answered_while_many_sweeps_are_checked(hostile: Hostile) -> None:
    parameters = {f"p{nth}": {"min": 0.0, "max": 1.0} for nth in range(1000)}
    config = {"method": "bayes", "metric": {"name": "loss"}, "parameters": parameters}
    body = {"config": json.dumps(config)}
    with hostile.client("ada") as ada:
        assert ada.post(f"{SWEEPS}/check", json=body).json()["problems"] == []
    hostile.while_many(lambda ada: ada.post(f"{SWEEPS}/check", json=body))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/projects/local/p/runs/query"),
        ("POST", "/api/v1/projects/local/p/views"),
        ("POST", "/api/v1/projects/local/p/reports"),
        ("POST", "/api/v1/projects/local/p/series"),
        ("PATCH", "/api/v1/projects/local/p/runs/run0"),
        ("POST", SWEEPS),
        ("POST", "/graphql"),
        ("POST", "/files/local/p/run0/file_stream"),
    ],
)
@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000], ids=["lists", "objects"])
def test_deeply_nested_json_is_refused(
    hostile: Hostile, method: str, path: str, text: str
) -> None:
    headers = {**hostile.wire.headers, "Content-Type": "application/json"}
    with hostile.client("ada") as ada:
        answer = ada.request(method, path, content=text, headers=headers)
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("n_levels", [900, 100_000])
def test_deeply_nested_json_in_texts_of_a_query_is_refused(
    hostile: Hostile, n_levels: int
) -> None:
    filters = '{"$and":[' * n_levels + "{}" + "]}" * n_levels
    query = """query Runs($text: JSONString) { project(name: "p") {
        runs(filters: $text) { totalCount } } }"""
    assert "nested" in error_of(hostile.wire.ask(query, text=filters))
    config = json.dumps({"a": {"value": 0}}).replace("0", "[" * n_levels + "]" * n_levels)
    change = """mutation Upsert($text: JSONString) {
        upsertBucket(input: {name: "run0", modelName: "p", config: $text}) { inserted } }"""
    assert "nested" in error_of(hostile.wire.ask(change, text=config))


def test_a_server_ends_within_its_time_whatever_a_thread_does(tmp_path: Path) -> None:
    """A thread that never ends stands for all work that can't be interrupted."""
    endless = (
        "import threading\nnever = threading.Event()\nthreading.Thread(target=never.wait).start()"
    )
    server = start_server(tmp_path, before=endless)
    log = HandMadeLog(project="p")
    log.keys("loss")
    log.rows([[float(nth)] for nth in range(100)])
    with httpx.Client(base_url=server.url, timeout=DEADLINE_SECS, trust_env=False) as client:
        log.upload(client).raise_for_status()
    assert server.stop() == 0
    assert "everything that was acknowledged is stored" in server.stderr.lower()
    with (
        start_server(tmp_path) as again,
        httpx.Client(base_url=again.url, timeout=DEADLINE_SECS, trust_env=False) as client,
    ):
        rows = client.get(f"/api/v1/projects/local/p/runs/{log.run}/history?limit=1000").json()
        assert len(rows["rows"]) == 100


@at_length
def test_a_server_ends_while_queries_are_answered(tmp_path: Path) -> None:
    server = start_server(tmp_path)
    hostile = Hostile(server)
    fields = "viewer { teams { edges { node { id } } } }"
    query = "{" + " ".join(f"a{nth}: {fields}" for nth in range(90)) + "}"

    def ask() -> Any:
        while True:
            try:
                hostile.wire.ask(query, timeout=DEADLINE_SECS)
            except httpx.HTTPError:
                return

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    hostile.assert_others_are_answered()
    server.process.send_signal(signal.SIGTERM)
    assert server.stop() == 0
    for asker in askers:
        asker.join(DEADLINE_SECS)
        assert not asker.is_alive()


HUNG = """
import pathlib, time
from weft.server.services.projects import ProjectService
answer = ProjectService.list
def wait_for_file(*arguments):
    while not pathlib.Path("answer").exists():
        time.sleep(0.05)
    return answer(*arguments)
ProjectService.list = wait_for_file
"""
"""Stands for anything that an ordinary request may hang in."""


def test_a_server_whose_requests_get_no_answer_is_not_ready(tmp_path: Path) -> None:
    with start_server(tmp_path, before=HUNG) as server:

        def get(path: str) -> httpx.Response:
            return httpx.get(f"{server.url}{path}", timeout=DEADLINE_SECS, trust_env=False)

        assert get("/readyz").status_code == 200
        with ThreadPoolExecutor(N_ASKERS) as pool:
            answers = [pool.submit(get, "/api/v1/projects") for _ in range(N_ASKERS)]
            wait_until(lambda: get("/readyz").status_code == 503, what="it is not ready")
            assert "requests wait for a thread" in get("/readyz").json()["detail"]
            assert get("/healthz").status_code == 200
            (tmp_path / "answer").touch()
            assert {answer.result().status_code for answer in answers} == {200}
        assert get("/readyz").status_code == 200
