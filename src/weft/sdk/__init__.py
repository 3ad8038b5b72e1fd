"""Layer 3: what the user's script touches. Step 1 of a point's way begins here.

`init` settles what a run is to be: `precedence` asks every place that may say something, with the
checks of `settings`; `continuing` finds the run that it goes on with. `start` makes the
directory, the log and a `run.Run`; `session` remembers it for the module-level functions of
`current`. `log()` goes through `history`, which gives the row its step and time and hands an
encoded record to `weft.runlog.writer`. `config` and `summary` are observed dicts on the same log;
`values` decides what becomes of a value; `definitions` keeps what `define_metric` was told;
`guard` keeps weft's own faults out of the user's program; `exits` and `finish` end the run
however the process ends; `query` is the reading side, `weft.Api`.

Nothing here does network input or output but `query`, `login`, `continuing` and, at the end of a
run, the wait of `finish`; nothing imports numpy.
"""

from __future__ import annotations

from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    # W&B's place of the class of runs, by which scripts annotate.
    if name == "wandb_run":
        from weft.sdk import run

        return run
    raise AttributeError(f"module 'weft.sdk' has no attribute {name!r}")
