"""Boxes drawn over an image. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from weft.sdk.media.class_labels import labels_of
from weft.sdk.media.media import Payload, number_of

_CORNERS = ("minX", "maxX", "minY", "maxY")


class BoundingBoxes2D:
    """One layer of boxes of an `Image`, such as the prediction or the truth.

    Args:
        val: `box_data`, a list of boxes, and optionally `class_labels`, names by class id. A box
            has `position`, either `{"minX", "maxX", "minY", "maxY"}` or `{"middle": [x, y],
            "width", "height"}`, in fractions of the image's size, or in pixels if its `domain` is
            "pixel"; and optionally `class_id`, `box_caption` and `scores`, numbers by name.
        key: the layer's name.

    Raises:
        TypeError, ValueError: a box lacks its position, or a value has the wrong type. The message
            names the layer and the box.

    >>> layer = BoundingBoxes2D({"box_data": [{"position": {"middle": [0.5, 0.5], "width": 0.2,
    ...     "height": 0.1}, "class_id": 1}], "class_labels": {1: "cat"}}, "truth")
    >>> layer.class_labels
    {1: 'cat'}
    """

    def __init__(self, val: Mapping[str, Any], key: str) -> None:
        where = f"boxes {key!r}"
        given = val.get("box_data")
        if given is None or isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
            raise TypeError(f"{where}: box_data must be a list of boxes")
        boxes = list(cast("Iterable[Any]", given))
        self._key = key
        self.box_data = [_box(one, f"{where}, box {nth}") for nth, one in enumerate(boxes)]
        labels = val.get("class_labels")
        if labels is None:
            ids = sorted({one["class_id"] for one in self.box_data if "class_id" in one})
            self.class_labels = {number: f"class_{number}" for number in ids}
        else:
            self.class_labels = labels_of(labels, f"{where}, class_labels")

    def payload(self) -> Payload:
        """Return the file of the layer: JSON with `box_data` and `class_labels`."""
        content = {
            "box_data": self.box_data,
            "class_labels": {str(number): name for number, name in self.class_labels.items()},
        }
        return Payload(
            "metadata/boxes2D", ".boxes2D.json", "bytes", buffers=[msgspec.json.encode(content)]
        )


def _box(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{where}: a box must be a dict, not {type(given).__name__}")
    box = dict(cast("Mapping[str, Any]", given))
    made: dict[str, Any] = {"position": _position(box.pop("position", None), where)}
    domain = box.pop("domain", None)
    if domain is not None:
        if domain != "pixel":
            raise ValueError(f"{where}: domain must be 'pixel' or missing, not {domain!r}")
        made["domain"] = domain
    number = box.pop("class_id", None)
    if number is not None:
        value = number_of(number)
        if value is None or value != int(value):
            raise TypeError(f"{where}: class_id must be an int, not {number!r}")
        made["class_id"] = int(value)
    caption = box.pop("box_caption", None)
    if caption is not None:
        made["box_caption"] = str(caption)
    scores = box.pop("scores", None)
    if scores is not None:
        made["scores"] = _scores(scores, where)
    return made


def _position(given: Any, where: str) -> dict[str, Any]:
    position = dict(cast("Mapping[str, Any]", given)) if isinstance(given, Mapping) else {}
    if set(_CORNERS) <= position.keys():
        return {name: _finite(position[name], f"{where}: {name}") for name in _CORNERS}
    if {"middle", "width", "height"} <= position.keys():
        middle = list(position["middle"])
        if len(middle) != 2:
            raise ValueError(f"{where}: middle must have two numbers, not {len(middle)}")
        return {
            "middle": [_finite(one, f"{where}: middle") for one in middle],
            "width": _finite(position["width"], f"{where}: width"),
            "height": _finite(position["height"], f"{where}: height"),
        }
    raise TypeError(
        f"{where}: position must have minX, maxX, minY and maxY, or middle, width and height"
    )


def _scores(given: Any, where: str) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{where}: scores must be a dict of numbers by name")
    scores: dict[str, float] = {}
    for name, value in cast("Mapping[Any, Any]", given).items():
        number = number_of(value)
        if number is None:
            raise TypeError(f"{where}: score {name!r} must be a number, not {value!r}")
        scores[str(name)] = number
    return scores


def _finite(value: Any, what: str) -> int | float:
    number = number_of(value)
    if number is None:
        raise TypeError(f"{what} must be a number, not {value!r}")
    if number - number != 0:
        raise ValueError(f"{what} must be finite, not {number}")
    return number
