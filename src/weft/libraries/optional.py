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


class _Lacking(type):
    """The type of a class that can't be imported: its call, and each name in it, says why."""

    error: MissingLibrary

    def __call__(cls, *_args: object, **_values: object) -> Any:
        raise MissingLibrary(*cls.error.args) from cls.error

    def __getattr__(cls, name: str) -> Any:
        raise AttributeError(str(cls.error))


def stand_in(name: str, error: MissingLibrary) -> type:
    """A class in the place of one whose library is missing: `from weft import *`, annotations and
    `isinstance` take it, and only its call raises MissingLibrary.

    >>> Table = stand_in("Table", MissingLibrary("a table needs numpy: pip install numpy"))
    >>> isinstance([], Table)
    False
    >>> Table(columns=["a"])
    Traceback (most recent call last):
    weft.errors.MissingLibrary: a table needs numpy: pip install numpy
    """
    return _Lacking(name, (), {"error": error})


def public_name(module: str, name: str) -> Any:
    """Import a name from a module of ours; `stand_in` if the module needs a missing library."""
    try:
        return getattr(import_module(module), name)
    except MissingLibrary as error:
        return stand_in(name, error)


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
