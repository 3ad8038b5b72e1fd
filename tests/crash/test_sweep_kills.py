"""`kill -9` of agents and the server at random moments: no parameter set is lost or repeated.

`make test-kill ROUNDS=200` is the long form. Prints its seed and where the kills fell.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

import weft
from at_length import at_length
from caddy import balanced
from free_port import free_port
from live_runs import LiveServer
from postgres_cluster import PostgresCluster, share_disk
from sdk_script import forks_of, script_environment
from server_forks import ForkedProcess
from server_process import ServerProcess, start_server, wait_until
from weft.client.script_client import ScriptClient
from weft.server.services.access import LOCAL
from weft.server.services.opening import open_services
from weft.wire.sweeps import NewSweep, create_sweep
from weft_command import run_weft

SCRIPT = Path(__file__).with_name("sweep_agent_script.py")
N_AGENTS = 3
LATEST_KILL_SECS = 1.5

pytestmark = pytest.mark.timeout(3000)


def config_of(n_sets: int) -> dict[str, Any]:
    return {
        "method": "grid",
        "metric": {"name": "loss"},
        "parameters": {"a": {"min": 1, "max": n_sets // 4}, "b": {"values": ["w", "x", "y", "z"]}},
    }


class Agents:
    """Agents of one sweep; a killed one is replaced."""

    def __init__(self, folder: Path, sweep: str, env: dict[str, str], n: int = N_AGENTS) -> None:
        self.began = folder / "began.txt"
        self._command = [str(SCRIPT), sweep, str(self.began)]
        self._folder, self._env = folder, {**env, "WEFT_AGENT_REPORT_INTERVAL": "1"}
        self.processes = [self._start() for _ in range(n)]

    def _start(self) -> ForkedProcess:
        environment = script_environment(self._env)
        forks = forks_of(SCRIPT.read_text())
        with (self._folder / "agents.log").open("ab") as log:
            return ForkedProcess(
                self._command, self._folder, environment, *forks, stdout=log, stderr=log
            )

    def kill_one(self, chance: random.Random) -> bool:
        """Kill one that runs, and start another; False if all have ended."""
        running = [process for process in self.processes if process.poll() is None]
        if not running:
            return False
        victim = chance.choice(running)
        victim.kill()
        victim.wait()
        self.processes[self.processes.index(victim)] = self._start()
        return True

    def wait(self, secs: float) -> None:
        for process in self.processes:
            process.wait(secs)
        log = (self._folder / "agents.log").read_text()
        errors = log[log.find("Traceback") :][:4000] if "Traceback" in log else ""
        assert [process.returncode for process in self.processes] == [0] * len(self.processes), (
            f"{errors}\n…\n{log[-4000:]}"
        )

    def begun(self) -> dict[str, tuple[str, str]]:
        """The parameter set of each run that began."""
        lines = self.began.read_text().split("\n") if self.began.exists() else []
        begun = [line.split() for line in lines if line]
        runs = Counter(run for run, *_ in begun)
        assert not begun or max(runs.values()) == 1, f"a run was begun twice: {runs}"
        return {run: (a, b) for run, a, b in begun}


def seeded() -> random.Random:
    seed = int(os.environ.get("WEFT_TEST_SEED", random.randrange(2**32)))
    print(f"\nseed {seed}")
    return random.Random(seed)


def assert_each_once(begun: dict[str, tuple[str, str]], trials: list[dict[str, Any]]) -> None:
    """Each set was handed out once, and what began did so under the trial's run."""
    n_sets = len(trials)
    assert [trial["number"] for trial in trials] == list(range(n_sets))
    sets = Counter((trial["parameters"]["a"], trial["parameters"]["b"]) for trial in trials)
    assert max(sets.values()) == 1
    assert len(sets) == n_sets
    assert {trial["state"] for trial in trials} <= {"finished", "failed"}
    of_run = {trial["run"]: trial for trial in trials}
    assert set(begun) <= set(of_run), "a set was begun twice"
    for run, (a, b) in begun.items():
        parameters = of_run[run]["parameters"]
        assert (str(parameters["a"]), parameters["b"]) == (a, b)
    for trial in trials:
        if trial["state"] == "finished":
            assert trial["values"] == [trial["parameters"]["a"] + 3]


