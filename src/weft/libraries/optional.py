"""Imports libraries that the user has to install, or says how. No other I/O."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from weft.errors import MissingLibrary

_COMMANDS: Final = {
    "PIL": "pip install pillow",
    "optuna": "pip install 'optuna>=3' cmaes scipy",
    "pandas": "pip install pandas pyarrow",
}
_NAMES: Final = {"PIL": "Pillow"}

_SERVER_COMMAND: Final = "pip install 'weft[server]'"


def needed(library: str, purpose: str) -> Any:
    """Import a library, such as `pandas`; MissingLibrary says how to install it.

    `purpose` is what it is needed for, as in "a table of rows".
    """
    try:
        return import_module(library)
    except ImportError as error:
        package = library.partition(".")[0]
        command = _COMMANDS.get(package, f"pip install {package}")
        raise MissingLibrary(
            f"{purpose} needs {_NAMES.get(package, package)}, which can't be imported ({error}): "
            f"{command}"
        ) from error


@cache
def need(library: str, purpose: str) -> None:
    """MissingLibrary if a library is not installed; does not import it."""
    if find_spec(library) is None:
        needed(library, purpose)


def has_server() -> bool:
    """Whether the package of the server is installed."""
    spec = find_spec("weft.server")
    # Without a file it is what an uninstall left: a folder of files that weft did not install.
    return spec is not None and spec.origin is not None


def need_server(purpose: str) -> None:
    """MissingLibrary if the package of the server is not installed.

    >>> need_server("weft.Api(DIR)")
    """
    if not has_server():
        raise MissingLibrary(
            f"{purpose} needs the server, which is not installed here: {_SERVER_COMMAND}"
        )
