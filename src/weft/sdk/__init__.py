"""The Python library that a user's script calls.

The entry points are in this folder, and the code behind them in the folders below it:

    init, start             read the settings of a run and start it
        setup/              the settings and all their sources
        continuing/         the earlier state of a run that is resumed, forked or rewound
    run, current, session   the run, the module-level names for it, the list of active runs
        rows/               `log()`: from the user's dict to an encoded record for `weft.runlog`
        dicts/              config and summary, in the same log
        watching/           histograms of the gradients of PyTorch's models
        media/              images, sounds and other values that become files
        values/             how a value of any type is converted
        recording/          one process's part of a run: its directory, its logs, its upload
        console/            printed lines, as a terminal would show them
        plot/               charts as tables with a specification
        artifacts/          versioned sets of files
    sweeps/                 sweeps and their agents
    exits, cells, finish    end the run, however the process or its cell ends
        display/            output for people: printed lines, a notebook's cells
    reading/                `weft.Api`: reads runs back

`guard` keeps weft's own faults out of the user's program, and `attach` passes a run to another
process. `login`, `magic`, `wandb_calls` and `wandb_package` are further entry
points.

Besides `artifacts`, `sweeps`, `reading`, `login`, `continuing`, `setup/entity_check` and, at the
end of a run, `finish`, nothing uses the network. Importing weft and starting a run don't load
numpy.
"""

from __future__ import annotations

from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    # W&B's path to its run class, which scripts use in annotations.
    if name == "wandb_run":
        from weft.sdk import run

        return run
    raise AttributeError(f"module 'weft.sdk' has no attribute {name!r}")
