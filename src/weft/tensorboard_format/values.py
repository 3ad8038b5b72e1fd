"""The kinds of values that events hold. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple


class Scalar(NamedTuple):
    """A number."""

    value: float


class Images(NamedTuple):
    """Images, each the content of a file: PNG, JPEG, or a GIF if it is a video."""

    contents: list[bytes]


class Sounds(NamedTuple):
    """Sounds, each the content of a WAV file."""

    contents: list[bytes]


class Histogram(NamedTuple):
    """The weights of bins, and their edges, one more than there are bins."""

    weights: list[float]
    edges: list[float]


class Text(NamedTuple):
    """Markdown."""

    text: str


class Curve(NamedTuple):
    """A precision-recall curve: points by threshold, from the lowest one up."""

    precision: list[float]
    recall: list[float]


class Hyperparameters(NamedTuple):
    """The hyperparameters that a run was started with."""

    values: dict[str, Any]


Value = Scalar | Images | Sounds | Histogram | Text | Curve | Hyperparameters


class Event(NamedTuple):
    """The values that a writer added at one call.

    `step` is TensorBoard's `global_step`, `wall_time` in seconds since 1970.
    """

    wall_time: float
    step: int
    values: list[tuple[str, Value]]
