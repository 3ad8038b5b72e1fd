"""The commands at the top of docs/http-api.md run as they are written."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
from pathlib import Path

import pyarrow.parquet
import pytest

from live_runs import LiveServer
from sdk_script import run_well
from weft.server.http.admission.sharing import COSTLY, SWEEPS, WAITING, SharedThreads
from weft.server.http.all_routes import ROUTES

TEXT = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text()
COMMANDS = re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)[0]

BOUNDS = TEXT.partition("## Bounds of each route\n")[2].partition("\n## ")[0]

WRITE = """
import weft
with weft.init(project="mnist", id="ab12cd34", config={"lr": 0.1}) as run:
    for step in range(5):
        run.log({"loss": 1 / (step + 1), "acc": step / 5})
"""


def test_the_five_commands_run(live: LiveServer, tmp_path: Path) -> None:
    run_well(tmp_path, WRITE, {**live.environment, "WEFT_PROJECT": ""})
    live.api.run("local/mnist/ab12cd34").wait_until_finished()
    (tmp_path / "notes.txt").write_text("a note\n")
    script = COMMANDS.replace("http://127.0.0.1:8080", live.url)
    script = script.replace("~/.local/share/weft/token", str(live.process.data / "token"))
    script = script.replace("curl ", "curl -fsS -w '\\n' ")
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr
    server, runs, rows, *_ = [line for line in done.stdout.splitlines() if line]
    assert json.loads(server)["mode"] == "local"
    assert [run["id"] for run in json.loads(runs)["runs"]] == ["ab12cd34"]
    assert len(json.loads(rows)["rows"]) == 5
    assert pyarrow.parquet.read_table(tmp_path / "mnist.parquet").num_rows == 5
    names = [file.name for file in live.api.run("local/mnist/ab12cd34").files()]
    assert "notes.txt" in names


def test_each_route_has_its_bounds_on_the_page() -> None:
    """Whoever adds a route says what a client can ask it for at most."""
    rows = [line.split("|")[1:-1] for line in BOUNDS.splitlines() if line.startswith("| `")]
    assert all(len(row) == 3 and all(cell.strip() for cell in row) for row in rows)
    names = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(names) == sorted(set(names)), "a route is there twice"
    assert set(names) == {route.name for route in ROUTES}, "add each to 'Bounds of each route'"


@pytest.mark.parametrize(
    ("threads", "words"), [(COSTLY, "costly"), (SWEEPS, "sweeps"), (WAITING, "wait")]
)
def test_the_page_says_in_which_threads_a_route_is_answered(
    threads: SharedThreads, words: str
) -> None:
    for route in ROUTES:
        if not inspect.iscoroutinefunction(route.handler):
            row = next((line for line in BOUNDS.splitlines() if f"`{route.name}`" in line), "")
            assert row, f"{route.name} is not in 'Bounds of each route'"
            assert words in row or route.threads is not threads, route.name
