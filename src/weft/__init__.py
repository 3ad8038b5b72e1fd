"""weft: open, self-hosted experiment tracking.

    import weft

    run = weft.init(project="mnist", config={"lr": 0.1})
    run.log({"loss": 0.5})
    run.finish()

This is the whole public API, with `weft.errors`; nothing else is. Names are loaded when they are
first used, so `import weft` costs nothing, and `weft.run`, `weft.config` and `weft.summary` are
those of the current run at each access.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weft.sdk.config import Config
    from weft.sdk.current import finish as finish
    from weft.sdk.current import log as log
    from weft.sdk.init import init as init
    from weft.sdk.query import Api as Api
    from weft.sdk.run import Run as Run
    from weft.sdk.settings import Settings as Settings
    from weft.sdk.summary import Summary

    config: Config
    run: Run | None
    summary: Summary

__version__ = "0.1.0"

__all__ = [
    "Api",
    "Run",
    "Settings",
    "__version__",
    "config",
    "finish",
    "init",
    "log",
    "run",
    "summary",
]

_HOMES = {
    "Api": "weft.sdk.query",
    "Run": "weft.sdk.run",
    "Settings": "weft.sdk.settings",
    "finish": "weft.sdk.current",
    "init": "weft.sdk.init",
    "log": "weft.sdk.current",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in {"run", "config", "summary"}:
        return import_module("weft.sdk.current").current(name)
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'weft' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
