"""Methods of frameworks, replaced while an integration is on, in modules imported now or later."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

import weft
from weft.integrations.autologging.patching import ImportHooks, Patches


class Replacements:
    """The functions that one integration replaces."""

    def __init__(self) -> None:
        self._hooks: ImportHooks | None = None
        self._patches = Patches()

    def begin(self, changes: Mapping[str, Callable[[ModuleType], None]]) -> None:
        """Call a function with each module, by its name, once it is imported."""
        if self._hooks is None:
            self._hooks = ImportHooks(changes)
            self._hooks.install()

    def end(self) -> None:
        """Put the original functions back."""
        if self._hooks is not None:
            self._hooks.remove()
            self._hooks = None
        self._patches.remove()

    def replace(self, owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        """Replace an attribute that is a function by the one that `wrap` makes of it."""
        original = getattr(owner, name)
        self._patches.replace(owner, name, functools.wraps(original)(wrap(original)))


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
