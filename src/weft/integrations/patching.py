"""Methods and functions of frameworks, replaced and put back. No framework is imported here."""

from __future__ import annotations

import copy
import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import MethodType, ModuleType
from typing import Any, Final

_MISSING: Final = object()


class Patches:
    """Replaced attributes of classes and modules, and actions that undo other changes."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], object]] = []

    def replace(self, target: Any, name: str, value: Any) -> None:
        """Replace an attribute, which an inherited one may stand behind."""
        self._undo.append(
            functools.partial(_restore, target, name, vars(target).get(name, _MISSING))
        )
        setattr(target, name, value)

    def on_removal(self, action: Callable[[], object]) -> None:
        """Call `action` when the patches are removed."""
        self._undo.append(action)

    def remove(self) -> None:
        """Put everything back, in reverse order."""
        while self._undo:
            self._undo.pop()()


def _restore(target: Any, name: str, value: Any) -> None:
    if value is _MISSING:
        delattr(target, name)
    else:
        setattr(target, name, value)


class PatchedMethod:
    """A method that calls `around(method, instance, arguments, options)` for its instances.

    Its class gives the original function, and pickling it by value does, too: cloudpickle sends
    classes of `__main__` to other processes.
    """

    def __init__(self, method: Callable[..., Any], around: Callable[..., Any]) -> None:
        self._method = method

        @functools.wraps(method)
        def call(instance: Any, /, *arguments: Any, **options: Any) -> Any:
            return around(method, instance, arguments, options)

        self._call = call

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self._method if instance is None else MethodType(self._call, instance)

    def __reduce__(self) -> tuple[Any, ...]:
        return copy.copy, (self._method,)


class ImportHooks(MetaPathFinder):
    """Calls a function once a module has been imported, at once if it is already.

    Args:
        hooks: functions by the full name of a module.
    """

    def __init__(self, hooks: Mapping[str, Callable[[ModuleType], object]]) -> None:
        self._hooks = dict(hooks)
        self._is_searching = False

    def install(self) -> None:
        """Call the hooks of imported modules, and those of others when they are imported."""
        sys.meta_path.insert(0, self)
        for name, hook in self._hooks.items():
            module = sys.modules.get(name)
            # A module that is being imported has no end of its names yet.
            if module is not None and not getattr(module.__spec__, "_initializing", False):
                hook(module)

    def remove(self) -> None:
        """Stop watching imports."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find a watched module by the other finders, and call its hook after it was executed."""
        hook = self._hooks.get(fullname)
        if hook is None or self._is_searching:
            return None
        self._is_searching = True
        try:
            finders = (finder for finder in sys.meta_path if finder is not self)
            specs = (finder.find_spec(fullname, path, target) for finder in finders)
            spec = next((spec for spec in specs if spec is not None), None)
        finally:
            self._is_searching = False
        if spec is not None and spec.loader is not None:
            _call_after_execution(spec.loader, hook)
        return spec


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


def _call_after_execution(loader: Any, hook: Callable[[ModuleType], object]) -> None:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        loader.__dict__.pop("exec_module", None)
        execute(module)
        hook(module)

    loader.exec_module = exec_module  # each spec has a loader of its own
