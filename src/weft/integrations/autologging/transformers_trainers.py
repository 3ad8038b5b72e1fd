"""Trainings of Transformers' `Trainer`: what it logs, its arguments, the model."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

import weft
from weft.integrations.autologging.fits import Call, Fit, Fits, Training, logged_method
from weft.integrations.autologging.models import log_written
from weft.integrations.patching import PatchedMethod, Patches
from weft.integrations.shielding import shielded

_STEP = "train/global_step"


def patch(module: ModuleType, patches: Patches, fits: Fits) -> None:
    """Log `train` of `transformers.Trainer` and the classes derived from it."""
    logged = logged_method(fits, "transformers", _TrainerTraining())

    def around(
        method: Any, instance: Any, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        if not instance.is_world_process_zero() or _logs_already(instance):
            return method(instance, *arguments, **options)
        return logged(method, instance, arguments, options)

    patches.replace(module.Trainer, "train", PatchedMethod(module.Trainer.train, around))


def _logs_already(trainer: Any) -> bool:
    """Whether Transformers' own callback logs to weft, by the package `wandb` over it."""
    return any(
        type(callback).__name__ == "WandbCallback"
        and "+weft" in str(getattr(import_module("wandb"), "__version__", ""))
        for callback in trainer.callback_handler.callbacks
    )


def _rows_callback() -> Any:
    callback_class: Any = import_module("transformers.trainer_callback").TrainerCallback

    class Rows(callback_class):
        @shielded
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ARG002
            run = weft.run
            if run is None or not state.is_world_process_zero:
                return
            row = {_key(name): value for name, value in logs.items()}
            run.log({**row, _STEP: state.global_step})

    return Rows()


def _key(name: str) -> str:
    """The key of a metric as Transformers' own loggers write it: `eval/loss`, `train/loss`."""
    for part in ("eval", "test"):
        if name.startswith(f"{part}_"):
            return f"{part}/{name.removeprefix(f'{part}_')}"
    return f"train/{name}"


class _TrainerTraining(Training):
    def before(self, fit: Fit, call: Call) -> None:
        trainer = call.instance
        model_config = getattr(trainer.model, "config", None)
        if model_config is not None:
            fit.log_config(model_config.to_dict())
        fit.log_config(trainer.args.to_dict())
        for part in ("train", "eval"):
            fit.run.define_metric(f"{part}/*", step_metric=_STEP)
        fit.state["callback"] = _rows_callback()
        trainer.add_callback(fit.state["callback"])

    def after(self, fit: Fit, call: Call, result: Any) -> None:  # noqa: ARG002
        trainer = call.instance
        if fit.options.log_models:
            size = sum(each.numel() * each.element_size() for each in trainer.model.parameters())
            log_written(fit, "model", trainer.save_model, size)

    def undo(self, fit: Fit, call: Call) -> None:
        if "callback" in fit.state:
            call.instance.remove_callback(fit.state["callback"])
