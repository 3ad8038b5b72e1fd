"""A training that may be killed at any moment and goes on where it was.

    python examples/resume.py            # dies half way
    python examples/resume.py            # goes on, and ends

The run's id names the run; `resume="allow"` goes on with it if it is there.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import weft

CHECKPOINT = Path("resume-checkpoint.json")
N_STEPS = 100


def main() -> None:
    run = weft.init(project="examples", id="resumable", resume="allow")
    state: dict[str, Any] = {"step": 0, "loss": 1.0}
    if run.resumed:
        state = json.loads(CHECKPOINT.read_text())
    # The rows may be ahead of the last checkpoint: these steps are made, and logged, once more.
    for step in range(state["step"], N_STEPS):
        loss = state["loss"] = state["loss"] * 0.97
        run.log({"loss": loss}, step=step)
        if step % 10 == 9:
            CHECKPOINT.write_text(json.dumps({"step": step + 1, "loss": loss}))
        if step == N_STEPS // 2 and not run.resumed:
            sys.exit("the machine was taken away; run me again")
    CHECKPOINT.unlink()
    run.finish()


if __name__ == "__main__":
    main()
