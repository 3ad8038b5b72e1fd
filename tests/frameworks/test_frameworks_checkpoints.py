"""The PyTorch recipe of the guide: first start, restart after a kill, preemption."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from sdk_script import log_rows, logs_in, run_script

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "checkpoints.md"
CODE = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)[0]


def test_the_recipe_continues_after_a_kill_without_repeated_steps(tmp_path: Path) -> None:
    killed = CODE.replace("run.log(", "step == 25 and __import__('os')._exit(9); run.log(", 1)
    assert killed != CODE
    assert run_script(tmp_path, killed).exit_code == 9
    script = run_script(tmp_path, CODE)
    assert script.exit_code == 0, script.stderr
    assert "WARNING" not in script.stderr
    first, second = (
        [row["_step"] for row in log_rows(log)]
        for log in sorted(logs_in(tmp_path), key=lambda log: log.stat().st_mtime_ns)
    )
    assert first == [*range(25)]
    assert second == [*range(20, 100)]


def test_the_recipe_saves_when_it_is_preempted(tmp_path: Path) -> None:
    preempted = CODE.replace(
        "run.log(", "step == 33 and signal.raise_signal(signal.SIGTERM); run.log(", 1
    )
    assert run_script(tmp_path, preempted).exit_code == 143
    shown = subprocess.run(
        [sys.executable, "-c", "import torch; print(torch.load('checkpoint.pt')['step'])"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown.strip() == "33"
    assert run_script(tmp_path, CODE).exit_code == 0
