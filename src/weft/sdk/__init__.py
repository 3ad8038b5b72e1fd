"""What the user's script touches.

The doors lie in this folder, and what they lead to in the folders below it:

    init, start             settle what a run is to be, and start it
        setup/              the settings, and every place that says something of them
        continuing/         what was before a run that is resumed, forked or rewound
    run, current, session   the run, the names that mean it, and what remembers it
        rows/               `log()`: from the user's dict to an encoded record for `weft.runlog`
        dicts/              config and summary, on the same log
        values/             what becomes of a value in any of them
        recording/          one process's part of a run: its directory, its logs, its upload
    exits, finish           end the run, however the process ends
        display/            what people see of it: printed lines, a notebook's cells
    reading/                `weft.Api`: runs read back

`guard` keeps weft's own faults out of the user's program, `attach` brings a run to another
process; `login`, `magic` and `wandb_calls` are further doors.

Nothing here does network input or output but `reading`, `login`, `continuing` and, at the end of a
run, the wait of `finish`; nothing loads numpy to import or to start a run.
"""

from __future__ import annotations

from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    # W&B's place of the class of runs, by which scripts annotate.
    if name == "wandb_run":
        from weft.sdk import run

        return run
    raise AttributeError(f"module 'weft.sdk' has no attribute {name!r}")
