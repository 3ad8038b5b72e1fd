"""Ray Tune's callback over weft: a run for each trial, as the page on Ray says."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import pytest

from framework_script import run_alone
from live_runs import LiveServer

PAGE: Final = Path(__file__).parents[2] / "docs" / "frameworks" / "ray.md"

ABORT: Final = "raylet exited immediately because"
"""A node of Ray ends like this where its agents need more than 15 seconds to start."""

MAX_STARTS: Final = 3

pytestmark = pytest.mark.timeout(1800)


def test_each_trial_is_a_run_with_its_parameters_and_reports(
    live: LiveServer, tmp_path: Path
) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    environment = {
        **os.environ, **live.environment, "WEFT_API_KEY": str(live.process.token),
        "HOME": str(tmp_path), "RAY_USAGE_STATS_ENABLED": "0",
    }  # fmt: skip
    for _ in range(MAX_STARTS):
        script = run_alone(
            code.replace('"frameworks"', '"tests"'), tmp_path, environment, is_forked=False
        )
        if ABORT not in script.stdout + script.stderr:
            break
    assert script.exit_code == 0, script.stderr[-3000:]
    runs = list(live.api.runs("local/tests", filters={"group": "rates"}))
    assert sorted(run.config["rate"] for run in runs) == [0.1, 0.2, 0.4]
    for run in runs:
        run = live.ended(run.id)
        rate = run.config["rate"]
        assert (run.state, run.warnings) == ("finished", [])
        losses = [row["loss"] for row in run.scan_history(keys=["loss"])]
        assert losses == pytest.approx([(1 - rate) ** n for n in range(1, 21)])
