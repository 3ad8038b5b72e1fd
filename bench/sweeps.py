"""1,000 agents of a sweep ask at once, and by and by; what an agent adds to a trial; how well
`bayes` finds, next to random search and to Optuna by itself.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from busy_server import Connection
from measure import Figure, Server, arguments, finish, median, percentile, running_server
from weft.server.storage.metadata import MetadataStore, NewSweep
from weft.sweeps.config import parse_config
from weft.sweeps.search import open_search
from weft.sweeps.search.random_search import draw
from weft.sweeps.trials import Trial

N_AGENTS = 1000
N_KNOWN = 1000
N_TRIALS = 50
N_SEEDS = 20
PAUSE_SECS = 10.0

PARAMETERS = {f"x{n}": {"min": 0.0, "max": 1.0} for n in range(6)} | {
    "k": {"values": ["a", "b", "c"]}
}
CONFIGS: dict[str, dict[str, Any]] = {
    "random": {"method": "random", "parameters": PARAMETERS},
    "TPE": {"method": "bayes", "metric": {"name": "loss"}, "parameters": PARAMETERS},
}


def main() -> None:
    options = arguments(__doc__).parse_args()
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    figures = [*ask_figures(), *overhead_figures(), *search_figures()]
    finish(figures, options.json)


# -- many agents


def fill(data: Path) -> None:
    """A sweep for each search, each with finished trials, before the server starts."""
    data.mkdir(parents=True, exist_ok=True)
    store = MetadataStore(f"sqlite:///{data / 'metadata.db'}")
    now = time.time_ns() // 1000
    for name, config in CONFIGS.items():
        space = parse_config(config).space
        with store.write() as tx:
            project_id = store.projects.make(tx, "local", "bench", now)
            row = NewSweep(name.lower(), name, "", config, 1, None, "", now)
            store.sweeps.add_sweep(tx, project_id, row)
            sweep = store.sweeps.find_sweep(tx, project_id, name.lower())
            assert sweep is not None
            trials: list[Trial] = []
            for number in range(N_KNOWN):
                chosen = draw(space, 7, number)
                loss = sum(chosen[f"x{n}"] ** 2 for n in range(6))
                trials.append(
                    Trial(number, chosen, "finished", [loss], run=f"r{number}", loss=loss)
                )
            store.sweeps.add_trials(tx, sweep.row_id, trials, n_changes=1)
    store.close()


class Agent:
    """One agent's connection."""

    def __init__(self, server: Server, sweep: str, number: int) -> None:
        self._connection = Connection(server)
        self._path = f"/api/v1/projects/local/bench/sweeps/{sweep}/agents/agent-{number}"
        self.secs: list[float] = []
        self.given: list[str] = []

    async def open(self) -> None:
        await self._connection.open()
        await self._beat(0)

    async def ask(self) -> None:
        began = time.perf_counter()
        orders = await self._beat(1)
        self.secs.append(time.perf_counter() - began)
        self.given += [json.dumps(run["config"]) for run in orders["runs"]]
        self._runs = {run["run"]: "finished" for run in orders["runs"]}

    _runs: dict[str, str] = {}  # noqa: RUF012  replaced, never changed

    async def _beat(self, wants: int) -> Any:
        body = json.dumps({"host": "h", "pid": 1, "runs": self._runs, "wants": wants})
        answer = await self._connection.ask(
            "POST", self._path, body.encode(), "Content-Type: application/json"
        )
        return json.loads(answer)


async def ask_all(server: Server, sweep: str) -> tuple[list[float], list[float], int]:
    """Latencies when all ask in the same moment, and spread over ten seconds; distinct sets."""
    agents = [Agent(server, sweep, number) for number in range(N_AGENTS)]
    for first in range(0, N_AGENTS, 50):
        await asyncio.gather(*(agent.open() for agent in agents[first : first + 50]))
    await asyncio.sleep(3)
    await asyncio.gather(*(agent.ask() for agent in agents))
    at_once = [secs for agent in agents for secs in agent.secs]

    async def later(agent: Agent) -> None:
        await asyncio.sleep(random.uniform(0, PAUSE_SECS))
        await agent.ask()

    await asyncio.gather(*(later(agent) for agent in agents))
    spread = [agent.secs[1] for agent in agents]
    sets = {config for agent in agents for config in agent.given}
    return at_once, spread, len(sets)


def ask_figures() -> list[Figure]:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        fill(data)
        with running_server(data) as server:
            for name, budget_ms in (("random", 100.0), ("TPE", 500.0)):
                at_once, spread, n_sets = asyncio.run(ask_all(server, name.lower()))
                if n_sets != 2 * N_AGENTS:
                    raise SystemExit(f"{name}: {n_sets} distinct sets of {2 * N_AGENTS}")
                history = f"{N_KNOWN:,} trials known, " if name == "TPE" else ""
                title = f"{name}, {history}{N_AGENTS:,} agents"
                figures += [
                    Figure(f"{title} within 10 s: p50", 1e3 * median(spread), "ms"),
                    Figure(
                        f"{title} within 10 s: p99", 1e3 * percentile(spread, 99), "ms", budget_ms
                    ),
                    Figure(f"{title} in one moment: p99", 1e3 * percentile(at_once, 99), "ms"),
                ]
    return figures


# -- what an agent adds


