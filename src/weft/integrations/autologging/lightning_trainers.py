"""Trainings of Lightning: what modules log, hyperparameters, the best checkpoint."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from weft.integrations.autologging.fits import Call, Fit, Fits, Training, logged_method
from weft.integrations.autologging.models import log_checkpoint
from weft.integrations.patching import PatchedMethod, Patches


def patch(module: ModuleType, patches: Patches, fits: Fits) -> None:
    """Log `fit` of the class `Trainer` in a module of `lightning` or `pytorch_lightning`."""
    package = module.__name__.removesuffix(".trainer.trainer")
    logged = logged_method(fits, "lightning", _TrainerTraining(package))

    def around(
        method: Any, instance: Any, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        # Of several processes the first one logs.
        is_logged = instance.is_global_zero and not _logs_already(instance)
        if not is_logged:
            return method(instance, *arguments, **options)
        return logged(method, instance, arguments, options)

    patches.replace(module.Trainer, "fit", PatchedMethod(module.Trainer.fit, around))


def _logs_already(trainer: Any) -> bool:
    """Whether Lightning's own logger logs to weft, by the package `wandb` over it."""
    return any(
        type(logger).__name__ == "WandbLogger" and "+weft" in _version_of_wandb()
        for logger in trainer.loggers
    )


def _version_of_wandb() -> str:
    return str(getattr(import_module("wandb"), "__version__", ""))


class _TrainerTraining(Training):
    def __init__(self, package: str) -> None:
        self._package = package

    def before(self, fit: Fit, call: Call) -> None:
        from weft.integrations.autologging.lightning_rows import rows_callback

        trainer = call.instance
        fit.state["loggers"] = list(trainer.loggers)
        callback = rows_callback(self._package)
        trainer.callbacks.append(callback)
        fit.state["callback"] = callback
        fit.log_config({"max_epochs": trainer.max_epochs, "max_steps": trainer.max_steps})

    def after(self, fit: Fit, call: Call, result: Any) -> None:  # noqa: ARG002
        checkpoints = call.instance.checkpoint_callback
        best = getattr(checkpoints, "best_model_path", "")
        if fit.options.log_models and best:
            log_checkpoint(fit, best)

    def undo(self, fit: Fit, call: Call) -> None:
        trainer = call.instance
        if "callback" in fit.state:
            trainer.callbacks.remove(fit.state["callback"])
            trainer.loggers = fit.state["loggers"]
