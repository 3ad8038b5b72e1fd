"""Autologging on and off: which framework is patched by what, and when."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Final

import weft
from weft.integrations.autologging import (
    boosters,
    estimators,
    keras_models,
    lightning_trainers,
    optimizers,
    transformers_trainers,
)
from weft.integrations.autologging.fits import Fits, Options
from weft.integrations.patching import ImportHooks, Patches
from weft.integrations.shielding import warn_of
from weft.integrations.versions import check_version

_PATCHES: Final[dict[str, Callable[[ModuleType, Patches, Fits], None]]] = {
    "sklearn.base": estimators.patch,
    "xgboost.training": boosters.patch_train,
    "lightgbm.engine": boosters.patch_train,
    "catboost.core": boosters.patch_catboost,
    "keras": keras_models.patch,
    "lightning.pytorch.trainer.trainer": lightning_trainers.patch,
    "pytorch_lightning.trainer.trainer": lightning_trainers.patch,
    "transformers.trainer": transformers_trainers.patch,
    "torch.optim.optimizer": optimizers.patch,
}
"""Functions that patch a framework, by the module after whose import they are called."""

_SUMMARY: Final = (
    "autolog is on: fits of scikit-learn, XGBoost, LightGBM, CatBoost, Keras, Lightning and "
    "Transformers log parameters, metrics{models}; optimizers of PyTorch their learning rates"
)

_lock = threading.Lock()
_active: list[tuple[ImportHooks, Patches]] = []


def turn_on(*, log_models: bool, exclusive: bool, silent: bool) -> None:
    """Patch the frameworks that are imported, and the others when they are; see `weft.autolog`."""
    with _lock:
        fits, patches = Fits(Options(log_models, exclusive)), Patches()
        patches.on_removal(fits.stop)
        hooks = ImportHooks({name: partial(_patch, name, patches, fits) for name in _PATCHES})
        _active.append((hooks, patches))
        hooks.install()
    if not silent:
        weft.termlog(_SUMMARY.format(models=" and models" if log_models else ""))


def turn_off() -> None:
    """Take all patches off."""
    with _lock:
        while _active:
            hooks, patches = _active.pop()
            hooks.remove()
            patches.remove()


def _patch(name: str, patches: Patches, fits: Fits, module: ModuleType) -> None:
    try:
        check_version(sys.modules[name.partition(".")[0]])
        _PATCHES[name](module, patches, fits)
    except Exception as error:  # noqa: BLE001  of whatever kind, the import goes on
        warn_of(error, f"autolog of {name.partition('.')[0]}")
