"""Imports our modules without what other modules import and a first `init()` does not use.

msgspec takes two functions from `typing_extensions` where it is installed, and the same ones from
`typing` where it is not. `typing_extensions` brings `inspect`, `ast` and `tokenize`, a sixth of
the time of a first `init()`. Other modules are late: they are loaded when a name in them is first
read. Our own modules are found by their names alone: Python's search looks at each folder and
tries five endings for each of a hundred modules. No other I/O.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock  # `threading` would be most of this module's time
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False  # of `typing`, which `weft.version` and others need not wait for
if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import FrameType
    from typing import Any

_HIDDEN = "typing_extensions"
_HIDDEN_FROM = "msgspec._utils"

_LATE = {
    "msgspec.inspect": "msgspec",
    "msgspec.toml": "msgspec",
    "msgspec.yaml": "msgspec",
    "textwrap": "msgspec._json_schema",
    "fnmatch": "pathlib",
    "ntpath": "pathlib",
    "ipaddress": "urllib.parse",
    "platform": "uuid",
    "urllib.parse": "pathlib",
}
"""Modules that are loaded at their first use, and the module whose import of them this is for."""


class _LateModule(ModuleType):
    """A module that is loaded when a name is read that it doesn't have yet."""

    def __getattr__(self, name: str) -> Any:
        loader: Any = self.__spec__.loader if self.__spec__ else None
        if name == "__path__":  # read by `from … import`; packages have it before they are loaded
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}", name=name)
        if isinstance(loader, _LateLoader):
            loader.load(self)
        return ModuleType.__getattribute__(self, name)


class _LateLoader:
    """Loads a module by its own loader, at its first use. Thread-safe."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._lock = RLock()
        self._is_begun = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _LateModule  # not before the import system has set its attributes
        _define_at_once(module)

    def load(self, module: ModuleType) -> None:
        """Load the module, or wait until another thread has done so."""
        with self._lock:
            if self._is_begun:
                return  # another thread has loaded it, or this one is amid its code
            self._is_begun = True
            try:
                self._loader.exec_module(module)
            except BaseException:
                self._is_begun = False
                raise
            if module.__spec__ is not None:
                module.__spec__.loader = module.__loader__ = self._loader
            module.__class__ = ModuleType


def _define_at_once(module: ModuleType) -> None:
    """Define the name that the importing module reads at once, without loading the module."""
    if module.__name__ == "platform":

        def system() -> str:
            del module.__dict__["system"]  # for `uuid` alone: the next read loads the module
            return os.uname().sysname

        module.__dict__["system"] = system
    elif module.__name__ == "urllib.parse":

        def quote_from_bytes(*args: Any, **kwargs: Any) -> str:
            _ = module.quote  # loads the module, which replaces this function
            return module.quote_from_bytes(*args, **kwargs)

        module.__dict__["quote_from_bytes"] = quote_from_bytes


class _Finder:
    """A finder of `sys.meta_path` by which a module is missing or late, for one other module."""

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == _HIDDEN and _importing_module() == _HIDDEN_FROM:
            raise ModuleNotFoundError(f"{_HIDDEN} is hidden from {_HIDDEN_FROM}", name=name)
        if name == "platform" and sys.platform != "linux":
            return None
        if name in _LATE and _importing_module() == _LATE[name]:
            for finder in sys.meta_path:
                spec = None if finder is self else finder.find_spec(name, path, target)
                if spec is not None:
                    if spec.loader is not None:
                        loader: Any = _LateLoader(spec.loader)
                        spec.loader = loader
                    return spec
        return None


class _OwnFinder:
    """A finder of `sys.meta_path` of our own modules, whose names are their paths."""

    def __init__(self, weft: ModuleType) -> None:
        self._root = str(weft.__file__).removesuffix("weft/__init__.py")
        self._new_spec: Any = type(weft.__spec__)
        self._new_loader: Any = type(weft.__loader__)

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        if not name.startswith("weft."):
            return None
        folder = self._root + name.replace(".", "/")
        for file, folders in ((f"{folder}.py", None), (f"{folder}/__init__.py", [folder])):
            if os.path.exists(file):  # noqa: PTH110  `pathlib` is not loaded yet
                spec: ModuleSpec = self._new_spec(name, self._new_loader(name, file), origin=file)
                spec.has_location = True
                spec.submodule_search_locations = folders
                return spec
        return None


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
    weft = sys.modules["weft"]
    finders: list[Any] = []
    if type(weft.__loader__).__name__ == "SourceFileLoader":  # not in a zip file, nor frozen
        finders.append(_OwnFinder(weft))
    if not ("msgspec" in sys.modules or _HIDDEN in sys.modules or sys.version_info < (3, 11)):
        finders.append(_Finder())
    sys.meta_path[:0] = finders
    try:
        return import_module(name)
    finally:
        for finder in finders:
            sys.meta_path.remove(finder)
