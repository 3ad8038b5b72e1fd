"""The page of a sweep of 10,000 finished runs in real Chromium, until all of its charts are drawn.

The runs are written straight into the metadata database, as ingest would have left them: a random
search over ten parameters. A chart counts as drawn at the first frame in which its canvas holds
colour, after the begin of the navigation. The page was opened once before in the same browser, so
its scripts are in the cache.

    python bench/sweep_page.py [--json FILE]
"""

from __future__ import annotations

import math
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from measure import Figure, arguments, finish, running_server
from run_page import opened
from runs_table import save_path_sets
from weft.server.storage.metadata import MetadataStore, NewSweep
from weft.sweeps.config import parse_config
from weft.sweeps.search.random_search import draw
from weft.sweeps.trials import Trial

SWEEP = "search"
ORIGIN = 1_760_000_000_000_000
RUN_MICROS = 90_000_000
N_AT_ONCE = 8

CONFIG: dict[str, Any] = {
    "name": "lr-search",
    "method": "random",
    "metric": {"name": "loss", "goal": "minimize"},
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1},
        "weight_decay": {"distribution": "log_uniform_values", "min": 1e-6, "max": 0.1},
        "dropout": {"min": 0.0, "max": 0.5},
        "batch_size": {"values": [16, 32, 64, 128]},
        "layers": {"min": 1, "max": 12},
        "warmup": {"min": 0.0, "max": 0.2},
        "optimizer": {
            "parameters": {
                "name": {"values": ["adam", "adamw", "sgd"]},
                "beta": {"min": 0.8, "max": 0.999},
            }
        },
        "schedule": {"values": ["constant", "cosine", "linear"]},
        "label_smoothing": {"min": 0.0, "max": 0.2},
        "epochs": {"value": 3},
    },
}

CHARTS = ("loss over time", "Parallel coordinates", "loss over lr", "loss over dropout")

# Some pixels of a chart are coloured: more than axes and grid lines. To read more would slow the
# page down.
DRAWN = """%s.every((name) => {
  const chart = document.querySelector(`[role=application][aria-label^="${name}"]`);
  const canvas = chart?.querySelector('canvas');
  if (!canvas?.width) return false;
  const left = Math.floor(canvas.width * 0.6);
  const {data} = canvas.getContext('2d').getImageData(left, 0, 40, canvas.height);
  for (let i = 0; i < data.length; i += 4)
    if (data[i + 3] > 60 && Math.max(data[i], data[i + 1], data[i + 2])
        - Math.min(data[i], data[i + 1], data[i + 2]) > 40) return true;
  return false;
})"""


def loss_of(chosen: dict[str, Any]) -> float:
    """Smooth in the learning rate, a little better with one optimizer, and noisy."""
    distance = math.log10(chosen["lr"]) + 2.5
    optimizer = {"adam": 0.1, "adamw": 0.0, "sgd": 0.3}[chosen["optimizer.name"]]
    noise = math.sin(1e4 * chosen["warmup"]) / 20
    return 0.4 + 0.15 * distance**2 + optimizer + (chosen["dropout"] - 0.2) ** 2 + noise


def write_sweep(path: Path, n_runs: int) -> None:
    """A sweep, its trials, and their runs with config and summary."""
    space = parse_config(CONFIG).space
    chosen = [draw(space, 7, number) for number in range(n_runs)]
    losses = [loss_of(trial) for trial in chosen]
    with closing(MetadataStore(f"sqlite:///{path}")) as store, store.write() as tx:
        project_id = store.projects.make(tx, "local", "bench", ORIGIN)
        row = NewSweep(SWEEP, "lr-search", "", CONFIG, 1, n_runs, "ann", ORIGIN)
        store.sweeps.add_sweep(tx, project_id, row)
        sweep = store.sweeps.find_sweep(tx, project_id, SWEEP)
        assert sweep is not None
        trials = [
            Trial(
                number, chosen[number], "finished", [losses[number]],
                run=f"r{number:07}", loss=losses[number],
                given_micros=given_at(number), ended_micros=given_at(number) + RUN_MICROS,
            )
            for number in range(n_runs)
        ]  # fmt: skip
        store.sweeps.add_trials(tx, sweep.row_id, trials, n_changes=1)
        store.sweeps.change(tx, sweep.row_id, state="finished")
    names = [*chosen[0], "loss"]
    paths = {name: at + 1 for at, name in enumerate(names)}
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA synchronous = OFF")
        database.executemany(
            "INSERT INTO path (id, path) VALUES (?, ?)", [(at, name) for name, at in paths.items()]
        )
        database.executemany(
            "INSERT INTO run (id, project_id, run, name, tags, stamps, state, created_micros,"
            " started_micros, ended_micros, origin_micros, host, stop_requested, is_continued,"
            f" sweep, color) VALUES (?, {project_id}, ?, ?, '[]', '{{}}', 'finished', ?, ?, ?, ?,"
            f" 'box', 0, 0, '{SWEEP}', 1)",
            (
                (at + 1, f"r{at:07}", f"brave-fox-{at}", start, start, start + RUN_MICROS, start)
                for at in range(n_runs)
                for start in [given_at(at)]
            ),
        )
        database.executemany(
            "INSERT INTO field (run_id, scope, path_id, kind, number, text, exact, edit_micros,"
            f" edit_writer, edit_position, shown) VALUES (?, ?, ?, ?, ?, ?, NULL, {ORIGIN}, 'w',"
            " 1, 1)",
            field_rows(chosen, losses, paths),
        )


def given_at(number: int) -> int:
    return ORIGIN + number // N_AT_ONCE * RUN_MICROS


def field_rows(
    chosen: list[dict[str, Any]], losses: list[float], paths: dict[str, int]
) -> Iterator[tuple[Any, ...]]:
    for at, parameters in enumerate(chosen):
        for name, value in parameters.items():
            if isinstance(value, str):
                yield at + 1, "config", paths[name], "text", None, value
            else:
                yield at + 1, "config", paths[name], "number", float(value), None
        yield at + 1, "logged", paths["loss"], "number", losses[at], None


def measured(browser: Browser, n_runs: int) -> Figure:
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as name:
        data = Path(name)
        write_sweep(data / "metadata.db", n_runs)
        save_path_sets(data / "metadata.db")
        with running_server(data) as server:
            url = f"{server.url}/local/bench/sweeps/{SWEEP}"
            millis = opened(browser, url, DRAWN % str(list(CHARTS)))
    return Figure(f"sweep page of {n_runs:,} runs: charts drawn", millis / 1000, "s", 1.0)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    args = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        figure = measured(browser, args.runs)
        browser.close()
    finish([figure], args.json)


if __name__ == "__main__":
    main()
