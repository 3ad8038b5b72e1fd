"""Small functions of `wandb.util` that frameworks and scripts call."""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
import random
import string
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import IO, Any, cast

from weft.errors import UsageError
from weft.sdk.wandb_calls import *  # noqa: F403
from weft.sdk.wandb_calls import generate_id as generate_id


def get_module(
    name: str,
    required: str | bool | None = None,
    lazy: bool = True,
) -> ModuleType | None:
    """Import a module, or return None where it is missing.

    Args:
        name: the module.
        required: the error's text where the module is missing; None to return None.
        lazy: W&B's; modules are imported at once.

    Raises:
        UsageError: the module is missing, and `required` is given.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if required:
            raise UsageError(str(required)) from error
        return None


def add_import_hook(fullname: str, on_import: Callable[[], None]) -> None:
    """Call a function when a module has been imported; at once if it has been already."""
    if fullname in sys.modules:
        on_import()
        return
    sys.meta_path.insert(0, _ImportHook(fullname, on_import))


class _ImportHook:
    """A finder of one module, which leaves the list of finders at its first use."""

    def __init__(self, name: str, on_import: Callable[[], None]) -> None:
        self._name = name
        self._on_import = on_import

    def find_spec(
        self,
        name: str,
        path: object = None,
        target: object = None,
    ) -> ModuleSpec | None:
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_call(module: ModuleType) -> None:
            execute(module)
            self._on_import()

        spec.loader.exec_module = execute_and_call
        return spec


class WandBJSONEncoder(json.JSONEncoder):
    """JSON of configs and rows: arrays become lists, other objects their text."""

    def default(self, o: Any) -> Any:
        return _plain(o)


def json_dumps_safer(obj: Any, **kwargs: Any) -> str:
    return json.dumps(obj, cls=WandBJSONEncoder, **kwargs)


def json_dump_safer(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    json.dump(obj, fp, cls=WandBJSONEncoder, **kwargs)


def json_friendly(obj: Any) -> tuple[Any, bool]:
    """A value as JSON has it, and whether that differs from the value."""
    plain = obj if isinstance(obj, str | int | float | bool | None) else _plain(obj)
    return plain, plain is not obj


def make_safe_for_json(obj: Any) -> Any:
    """A value without NaN and infinities, which JSON lacks: their names stand for them."""
    if isinstance(obj, dict):
        return {
            key: make_safe_for_json(value) for key, value in cast("dict[Any, Any]", obj).items()
        }
    if isinstance(obj, list | tuple):
        return [make_safe_for_json(value) for value in cast("list[Any]", obj)]
    if isinstance(obj, float) and not math.isfinite(obj):
        return "NaN" if math.isnan(obj) else ("Infinity" if obj > 0 else "-Infinity")
    return obj


def make_artifact_name_safe(name: str) -> str:
    """A name in which each character that artifacts don't allow is an underscore."""
    allowed = {*string.ascii_letters, *string.digits, *"_-."}
    safe = "".join(character if character in allowed else "_" for character in name)
    return safe if len(safe) <= 128 else f"{safe[:63]}..{safe[-63:]}"


def to_forward_slash_path(path: str) -> str:
    return path.replace("\\", "/") if sys.platform == "win32" else path


def random_string(length: int = 12) -> str:
    return "".join(random.choices(string.ascii_lowercase + string.digits, k=length))


def is_numpy_array(obj: Any) -> bool:
    return _is_of(obj, "numpy", "ndarray")


def is_pandas_data_frame(obj: Any) -> bool:
    return _is_of(obj, "pandas", "DataFrame")


def is_pytorch_tensor(obj: Any) -> bool:
    return _is_of(obj, "torch", "Tensor")


def is_tf_tensor(obj: Any) -> bool:
    return _is_of(obj, "tensorflow", "Tensor")


def _is_of(value: Any, module: str, name: str) -> bool:
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(value, getattr(loaded, name))


def _plain(value: Any) -> Any:
    for convert in ("tolist", "item"):
        if hasattr(value, convert):
            return getattr(value, convert)()
    if isinstance(value, set | frozenset):
        return list(cast("set[Any]", value))
    return str(value)
