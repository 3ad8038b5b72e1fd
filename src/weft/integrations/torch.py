"""PyTorch: traces of its profiler as files of the run.

Gradients, parameters and layers are `weft.watch`, learning rates `weft.autolog()`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from weft.integrations.shielding import active_run, shielded
from weft.integrations.versions import check_version

__all__ = ["trace_handler"]

FOLDER: Final = "pytorch_traces"


def trace_handler() -> Callable[[Any], None]:
    """A function for `torch.profiler.profile(on_trace_ready=…)` that saves each trace.

    A trace becomes the file `pytorch_traces/<time>.pt.trace.json.gz` of the active run, which
    https://ui.perfetto.dev and Chrome's `chrome://tracing` open.

    Raises:
        UsageError: no run is active.
        MissingLibrary: the installed PyTorch is too old.

    >>> import weft
    >>> with weft.init(mode="disabled"):
    ...     handler = trace_handler()
    """
    import torch

    check_version(torch)
    active_run("trace_handler()")
    return _save


@shielded
def _save(profile: Any) -> None:
    run = active_run("a trace of PyTorch's profiler")
    folder = Path(run.dir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{time.time_ns()}.pt.trace.json.gz"
    profile.export_chrome_trace(str(path))
    run.save(str(path), base_path=run.dir, policy="now")
