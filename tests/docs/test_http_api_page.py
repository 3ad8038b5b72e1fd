"""The commands at the top of docs/http-api.md run as they are written."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pyarrow.parquet

from live_runs import LiveServer
from sdk_script import run_well

TEXT = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text()
COMMANDS = re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)[0]

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