@at_length
def test_a_server_and_agents_that_are_killed_lose_and_repeat_no_set(
    tmp_path: Path, n_rounds: int
) -> None:
    chance = seeded()
    kills: Counter[str] = Counter()
    n_sets = 4 * max(8, n_rounds)
    live = LiveServer(tmp_path / "server")
    try:
        sweep = NewSweep(config=json.dumps(config_of(n_sets)))
        with closing(ScriptClient(live.url, live.process.token)) as client:
            sweep_id = client.call(create_sweep, "local", "kills", sweep).id
        agents = Agents(tmp_path, sweep_id, live.environment)
        for _ in range(n_rounds):
            time.sleep(chance.uniform(0, LATEST_KILL_SECS))
            if chance.random() < 0.3:
                live.process.kill()
                live.process = start_server(live.folder, "--port", str(live.port))
                kills["server"] += 1
            elif agents.kill_one(chance):
                kills["agent"] += 1
        agents.wait(1500)
        sweep = live.api.sweep(f"local/kills/{sweep_id}")
        wait_until(lambda: sweep.load().state == "FINISHED", secs=400, what="end of the sweep")
        trials = sweep.trials()
        states = Counter(trial["state"] for trial in trials)
        print(f"{n_rounds} rounds: killed {dict(kills)}; {n_sets} sets: {dict(states)}")
        assert len(trials) == n_sets
        assert_each_once(agents.begun(), trials)
        assert states["failed"] <= kills["agent"]
    finally:
        live.close()


def test_agents_without_a_server_that_are_killed_lose_and_repeat_no_set(
    tmp_path: Path, n_rounds: int
) -> None:
    chance = seeded()
    n_sets = 8 * max(4, n_rounds)  # some are left when the last agent is killed
    (tmp_path / "sweep.json").write_text(json.dumps(config_of(n_sets)))
    env = {"WEFT_MODE": "offline", "WEFT_PROJECT": "kills", "WEFT_DIR": str(tmp_path)}
    created = run_weft("sweep", tmp_path / "sweep.json", "--json", env=env)
    sweep_id = created.report["id"]
    agents = Agents(tmp_path, sweep_id, env | {"WEFT_SYSTEM_INTERVAL": "0"})
    n_kills = 0
    for nth in range(n_rounds):
        # By their progress, so that fast agents are not done before the last kill.
        n_begun = 4 * nth + chance.randrange(5)
        wait_until(lambda n_begun=n_begun: len(agents.begun()) >= n_begun, what="sets to begin")
        time.sleep(chance.uniform(0, 0.1))
        n_kills += agents.kill_one(chance)
    agents.wait(300)
    folder = tmp_path / "weft" / "sweeps" / sweep_id
    lines = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
    last = {line["number"]: line for line in lines}
    trials = [last[number] for number in sorted(last)]
    states = Counter(trial["state"] for trial in trials)
    print(f"{n_rounds} rounds: killed {n_kills} agents; {n_sets} sets: {dict(states)}")
    assert n_kills == n_rounds, "the sets were used up before the last kill"
    assert len(trials) == n_sets
    assert_each_once(agents.begun(), trials)
    assert states["failed"] <= n_kills


def test_a_line_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    (tmp_path / "sweep.json").write_text(json.dumps(config_of(8)))
    env = {"WEFT_MODE": "offline", "WEFT_PROJECT": "kills", "WEFT_DIR": str(tmp_path)}
    sweep_id = run_weft("sweep", tmp_path / "sweep.json", "--json", env=env).report["id"]
    log = tmp_path / "weft" / "sweeps" / sweep_id / "trials.jsonl"
    log.write_bytes(b'{"number":0,"run":"ab12cd34","agent":"x","param')
    Agents(tmp_path, sweep_id, env | {"WEFT_SYSTEM_INTERVAL": "0"}, n=1).wait(120)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["number"] for line in lines if line.get("state") == "finished"} == set(range(8))


