"""Imports modules whose msgspec does without `typing_extensions`. No other I/O.

msgspec takes two functions from `typing_extensions` where it is installed, and the same ones from
`typing` where it is not. `typing_extensions` brings `inspect`, `ast` and `tokenize`, a sixth of
the time of a first `init()`.
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False  # of `typing`, which `weft.version` and others need not wait for
if TYPE_CHECKING:
    from types import FrameType, ModuleType

_HIDDEN = "typing_extensions"
_HIDDEN_FROM = "msgspec._utils"


class _Finder:
    """A finder of `sys.meta_path` by which one module is missing, for one importing module."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        del path, target
        if name == _HIDDEN and _importing_module() == _HIDDEN_FROM:
            raise ModuleNotFoundError(f"{_HIDDEN} is hidden from {_HIDDEN_FROM}", name=name)


def _importing_module() -> str:
    """The name of the module whose import statement calls the finder that calls this."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if not name.startswith("importlib."):
            return name
        frame = frame.f_back
    return ""


def import_quickly(name: str) -> ModuleType:
    """Import a module of ours. Imports of other modules and threads are as always.

    Before Python 3.11 the two libraries' functions differ, and a user of msgspec may rely on them.
    """
    if "msgspec" in sys.modules or _HIDDEN in sys.modules or sys.version_info < (3, 11):
        return import_module(name)
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        return import_module(name)
    finally:
        sys.meta_path.remove(finder)
