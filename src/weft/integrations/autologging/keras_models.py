"""Trainings of Keras's models: metrics of each epoch, the optimizer's settings, the model."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from weft.integrations.autologging.fits import Call, Fit, Fits, Training, logged_method
from weft.integrations.autologging.models import log_written
from weft.integrations.patching import PatchedMethod, Patches

_BYTES_OF_A_WEIGHT = 4


def patch(module: ModuleType, patches: Patches, fits: Fits) -> None:
    """Log `fit` of `keras.Model` and the classes derived from it."""
    around = logged_method(fits, "keras", _ModelTraining())
    patches.replace(module.Model, "fit", PatchedMethod(module.Model.fit, around))


class _ModelTraining(Training):
    def before(self, fit: Fit, call: Call) -> None:
        from weft.integrations.keras import MetricsLogger

        bound = inspect.signature(call.function).bind(*call.arguments, **call.options)
        arguments = bound.arguments
        settings = {
            name: arguments[name]
            for name in ("epochs", "batch_size", "steps_per_epoch", "validation_split")
            if name in arguments
        }
        optimizer = getattr(call.instance, "optimizer", None)
        if optimizer is not None:
            settings |= {
                f"optimizer_{key}": value for key, value in optimizer.get_config().items()
            }
        loss = getattr(call.instance, "loss", None)
        if loss is not None:
            settings["loss"] = loss if isinstance(loss, str) else getattr(loss, "name", str(loss))
        fit.log_config({"model_name": type(call.instance).__name__, **settings})
        callbacks = arguments.get("callbacks")
        if callbacks is None or isinstance(callbacks, list | tuple):
            if not any(isinstance(callback, MetricsLogger) for callback in callbacks or ()):
                arguments["callbacks"] = [*(callbacks or ()), MetricsLogger()]
            call.arguments, call.options = bound.args, bound.kwargs
        else:  # a CallbackList of the script
            fit.state["needs_history"] = True

    def after(self, fit: Fit, call: Call, result: Any) -> None:
        if fit.state.get("needs_history"):
            for epoch, values in enumerate(zip(*result.history.values(), strict=True)):
                row = dict(zip(result.history, values, strict=True))
                fit.run.log(
                    {f"epoch/{key}": value for key, value in row.items()} | {"epoch/epoch": epoch}
                )
        model = call.instance
        fit.log_config({"n_parameters": model.count_params()})
        if fit.options.log_models:
            size = model.count_params() * _BYTES_OF_A_WEIGHT
            log_written(fit, "model.keras", model.save, size)