OURS = """
import time, weft
times = []
def train():
    began = time.perf_counter()
    with weft.init() as run:
        run.log({"loss": run.config.x})
    times.append(time.perf_counter() - began)
parameters = {"x": {"min": 0.0, "max": 1.0}}
config = {"method": "bayes", "metric": {"name": "loss"}, "parameters": parameters}
sweep = weft.sweep(config, project="bench")
began = time.perf_counter()
weft.agent(sweep, function=train, count=40)
secs = time.perf_counter() - began
print(secs / 40 * 1e3, (secs - sum(times)) / 40 * 1e3)
"""
THEIRS = """
import time, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
def objective(trial):
    return trial.suggest_float("x", 0, 1)
study = optuna.create_study(storage="sqlite:///study.db")
began = time.perf_counter()
study.optimize(objective, n_trials=40)
print((time.perf_counter() - began) / 40 * 1e3)
"""


def overhead_figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with running_server(data) as server:
            env = {"WEFT_BASE_URL": server.url, "WEFT_MODE": "online", "WEFT_SILENT": "true"}
            rounds = [timed(OURS, Path(folder), env) for _ in range(3)]
        theirs = [timed(THEIRS, Path(tempfile.mkdtemp(dir=folder)), {}) for _ in range(3)]
    trial, added = (median(millis) for millis in zip(*rounds, strict=True))
    return [
        Figure(
            "a trial that only reports its loss, with its run", trial, "ms",
            peer="optuna.optimize, SQLite", peer_figure=median([millis for (millis,) in theirs]),
        ),
        Figure("what an agent adds to a trial, without its run", added, "ms", 100),
    ]  # fmt: skip


def timed(source: str, folder: Path, env: dict[str, str]) -> list[float]:
    """The milliseconds that a script prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


# -- how well it finds

Space = dict[str, tuple[float, float]]


def branin(p: dict[str, float]) -> float:
    """https://www.sfu.ca/~ssurjano/branin.html"""
    x, y = p["x"], p["y"]
    curve = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return curve**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14],
     [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)  # fmt: skip
P = 1e-4 * np.array(
    [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
     [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]
)  # fmt: skip


def hartmann(p: dict[str, float]) -> float:
    """https://www.sfu.ca/~ssurjano/hart6.html"""
    x = np.array([p[f"x{n}"] for n in range(6)])
    return -float((ALPHA * np.exp(-(A * (x - P) ** 2).sum(axis=1))).sum())


def svm(p: dict[str, float]) -> float:
    """The error of scikit-learn's SVM on a third of its digits, by 3 folds."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import cross_val_score
    from sklearn.svm import SVC

    x, y = load_digits(return_X_y=True)
    model = SVC(C=10 ** p["log_c"], gamma=10 ** p["log_gamma"])
    return 1 - float(cross_val_score(model, x[::3], y[::3], cv=3).mean())


def network(p: dict[str, float]) -> float:
    """The error of a small network of scikit-learn on a third of its digits."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x[::3] / 16, y[::3], random_state=0)
    model = MLPClassifier(
        (int(p["width"]),),
        learning_rate_init=10 ** p["log_lr"],
        alpha=10 ** p["log_alpha"],
        max_iter=20,
        random_state=0,
    )
    return 1 - float(model.fit(x_train, y_train).score(x_test, y_test))


FUNCTIONS: dict[str, tuple[Callable[[dict[str, float]], float], Space]] = {
    "Branin": (branin, {"x": (-5, 10), "y": (0, 15)}),
    "Hartmann-6": (hartmann, {f"x{n}": (0, 1) for n in range(6)}),
    "SVM on digits": (svm, {"log_c": (-3, 3), "log_gamma": (-6, 0)}),
    "a small network": (network, {"log_lr": (-5, 0), "log_alpha": (-6, 1), "width": (4, 64)}),
}


def search_figures() -> list[Figure]:
    figures: list[Figure] = []
    for name, (function, space) in FUNCTIONS.items():
        losses = {
            method: statistics.median(
                best(method, function, space, seed) for seed in range(N_SEEDS)
            )
            for method in ("random", "bayes")
        }
        alone = statistics.median(by_optuna(function, space, seed) for seed in range(N_SEEDS))
        title = f"{name}: best of {N_TRIALS}, median of {N_SEEDS} seeds, "
        figures += [
            Figure(title + "random", losses["random"], "loss"),
            Figure(
                title + "bayes", losses["bayes"], "loss", losses["random"], peer="Optuna",
                peer_figure=alone,
            ),
        ]  # fmt: skip
    return figures


def best(method: str, function: Callable[..., float], space: Space, seed: int) -> float:
    parameters = {
        name: {"min": float(low), "max": float(high)} for name, (low, high) in space.items()
    }
    config = {"method": method, "metric": {"name": "loss"}, "parameters": parameters}
    search = open_search(parse_config(config), seed)
    least = math.inf
    for number in range(N_TRIALS):
        (chosen,) = search.ask([number])
        loss = function(chosen)
        search.tell(Trial(number, chosen))
        search.tell(Trial(number, chosen, "finished", (loss,)))
        least = min(least, loss)
    return least


def by_optuna(function: Callable[..., float], space: Space, seed: int) -> float:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(
        lambda trial: function({n: trial.suggest_float(n, *ends) for n, ends in space.items()}),
        n_trials=N_TRIALS,
    )
    return study.best_value


if __name__ == "__main__":
    main()
