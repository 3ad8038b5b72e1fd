"""Finds presets by name. Reads files of the package."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

_ALIASES: Final = {
    "wandb/line/v0": "weft/line/v0",
    "wandb/scatter/v0": "weft/scatter/v0",
    "wandb/bar/v0": "weft/bar/v0",
    "wandb/histogram/v0": "weft/histogram/v0",
    "wandb/lineseries/v0": "weft/line_series/v0",
    "wandb/area-under-curve/v0": "weft/curve/v0",
    "wandb/confusion_matrix/v1": "weft/confusion_matrix/v0",
}
"""W&B's names of presets, and ours for the same fields and strings."""

_PLACEHOLDER: Final = re.compile(r"\$\{(field|string):([^:}]+)(?::[^}]*)?\}")


class Preset(msgspec.Struct, frozen=True):
    """A preset, such as `weft/line/v0`, as a Vega-Lite specification with placeholders."""

    name: str
    spec: dict[str, Any]

    @property
    def fields(self) -> set[str]:
        """The fields that a chart maps to columns."""
        return self._placeholders("field")

    @property
    def strings(self) -> set[str]:
        """The texts that a chart may give."""
        return self._placeholders("string")

    def _placeholders(self, kind: str) -> set[str]:
        text = msgspec.json.encode(self.spec).decode()
        return {name for placeholder, name in _PLACEHOLDER.findall(text) if placeholder == kind}


@cache
def presets() -> dict[str, Preset]:
    """Return all presets by name.

    >>> sorted(presets())[0]
    'weft/bar/v0'
    """
    catalog = [
        msgspec.json.decode(file.read_bytes(), type=Preset)
        for file in files("weft.plots").joinpath("presets").iterdir()
        if file.name.endswith(".json")
    ]
    return {preset.name: preset for preset in catalog}


def preset_of(name: str) -> Preset | None:
    """Return a preset by its name or W&B's, None if weft has no such preset.

    >>> preset_of("wandb/line/v0").name
    'weft/line/v0'
    """
    return presets().get(_ALIASES.get(name, name))


def aliases_of(name: str) -> list[str]:
    """Return W&B's names of a preset.

    >>> aliases_of("weft/line/v0")
    ['wandb/line/v0']
    """
    return [alias for alias, own in _ALIASES.items() if own == name]
