"""Converts `config=` to a dict: mappings, Namespaces, flags, dataclasses, YAML files.

Reads a file if it is given one; no other I/O. Called by `init` and by `Config.update`. Returns
values unchanged; `weft.sdk.values.plain` converts them later. Recognises libraries by their
objects and never imports them, so that a plain dict costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from pathlib import Path
from types import BuiltinFunctionType, ModuleType
from typing import Any, Final, cast

from weft.errors import ConfigError, UsageError, WrongType
from weft.sdk.setup.checks import check_names
from weft.sdk.values.fields import items_in

REMEDY: Final = (
    "give a dict or other mapping, an argparse Namespace, absl flags, a dataclass, "
    "or the path of a YAML file"
)

DEFAULTS_FILE: Final = "config-defaults.yaml"
"""Read for every run if it is in the working directory, as the official client does."""

_OFFICIAL_ENTRY: Final = frozenset({"desc", "value"})
"""The only keys in an entry of the official client's `config.yaml`."""


def inputs_of(
    config: object,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
) -> dict[Any, Any]:
    """Return the `config=` argument as a dict of its top-level items.

    Args:
        config: None, a mapping (OmegaConf's too), an argparse Namespace, absl flags, a dataclass,
            a pydantic or attrs object, any object or class with attributes, or the path of a
            YAML or JSON file.

    >>> inputs_of({"lr": 0.1, "seed": 1}, exclude=["seed"])
    {'lr': 0.1}
    """
    included = check_names("config_include_keys", include or ())
    excluded = check_names("config_exclude_keys", exclude or ())
    if included and excluded:
        raise UsageError("give either config_include_keys or config_exclude_keys, not both")
    inputs = _inputs_of(config)
    if included:
        return {key: value for key, value in inputs.items() if key in included}
    if excluded:
        return {key: value for key, value in inputs.items() if key not in excluded}
    return inputs


def default_inputs(paths: Iterable[str] = ()) -> dict[Any, Any]:
    """Read the default items: `config-defaults.yaml` in the working directory, then the files of
    `WEFT_CONFIG_PATHS`, of which later ones override earlier ones.
    """
    inputs = read_inputs(DEFAULTS_FILE) if os.path.isfile(DEFAULTS_FILE) else {}  # noqa: PTH113
    for path in paths:
        inputs.update(read_inputs(path))
    return inputs


def _inputs_of(config: object) -> dict[Any, Any]:
    if config is None:
        return {}
    if type(config) is dict:
        return dict(cast("dict[Any, Any]", config))
    if isinstance(config, (str, os.PathLike)):
        return read_inputs(os.fsdecode(cast("str | os.PathLike[str]", config)))
    try:
        for read in (_flags_in, _described_by_itself, items_in, _attributes_of):
            inputs = read(config)
            if inputs is not None:
                return inputs
    except Exception as error:
        raise ConfigError(
            f"config can't be read from this {type(config).__name__} "
            f"({type(error).__name__}: {error}): {REMEDY}"
        ) from error
    raise WrongType(f"config can't be {_shown(config)}: {REMEDY}")


def _shown(config: object) -> str:
    text = repr(config)
    kind = type(config).__name__
    return f"{kind} {text}" if len(text) <= 40 else kind


# -- files ---


