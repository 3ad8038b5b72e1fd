"""A training that may be killed at any moment and continues from its last checkpoint.

    python examples/resume.py            # dies half way
    python examples/resume.py            # continues, and ends

The checkpoint names the run and the step. `resume_from` goes back to that step: rows that the run
logged after the checkpoint no longer count, so no step has two values.
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
    if CHECKPOINT.exists():
        state: dict[str, Any] = json.loads(CHECKPOINT.read_text())
        run = weft.init(project="examples", resume_from=f"{state['run']}?_step={state['step']}")
    else:
        run = weft.init(project="examples")
        state = {"run": run.id, "step": -1, "loss": 1.0}
    for step in range(state["step"] + 1, N_STEPS):
        state["loss"] *= 0.97
        state["step"] = step
        run.log({"loss": state["loss"]}, step=step)
        if step % 10 == 9:
            CHECKPOINT.write_text(json.dumps(state))
        if step == N_STEPS // 2 and not run.resumed:
            sys.exit("the machine was taken away; run me again")
    CHECKPOINT.unlink()
    run.finish()


if __name__ == "__main__":
    main()
