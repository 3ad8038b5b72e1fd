"""weft: open, self-hosted experiment tracking.

    import weft

    run = weft.init(project="mnist", config={"lr": 0.1})
    run.log({"loss": 0.5})
    run.finish()

The names in this module, and in `weft.data_types`, `weft.errors`, `weft.plot`, `weft.reports` and
`weft.workspaces`, are the whole public API. Names are loaded when they are first used, so `import
weft` costs nothing. `weft.run`, `weft.config` and `weft.summary` refer to the current run at each
access.
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False  # of `typing`, whose import takes longer than all the rest of this module
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from weft import data_types as data_types
    from weft import errors as errors
    from weft import plot as plot
    from weft import reports as reports
    from weft import workspaces as workspaces
    from weft.errors import CommError as CommError
    from weft.errors import Error as Error
    from weft.errors import UsageError as UsageError
    from weft.sdk import wandb_calls
    from weft.sdk.artifacts.artifact import Artifact as Artifact
    from weft.sdk.artifacts.ttl import ArtifactTTL as ArtifactTTL
    from weft.sdk.autolog import autolog as autolog
    from weft.sdk.current import alert as alert
    from weft.sdk.current import attach as attach
    from weft.sdk.current import define_metric as define_metric
    from weft.sdk.current import finish as finish
    from weft.sdk.current import link_model as link_model
    from weft.sdk.current import log as log
    from weft.sdk.current import log_artifact as log_artifact
    from weft.sdk.current import log_code as log_code
    from weft.sdk.current import log_model as log_model
    from weft.sdk.current import mark_preempting as mark_preempting
    from weft.sdk.current import pin_config_keys as pin_config_keys
    from weft.sdk.current import save as save
    from weft.sdk.current import setup as setup
    from weft.sdk.current import teardown as teardown
    from weft.sdk.current import unwatch as unwatch
    from weft.sdk.current import use_artifact as use_artifact
    from weft.sdk.current import use_model as use_model
    from weft.sdk.current import watch as watch
    from weft.sdk.dicts.config import Config as Config
    from weft.sdk.dicts.summary import Summary
    from weft.sdk.init import init as init
    from weft.sdk.login import login as login
    from weft.sdk.media.class_labels import Classes as Classes
    from weft.sdk.media.classes import *  # noqa: F403
    from weft.sdk.media.object3d import box3d as box3d
    from weft.sdk.plot.charts import plot_table as plot_table
    from weft.sdk.plot.charts import visualize as visualize
    from weft.sdk.reading.api import Api as Api
    from weft.sdk.recording.alert import AlertLevel as AlertLevel
    from weft.sdk.restore import restore as restore
    from weft.sdk.run import Run as Run
    from weft.sdk.setup.settings import Settings as Settings
    from weft.sdk.sweeps.agent import agent as agent
    from weft.sdk.sweeps.creating import sweep as sweep
    from weft.sdk.wandb_calls import ensure_configured as ensure_configured
    from weft.sdk.wandb_calls import require as require
    from weft.sdk.wandb_calls import termerror as termerror
    from weft.sdk.wandb_calls import termlog as termlog
    from weft.sdk.wandb_calls import termwarn as termwarn
    from weft.sdk.wandb_package import install_as_wandb as install_as_wandb

    __version__: str
    config: Config
    join = finish
    run: Run | None
    summary: Summary
    sync_tensorboard: Callable[[], None]
    # Not imported, as integrations import this module.
    tensorboard: ModuleType
    util = wandb_calls


_HOMES = {
    "AlertLevel": "weft.sdk.recording.alert",
    "Api": "weft.sdk.reading.api",
    "Artifact": "weft.sdk.artifacts.artifact",
    "ArtifactTTL": "weft.sdk.artifacts.ttl",
    "Classes": "weft.sdk.media.class_labels",
    "CommError": "weft.errors",
    "Config": "weft.sdk.dicts.config",
    "Error": "weft.errors",
    "Run": "weft.sdk.run",
    "Settings": "weft.sdk.setup.settings",
    "UsageError": "weft.errors",
    "agent": "weft.sdk.sweeps.agent",
    "alert": "weft.sdk.current",
    "attach": "weft.sdk.current",
    "autolog": "weft.sdk.autolog",
    "box3d": "weft.sdk.media.object3d",
    "data_types": "weft.data_types:",
    "define_metric": "weft.sdk.current",
    "ensure_configured": "weft.sdk.wandb_calls",
    "errors": "weft.errors:",
    "finish": "weft.sdk.current",
    "init": "weft.sdk.init",
    "install_as_wandb": "weft.sdk.wandb_package",
    "join": "weft.sdk.current:finish",
    "link_model": "weft.sdk.current",
    "log": "weft.sdk.current",
    "log_artifact": "weft.sdk.current",
    "log_code": "weft.sdk.current",
    "log_model": "weft.sdk.current",
    "login": "weft.sdk.login",
    "mark_preempting": "weft.sdk.current",
    "pin_config_keys": "weft.sdk.current",
    "plot": "weft.plot:",
    "plot_table": "weft.sdk.plot.charts",
    "reports": "weft.reports:",
    "require": "weft.sdk.wandb_calls",
    "restore": "weft.sdk.restore",
    "save": "weft.sdk.current",
    "setup": "weft.sdk.current",
    "sweep": "weft.sdk.sweeps.creating",
    "sync_tensorboard": "weft.integrations.tensorboard",
    "teardown": "weft.sdk.current",
    "tensorboard": "weft.integrations.tensorboard:",
    "termerror": "weft.sdk.wandb_calls",
    "termlog": "weft.sdk.wandb_calls",
    "termwarn": "weft.sdk.wandb_calls",
    "unwatch": "weft.sdk.current",
    "use_artifact": "weft.sdk.current",
    "use_model": "weft.sdk.current",
    "util": "weft.sdk.wandb_calls:",
    "visualize": "weft.sdk.plot.charts",
    "watch": "weft.sdk.current",
    "workspaces": "weft.workspaces:",
    "__version__": "weft.version:VERSION",
}
"""The home of each name: `module`, `module:its name there`, or `module:` for the module. The
classes of media kinds are in `weft.records.files.media_kinds`."""

_UNLISTED = {
    "_magic": "weft.sdk.magic:",
    # Scripts for W&B annotate with `wandb.apis.public.Run`.
    "apis": "weft.apis:",
    # They call `wandb.sklearn.plot_classifier()` and `wandb.keras.WandbMetricsLogger()`.
    "catboost": "weft.integrations.catboost:",
    "keras": "weft.integrations.keras:",
    "lightgbm": "weft.integrations.lightgbm:",
    "sklearn": "weft.integrations.sklearn:",
    "xgboost": "weft.integrations.xgboost:",
    # They annotate with `wandb.sdk.wandb_run.Run`, and with its two older paths.
    "sdk": "weft.sdk:",
    "wandb_run": "weft.sdk.run:",
    "wandb_sdk": "weft.sdk:",
}
"""As `_HOMES`; names that `__all__` leaves out."""

_OF_THE_RUN = frozenset({"run", "config", "summary"})


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _OF_THE_RUN:
        return import_module("weft.sdk.current").current(name)
    if name == "__all__":
        return sorted({*_HOMES, *_media_classes(), *_OF_THE_RUN})
    home = _HOMES.get(name) or _UNLISTED.get(name) or _media_classes().get(name)
    if home is None:
        raise AttributeError(import_module("weft.sdk.setup.wandb_names").why_missing(name))
    module_name, mark, other = home.partition(":")
    is_module = mark and not other
    try:
        module = _import_without_collecting(module_name)
    except ImportError as error:
        if is_module or getattr(error, "code", "") != "missing_library":
            raise
        # Not stored: the name is there once the library is
        return import_module("weft.libraries.optional").stand_in(name, error)
    value = module if is_module else getattr(module, other or name)
    globals()[name] = value
    return value


def _media_classes() -> Mapping[str, str]:
    from weft.records.files.media_kinds import CLASS_HOMES

    return CLASS_HOMES


def _import_without_collecting(name: str) -> ModuleType:
    """Import with garbage collection off, which would free nothing, yet scan PyTorch and NumPy.

    The new objects then join the oldest generation: modules live as long as the process. In the
    youngest one, the next two collections would scan them, for a fifth of the time of `init`.
    """
    import gc

    from weft.libraries.quick_imports import import_quickly

    # Of what is frozen, the count below takes the time of a collection.
    if name in sys.modules or not gc.isenabled():
        return import_quickly(name)
    gc.disable()
    try:
        return import_quickly(name)
    finally:
        if not gc.get_freeze_count():  # `unfreeze` would undo a script's own `gc.freeze()`
            gc.freeze()
            gc.unfreeze()
        gc.enable()


def __dir__() -> list[str]:
    # Without the inner modules: Python would suggest one of them for a name that is missing.
    own = {name for name, value in globals().items() if not isinstance(value, ModuleType)}
    return sorted({*own, *__getattr__("__all__")})


class _Weft(ModuleType):
    """This module's class: it makes `weft.config = {...}` change the run's config, not hide it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OF_THE_RUN:
            from importlib import import_module

            import_module("weft.sdk.current").assign(name, value)
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        # `mock.patch("weft.run")` ends with this.
        if name in _OF_THE_RUN:
            from importlib import import_module

            import_module("weft.sdk.current").unassign(name)
        else:
            super().__delattr__(name)


sys.modules[__name__].__class__ = _Weft

if "IPython" in sys.modules:
    # Here and not in `init`, so that `%%weft` works in the cell that starts the first run.
    __getattr__("_magic").register()
