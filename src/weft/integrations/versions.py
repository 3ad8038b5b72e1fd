"""The versions of frameworks that integrations work with."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Final

import weft
from weft.errors import MissingLibrary

_VERSIONS: Final = {
    "catboost": ("1.0", "1"),
    "keras": ("2.10", "3"),
    "lightgbm": ("3.0", "4"),
    "lightning": ("2.0", "2"),
    "pytorch_lightning": ("2.0", "2"),
    "sklearn": ("1.3", "1"),
    "stable_baselines3": ("1.6", "2"),
    "torch": ("2.0", "2"),
    "transformers": ("4.30", "5"),
    "xgboost": ("1.3", "3"),
}
"""The oldest version that a framework's integration works with, and the newest major version that
it was tried with."""


def check_version(framework: ModuleType) -> None:
    """Refuse a framework that is too old, and warn of one that is newer than all that were tried.

    Raises:
        MissingLibrary: it is older than the integration's oldest version.
    """
    name, installed = framework.__name__, _installed(framework)
    oldest, newest = _VERSIONS[name]
    numbers = _numbers(installed)
    if not numbers:
        return
    if numbers < _numbers(oldest):
        raise MissingLibrary(
            f"weft {weft.__version__} needs {name} {oldest} or newer, and {installed} is installed"
        )
    if numbers[0] > int(newest):
        weft.termwarn(
            f"weft {weft.__version__} was tried with {name} up to version {newest}, and "
            f"{installed} is installed",
            repeat=False,
        )


def warn_of_version(feature: str, distribution: str, oldest: str) -> None:
    """Warn, naming both versions, that an integration does not know the installed library."""
    try:
        installed = version(distribution)
    except PackageNotFoundError:
        installed = "of an unknown version"
    weft.termwarn(
        f"{feature} has no effect: {distribution} {installed} has other classes than "
        f"{distribution} {oldest} and later, which it knows",
        repeat=False,
    )


def _installed(framework: ModuleType) -> str:
    """The version, also while the framework is being imported, or ""."""
    try:
        return str(getattr(framework, "__version__", None) or version(framework.__name__))
    except PackageNotFoundError:
        return ""


def _numbers(text: str) -> tuple[int, ...]:
    """The leading numbers of a version, without its suffix.

    >>> _numbers("2.13.0+cpu"), _numbers("3.0rc1"), _numbers("")
    ((2, 13, 0), (3, 0), ())
    """
    match = re.match(r"\d+(\.\d+)*", text)
    return tuple(map(int, match[0].split("."))) if match else ()