def read_inputs(path: str) -> dict[Any, Any]:
    """Read the items of a YAML or JSON file, including the official client's `config.yaml`."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ConfigError(_unreadable(path, error)) from None
    import yaml

    try:
        loaded: Any = _json_in(text) if path.endswith(".json") else _yaml_in(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        fault = " ".join(str(error).split())
        raise ConfigError(f"config file {path!r} is not valid YAML ({fault}): fix it") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ConfigError(
            f"config file {path!r} holds {type(loaded).__name__}, not names with values: "
            "write `name: value`, one per line"
        )
    return _without_wrapping(path, cast("dict[Any, Any]", loaded))


def _unreadable(path: str, error: Exception) -> str:
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return (
            f"config file {path!r} is not there (looked in {Path.cwd()}): "
            "give the path of a YAML file, or a dict"
        )
    if isinstance(error, IsADirectoryError):
        return f"config file {path!r} is a folder: give the path of a YAML file in it"
    if isinstance(error, UnicodeDecodeError):
        return f"config file {path!r} is no text in UTF-8: give a YAML file"
    fault = getattr(error, "strerror", None) or str(error)
    return f"config file {path!r} can't be read ({fault}): give the path of a YAML file, or a dict"


def _json_in(text: str) -> Any:
    import json

    return json.loads(text)


def _yaml_in(text: str) -> Any:
    """Parse YAML with `1e-4` as a number, which YAML 1.1 reads as a string."""
    import re

    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$"),
        list("-+.0123456789"),
    )
    return yaml.load(text, Loader)


def _without_wrapping(path: str, loaded: dict[Any, Any]) -> dict[Any, Any]:
    """Take the values out of `key: {desc: …, value: …}`, as the official client writes them."""
    version = loaded.get("wandb_version", 1)
    if version != 1:
        raise ConfigError(
            f"config file {path!r} has wandb_version {version!r}; only 1 is known: "
            "remove that line, or write `name: value` lines"
        )
    entries = {key: value for key, value in loaded.items() if key != "wandb_version"}
    if "wandb_version" not in loaded and not (entries and all(map(_is_wrapped, entries.values()))):
        return loaded
    # `_wandb` holds the official client's notes about itself.
    return {
        key: value["value"] if _is_wrapped(value) else value
        for key, value in entries.items()
        if key != "_wandb"
    }


def _is_wrapped(value: Any) -> bool:
    return isinstance(value, dict) and "value" in value and value.keys() <= _OFFICIAL_ENTRY


# -- objects ---


def _flags_in(config: Any) -> dict[Any, Any] | None:
    """Return the flags of absl (or TensorFlow, which wraps it) without absl's own."""
    if isinstance(config, ModuleType):
        config = getattr(config, "FLAGS", None)
    if not type(config).__module__.startswith(("absl.", "tensorflow.")):
        return None
    if not hasattr(config, "flags_by_module_dict"):
        return None
    return {
        flag.name: flag.value
        for module, flags in config.flags_by_module_dict().items()
        if not module.startswith("absl.")
        for flag in flags
    }


def _described_by_itself(config: Any) -> dict[Any, Any] | None:
    """Return an object's own `to_dict()`: it may leave out secrets, as in Transformers."""
    kind = cast("Any", type(config))
    if issubclass(kind, (type, Mapping)) or not hasattr(kind, "to_dict"):
        return None
    items: Any = config.to_dict()
    return cast("dict[Any, Any]", items) if isinstance(items, dict) else None


def _attributes_of(config: Any) -> dict[Any, Any] | None:
    """Return a mapping-like object's items, or the public attributes of an object or module."""
    kind = cast("Any", type(config))
    if issubclass(kind, (Sequence, Set)):
        return None
    if hasattr(kind, "keys") and hasattr(kind, "__getitem__"):
        return {key: config[key] for key in config.keys()}  # noqa: SIM118  not a mapping
    if issubclass(kind, type):
        return None if config.__module__ == "builtins" else _class_settings(config)
    if not hasattr(config, "__dict__") or (_is_code(config) and kind is not ModuleType):
        return None
    attributes = cast("dict[str, Any]", vars(config))
    if kind is ModuleType:
        settings = _settings_among(attributes)
        return {name: value for name, value in settings.items() if not isinstance(value, type)}
    own = {name: value for name, value in attributes.items() if not name.startswith("_")}
    return {**_class_settings(kind), **own} or None


def _class_settings(kind: type[Any]) -> dict[str, Any]:
    """Return the attributes of a settings class such as `class Hyper: lr = 0.1`."""
    settings: dict[str, Any] = {}
    for part in reversed(kind.__mro__[:-1]):
        settings.update(_settings_among(vars(part)))
    return settings


def _settings_among(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in attributes.items()
        if not name.startswith("_") and not _is_code(value)
    }


def _is_code(value: Any) -> bool:
    """Whether a class's or module's attribute is not a setting but a function, property etc."""
    return hasattr(cast("Any", type(value)), "__get__") or isinstance(
        value, (BuiltinFunctionType, ModuleType)
    )
