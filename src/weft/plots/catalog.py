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
    "wandb/calibration/v1": "weft/calibration/v0",
    "wandb/class_proportions/v1": "weft/class_proportions/v0",
    "wandb/confusion_matrix/v1": "weft/confusion_matrix/v0",
    "wandb/decision_boundaries/v1": "weft/decision_boundaries/v0",
    "wandb/elbow/v1": "weft/elbow/v0",
    "wandb/feature_importances/v1": "weft/feature_importances/v0",
    "wandb/learning_curve/v1": "weft/learning_curve/v0",
    "wandb/metrics/v1": "weft/summary_metrics/v0",
    "wandb/outliers/v1": "weft/outliers/v0",
    "wandb/residuals_plot/v1": "weft/residuals/v0",
    "wandb/silhouette_/v1": "weft/silhouette/v0",
}
"""W&B's names of presets, and ours for the same fields and strings."""

_PLACEHOLDER: Final = re.compile(r"\$\{(field|string):([^:}]+)(?::[^}]*)?\}")


class Preset(msgspec.Struct, frozen=True):
    """A preset, such as `weft/line/v0`, as a Vega-Lite specification with placeholders.

    `columns` has those fields that a chart without a mapping takes from a column of another name.
    """

    name: str
    spec: dict[str, Any]
    columns: dict[str, str] = {}

    @property
    def default_columns(self) -> dict[str, str]:
        """The columns, by field, of a chart that maps none: `visualize(name, table)`.

        >>> presets()["weft/confusion_matrix/v0"].default_columns["nPredictions"]
        'Count'
        """
        return {field: self.columns.get(field, field) for field in sorted(self.fields)}

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
