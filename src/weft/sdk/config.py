"""The run's inputs: `run.config`, a nested dict whose changes go to the run log.

Part of step 1 of a point's way; no I/O of its own. Also writes `files/config.yaml`'s text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from weft.errors import ConfigError
from weft.sdk.inputs import inputs_of
from weft.sdk.tree import Changed, Tree
from weft.sdk.values import LEFT_OUT, Complain, plain_key, plain_tree


class Config(Tree):
    """A run's configuration: items, attributes, nested dicts.

    A value that is there already is changed only with `update(..., allow_val_change=True)`, as
    in W&B: a hyper-parameter that changes silently makes two runs look alike that are not.

    >>> config = Config(lambda values, removed: None, print)
    >>> config.update({"lr": 0.1, "model": {"depth": 2}})
    >>> config.lr, config["model"].depth
    (0.1, 2)
    """

    __slots__ = ("_allow_change",)

    _allow_change: bool

    def __init__(
        self, changed: Changed, complain: Complain, *, allow_change: bool = False
    ) -> None:
        super().__init__(changed, complain)
        object.__setattr__(self, "_allow_change", allow_change)

    def _replace(
        self, changes: Mapping[Any, Any], *, allow_val_change: bool | None = None
    ) -> None:
        """Set several items as one change.

        Raises:
            ConfigError: an item has another value already and changing it was not allowed.
        """
        if not (self._allow_change if allow_val_change is None else allow_val_change):
            for name, value in changes.items():
                key = plain_key(name)
                if key in self and self._differs(key, value):
                    raise ConfigError(
                        f"config {key!r} is {self[key]!r} already; to make it {value!r}, "
                        "pass allow_val_change=True to config.update()"
                    )
        super()._replace(changes)

    def update(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        values: Mapping[Any, Any] | object | None = None,
        allow_val_change: bool | None = None,
        **more: Any,
    ) -> None:
        """Set several items as one change.

        Args:
            values: a mapping, or an object whose attributes are the items (an argparse Namespace).
            allow_val_change: whether an item that has another value already may be changed.
        """
        self._replace({**inputs_of(values), **more}, allow_val_change=allow_val_change)

    def setdefaults(self, values: Mapping[Any, Any] | object) -> None:
        """Set those items that are not there yet."""
        given = inputs_of(values)
        self._replace({key: value for key, value in given.items() if plain_key(key) not in self})

    def _differs(self, key: str, value: Any) -> bool:
        plain = plain_tree([key], value, lambda _key, _what: None)
        present: Any = self[key]
        same = type(plain) is type(present) or not isinstance(present, bool)
        return plain is not LEFT_OUT and not (same and plain == present)


def yaml_text(values: Mapping[str, Any]) -> str:
    """`files/config.yaml`: one key a line, values as JSON, which is YAML too.

    >>> print(yaml_text({"lr": 0.1, "model": {"depth": 2}}), end="")
    "lr": 0.1
    "model": {"depth": 2}
    """
    lines = [f"{_json(key)}: {_yaml_value(value)}\n" for key, value in values.items()]
    return "".join(lines) or "{}\n"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _yaml_value(value: Any) -> str:
    if isinstance(value, float) and value != value:
        return ".nan"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        inner = ", ".join(f"{_json(k)}: {_yaml_value(v)}" for k, v in items.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(_yaml_value(item) for item in value)}]"  # pyright: ignore[reportUnknownVariableType]
    return _json(value)
