"""The limits of a sweep's configuration, and YAML that is read within them.

A server reads configurations of any user. Without limits a text of a few kilobytes can name a
structure of gigabytes (aliases, merged mappings), or nest so deeply that a parser written in C
overflows its stack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast

import yaml

from weft.errors import ConfigError
from weft.records.limits import MAX_SWEEP_CONFIG_BYTES

MAX_NESTING: Final = 64

_NUMBER: Final = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$")
_PUNCTUATION_BYTES: Final = 2
_OTHER_BYTES: Final = 6


def load_yaml(text: str, name: str = "the sweep's configuration") -> Any:
    """Load YAML in which `1e-5` is a number, as in JSON; for YAML 1.1 it is a text.

    >>> load_yaml("min: 1e-5")
    {'min': 1e-05}

    Args:
        name: of the text, for messages.

    Raises:
        ConfigError: it is not valid YAML, or is beyond a limit.
    """
    if len(text) > MAX_SWEEP_CONFIG_BYTES:
        raise _too_large(name)
    try:
        _check_nesting(text, name)
        loader: Any = _loader()(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            if _size_of(node, {}) > MAX_SWEEP_CONFIG_BYTES:
                raise _too_large(name)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except ConfigError:
        raise
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise ConfigError(f"{name} is not valid YAML: {error}") from None
    except RecursionError:
        raise _too_deep(name) from None


def check_limits(
    config: Any,
    name: str = "the sweep's configuration",
    *,
    max_bytes: int = MAX_SWEEP_CONFIG_BYTES,
) -> None:
    """Refuse a configuration that is too large or too deeply nested.

    >>> check_limits({"parameters": {"lr": {"values": [0.1] * 50_000}}})
    Traceback (most recent call last):
      ...
    weft.errors.ConfigError: the sweep's configuration is larger than 64 KB; ...
    """
    n_bytes = 0
    waiting: list[tuple[Any, int]] = [(config, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_NESTING:
            raise _too_deep(name)
        below: list[Any] = []
        if isinstance(value, str):
            n_bytes += len(value)
        elif isinstance(value, Mapping):
            items = cast("Mapping[Any, Any]", value)
            n_bytes += sum(len(key) if isinstance(key, str) else _OTHER_BYTES for key in items)
            below = list(items.values())
        elif isinstance(value, (list, tuple)):
            below = list(cast("list[Any]", value))
        elif isinstance(value, int):
            n_bytes += value.bit_length() // 3
        else:
            n_bytes += _OTHER_BYTES
        # Counted before they are looked at: one list may stand in many places.
        n_bytes += _PUNCTUATION_BYTES * (1 + len(below))
        if n_bytes > max_bytes:
            raise _too_large(name, max_bytes)
        waiting += [(child, depth + 1) for child in below]


@cache
def _loader() -> type[Any]:
    """The loader of libyaml where PyYAML has it, else the slower one in Python."""
    parent: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("SweepLoader", (parent,), {})
    loader.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+0123456789"))
    return loader


def _check_nesting(text: str, name: str) -> None:
    """Refuse deep nesting before nodes are made: libyaml's loader would overflow the C stack."""
    depth = 0
    parse: Any = yaml.parse
    for event in parse(text, _loader()):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_NESTING:
                raise _too_deep(name)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _size_of(node: Any, sizes: dict[int, int]) -> int:
    """The characters that a node stands for once aliases and merged mappings are expanded."""
    size = sizes.get(id(node))
    if size is None:
        if isinstance(node, yaml.ScalarNode):
            size = 1 + len(cast("str", node.value))
        else:
            sizes[id(node)] = MAX_SWEEP_CONFIG_BYTES + 1  # a node that contains itself has no size
            parts: list[Any] = node.value
            if isinstance(node, yaml.MappingNode):
                parts = [part for pair in cast("list[tuple[Any, Any]]", parts) for part in pair]
            size = 1 + sum(_size_of(part, sizes) for part in parts)
        sizes[id(node)] = size
    return size


def _too_large(name: str, max_bytes: int = MAX_SWEEP_CONFIG_BYTES) -> ConfigError:
    return ConfigError(
        f"{name} is larger than {max_bytes // 1024} KB; describe a long list of "
        "values by a distribution, or read it from a file in the script"
    )


def _too_deep(name: str) -> ConfigError:
    return ConfigError(f"{name} is nested more than {MAX_NESTING} deep")
