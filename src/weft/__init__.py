"""weft: open, self-hosted experiment tracking.

    import weft

    run = weft.init(project="mnist", config={"lr": 0.1})
    run.log({"loss": 0.5})
    run.finish()

The names in this module and in `weft.errors` are the whole public API. Names are loaded when they
are first used, so `import weft` costs nothing. `weft.run`, `weft.config` and `weft.summary` refer
to the current run at each access.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weft import errors as errors
    from weft.errors import CommError as CommError
    from weft.errors import Error as Error
    from weft.errors import UsageError as UsageError
    from weft.sdk import wandb_calls as util
    from weft.sdk.current import alert as alert
    from weft.sdk.current import attach as attach
    from weft.sdk.current import define_metric as define_metric
    from weft.sdk.current import finish as finish
    from weft.sdk.current import finish as join
    from weft.sdk.current import log as log
    from weft.sdk.current import mark_preempting as mark_preempting
    from weft.sdk.current import pin_config_keys as pin_config_keys
    from weft.sdk.current import setup as setup
    from weft.sdk.current import teardown as teardown
    from weft.sdk.dicts.config import Config as Config
    from weft.sdk.dicts.summary import Summary
    from weft.sdk.init import init as init
    from weft.sdk.login import login as login
    from weft.sdk.reading.api import Api as Api
    from weft.sdk.recording.alert import AlertLevel as AlertLevel
    from weft.sdk.run import Run as Run
    from weft.sdk.setup.settings import Settings as Settings
    from weft.sdk.wandb_calls import ensure_configured as ensure_configured
    from weft.sdk.wandb_calls import require as require
    from weft.sdk.wandb_calls import termerror as termerror
    from weft.sdk.wandb_calls import termlog as termlog
    from weft.sdk.wandb_calls import termwarn as termwarn
    from weft.version import VERSION as __version__

    config: Config
    run: Run | None
    summary: Summary

__all__ = [
    "AlertLevel",
    "Api",
    "CommError",
    "Config",
    "Error",
    "Run",
    "Settings",
    "UsageError",
    "__version__",
    "alert",
    "attach",
    "config",
    "define_metric",
    "ensure_configured",
    "errors",
    "finish",
    "init",
    "join",
    "log",
    "login",
    "mark_preempting",
    "pin_config_keys",
    "require",
    "run",
    "setup",
    "summary",
    "teardown",
    "termerror",
    "termlog",
    "termwarn",
    "util",
]

_HOMES = {
    "AlertLevel": "weft.sdk.recording.alert",
    "Api": "weft.sdk.reading.api",
    "CommError": "weft.errors",
    "Config": "weft.sdk.dicts.config",
    "Error": "weft.errors",
    "Run": "weft.sdk.run",
    "Settings": "weft.sdk.setup.settings",
    "UsageError": "weft.errors",
    "alert": "weft.sdk.current",
    "attach": "weft.sdk.current",
    "define_metric": "weft.sdk.current",
    "ensure_configured": "weft.sdk.wandb_calls",
    "errors": "weft.errors:",
    "finish": "weft.sdk.current",
    "init": "weft.sdk.init",
    "join": "weft.sdk.current:finish",
    "log": "weft.sdk.current",
    "login": "weft.sdk.login",
    "mark_preempting": "weft.sdk.current",
    "pin_config_keys": "weft.sdk.current",
    "require": "weft.sdk.wandb_calls",
    "setup": "weft.sdk.current",
    "teardown": "weft.sdk.current",
    "termerror": "weft.sdk.wandb_calls",
    "termlog": "weft.sdk.wandb_calls",
    "termwarn": "weft.sdk.wandb_calls",
    "util": "weft.sdk.wandb_calls:",
    "__version__": "weft.version:VERSION",
    "_magic": "weft.sdk.magic:",
    # Scripts for W&B annotate with `wandb.apis.public.Run`.
    "apis": "weft.sdk.reading.apis:",
    # Scripts for W&B annotate with `wandb.sdk.wandb_run.Run`, and with its two older paths.
    "sdk": "weft.sdk:",
    "wandb_run": "weft.sdk.run:",
    "wandb_sdk": "weft.sdk:",
}
"""Where a name is defined: `module`, `module:its name there`, or `module:` for the module."""

_OF_THE_RUN = frozenset({"run", "config", "summary"})


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _OF_THE_RUN:
        return import_module("weft.sdk.current").current(name)
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(import_module("weft.sdk.setup.wandb_names").why_missing(name))
    place, mark, other = home.partition(":")
    module = _import_without_collecting(place)
    value = module if mark and not other else getattr(module, other or name)
    globals()[name] = value
    return value


def _import_without_collecting(place: str) -> ModuleType:
    """Import with garbage collection off: it would free nothing, yet scan PyTorch and NumPy."""
    import gc
    from importlib import import_module

    if not gc.isenabled():
        return import_module(place)
    gc.disable()
    try:
        return import_module(place)
    finally:
        gc.enable()


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


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