class Page(threading.Thread):
    """A page of the project: reads what it shows after each event, and connects again if cut."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(daemon=True)
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)
        self.is_over = threading.Event()
        self.n_finished = self.n_events = self.n_cuts = 0

    def run(self) -> None:
        while not self.is_over.is_set():
            with (
                contextlib.suppress(httpx.HTTPError),
                self._client.stream("GET", "/api/v1/projects/ada/kills/events") as stream,
            ):
                for line in stream.iter_lines():
                    if line.startswith('data: {"runs"'):
                        self.n_events += 1
                        self._read()
                    if self.is_over.is_set():
                        return
            self.n_cuts += 1
            time.sleep(0.2)

    def _read(self) -> None:
        query = {"columns": ["state"], "filter": 'state = "finished"', "limit": 1}
        answer = self._client.post("/api/v1/projects/ada/kills/runs/query", json=query)
        if answer.is_success:
            self.n_finished = answer.json()["total"]


@at_length
def test_three_servers_behind_a_proxy_of_which_some_are_killed(
    tmp_path: Path, n_rounds: int, postgres_cluster: PostgresCluster
) -> None:
    """Each request goes to the next server. Agents and logs lose nothing, and a page goes on."""
    chance = seeded()
    n_rounds = max(9, n_rounds)
    n_sets = 4 * max(8, n_rounds)
    url = postgres_cluster.new_shared()
    share_disk(*(tmp_path / str(number) / "data" for number in range(3)))
    services = open_services(tmp_path / "0" / "data", url, jobs=False)
    key = services.users.add_user(LOCAL, "ada").api_key
    services.close()
    port, *ports = [free_port() for _ in range(4)]

    def start(number: int) -> ServerProcess:
        options = ("--port", str(ports[number]), "--metadata-url", url)
        public = ("--public-url", f"http://127.0.0.1:{port}")
        return start_server(tmp_path / str(number), *options, *public)

    with contextlib.ExitStack() as stack:
        servers = [start(number) for number in range(3)]
        stack.callback(lambda: [server.stop() for server in servers])
        proxy = stack.enter_context(balanced(tmp_path / "caddy", port, ports))
        with closing(ScriptClient(proxy, key)) as client:
            sweep = NewSweep(config=json.dumps(config_of(n_sets)))
            sweep_id = client.call(create_sweep, "ada", "kills", sweep).id
        page = Page(proxy, key)
        page.start()
        environment = {"WEFT_MODE": "online", "WEFT_BASE_URL": proxy, "WEFT_API_KEY": key}
        agents = Agents(tmp_path, sweep_id, environment, n=4)
        kills: Counter[str] = Counter()
        for number in range(n_rounds):
            time.sleep(chance.uniform(0, LATEST_KILL_SECS))
            if number % 3 == 0:
                victim = number // 3 % 3  # each of them, and so the one that the page is at
                servers[victim].kill()
                servers[victim] = start(victim)
                kills["server"] += 1
            elif agents.kill_one(chance):
                kills["agent"] += 1
        agents.wait(1500)
        api = weft.Api(proxy, api_key=key)
        sweep = api.sweep(f"ada/kills/{sweep_id}")
        wait_until(lambda: sweep.load().state == "FINISHED", secs=400, what="end of the sweep")
        trials = sweep.trials()
        states = Counter(trial["state"] for trial in trials)
        assert len(trials) == n_sets
        assert_each_once(agents.begun(), trials)
        for trial in trials:
            if trial["state"] == "finished":
                rows = list(api.run(f"ada/kills/{trial['run']}").scan_history(keys=["loss"]))
                a = trial["parameters"]["a"]
                assert [row["loss"] for row in rows] == [a, a + 1, a + 2, a + 3]
        wait_until(lambda: page.n_finished == states["finished"], what="the page shows all")
        page.is_over.set()
        assert page.n_cuts > 0
        print(
            f"{n_rounds} rounds: killed {dict(kills)}; {n_sets} sets: {dict(states)}; the page "
            f"had {page.n_events} events and was cut {page.n_cuts} times"
        )
