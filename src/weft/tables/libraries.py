"""Imports the table libraries, which the user has to install. No other I/O."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from weft.errors import MissingLibrary

_COMMANDS: Final = {
    "pandas": "pip install pandas pyarrow",
    "polars": "pip install polars",
    "pyarrow": "pip install pyarrow",
}


def needed(library: str, purpose: str) -> Any:
    """Import `pandas`, `polars` or `pyarrow`; MissingLibrary says how to install it.

    `purpose` is what it is needed for, as in "a table of rows".
    """
    try:
        return import_module(library)
    except ImportError as error:
        command = _COMMANDS.get(library, f"pip install {library}")
        raise MissingLibrary(
            f"{purpose} needs {library}, which can't be imported ({error}): {command}"
        ) from error
