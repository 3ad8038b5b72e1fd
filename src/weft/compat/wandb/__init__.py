"""weft under the name of W&B's package, for frameworks that import `wandb` by themselves.

Every name of `weft` is here, and the submodules that frameworks import. `wandb.run`,
`wandb.config` and `wandb.summary` refer to the current run at each access, as in `weft`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import weft

if TYPE_CHECKING:
    from weft import *  # noqa: F403

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
    "gym": "wandb.integration.gym",
    "integration": "wandb.integration",
    "keras": "wandb.integration.keras",
    "lightgbm": "wandb.integration.lightgbm",
    "plot": "wandb.plot",
    "profiler": "wandb.profiler",
    "sdk": "wandb.sdk",
    "sklearn": "wandb.sklearn",
    "tensorboard": "wandb.integration.tensorboard",
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


class _Finder:
    """The finder of the modules below `wandb`. It names the remedy for what weft lacks.

    Each module counts as a package, so that Python looks for a missing name of it here, too:
    `from wandb.util import nonsense` says what `import wandb.nonsense` says.
    """

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith("wandb."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None:
            # Python runs no package as `python -m wandb`
            if spec.submodule_search_locations is None and not name.endswith(".__main__"):
                spec.submodule_search_locations = []
            if spec.origin is not None:
                spec.loader = _Loader(name, spec.origin)
            return spec
        if _is_question():
            return None
        from weft.sdk.setup.wandb_names import why_no_module

        # Without the name of the module, which would make `from wandb.sdk import x` go on
        raise ModuleNotFoundError(why_no_module(name.removeprefix("wandb.")))


class _Loader(SourceFileLoader):
    """The loader of these modules. They load what is below them at its first use, as all is
    loaded by `import wandb` of W&B's package, and say why a name is not there.
    """

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        if type(module) is ModuleType:
            module.__class__ = _Alias


class _Alias(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        try:
            return import_module(f"{self.__name__}.{name}")
        except ModuleNotFoundError as error:
            raise AttributeError(str(error)) from None


def _is_question() -> bool:
    """Whether `importlib.util.find_spec` asks for a module, and does not import it."""
    frame = sys._getframe(2).f_back
    return frame is not None and frame.f_code.co_name == "find_spec"


sys.modules[__name__].__class__ = _Wandb
sys.meta_path.insert(0, _Finder)  # type: ignore[arg-type]
