"""Lightning's logged metrics as rows: a logger that a callback adds for the time of a fit.

The callback adds it once the folder of checkpoints is chosen, which depends on the loggers.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import weft
from weft.integrations.shielding import shielded

STEP = "trainer/global_step"


def rows_callback(package: str) -> Any:
    """A callback for a Trainer of a package of Lightning."""
    callback_class: Any = import_module(package).Callback
    logger_class: Any = import_module(f"{package}.loggers.logger").DummyLogger

    class Rows(logger_class):
        """A logger that also answers whatever a module asks of its logger."""

        def __init__(self) -> None:
            super().__init__()
            self._keys: set[str] = set()

        @shielded
        def log_metrics(self, metrics: dict[str, Any], step: int | None = None) -> None:
            run = weft.run
            if run is None:  # another process of the training
                return
            for key in metrics.keys() - self._keys:
                self._keys.add(key)
                run.define_metric(key, step_metric=STEP)
            run.log({**metrics, STEP: step})

    class AddRows(callback_class):
        @shielded
        def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
            trainer.loggers = [*trainer.loggers, Rows()]
            if weft.run is not None:
                weft.run.config.setdefaults(dict(pl_module.hparams))

    return AddRows()
