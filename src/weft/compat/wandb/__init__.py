"""weft under the name of W&B's package, for frameworks that import `wandb` by themselves.

Every name of `weft` is here, and the submodules that frameworks import. `wandb.run`,
`wandb.config` and `wandb.summary` refer to the current run at each access, as in `weft`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

import weft

__version__ = "0.31.0+weft"

patched: dict[str, list[Any]] = {"tensorboard": [], "keras": [], "gym": []}
"""Functions that integrations have replaced; W&B's `tensorboard.unpatch` reads it."""

_OF_THE_RUN: Final = frozenset({"run", "config", "summary"})
_MODULES: Final = {
    "apis": "wandb.apis",
    "catboost": "wandb.integration.catboost",
    "data_types": "wandb.data_types",
    "env": "wandb.env",
    "errors": "wandb.errors",
    "integration": "wandb.integration",
    "keras": "wandb.integration.keras",
    "lightgbm": "wandb.integration.lightgbm",
    "plot": "wandb.plot",
    "sdk": "wandb.sdk",
    "sklearn": "wandb.sklearn",
    "util": "wandb.util",
    "wandb_lib": "wandb.sdk.lib",
    "wandb_run": "wandb.wandb_run",
    "wandb_sdk": "wandb.sdk",
    "xgboost": "wandb.integration.xgboost",
}


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return weft.__all__
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name == "api":
        return import_module("wandb.apis.internal").Api()
    if name in {"_attach", "_teardown"}:
        return getattr(weft, name.removeprefix("_"))
    return getattr(weft, name)


def __dir__() -> list[str]:
    return sorted({*dir(weft), *_MODULES, "api", "patched"})


class _Wandb(ModuleType):
    """This module's class: `wandb.config = {...}` changes the config of the run."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OF_THE_RUN:
            setattr(weft, name, value)
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if name in _OF_THE_RUN:
            delattr(weft, name)
        else:
            super().__delattr__(name)


class _MissingModules:
    """The last finder of modules. It names the remedy for W&B's modules that weft lacks."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name.startswith("wandb."):
            from weft.sdk.setup.wandb_names import why_no_module

            raise ModuleNotFoundError(why_no_module(name.removeprefix("wandb.")), name=name)


sys.modules[__name__].__class__ = _Wandb
sys.meta_path.append(_MissingModules)  # type: ignore[arg-type]
