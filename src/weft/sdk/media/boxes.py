"""Boxes drawn over an image. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from weft.sdk.media.class_labels import labels_of
from weft.sdk.media.media import Payload, number_of

_CORNERS: Final = ("minX", "maxX", "minY", "maxY")
_MIDDLE: Final = ("middle", "width", "height")
_BOX_KEYS: Final = ("position", "domain", "class_id", "box_caption", "scores")
_LAYER_KEYS: Final = ("box_data", "class_labels")

_SLACK: Final = 0.01
"""The part of the image's side by which a box may reach outside: detectors round."""

_LARGEST_FRACTION: Final = 2
"""A position beyond this, in a box without a domain, was meant in pixels."""

Corners = tuple[float, float, float, float]
"""Left, right, top and bottom."""


class BoundingBoxes2D:
    """One layer of boxes of an `Image`, such as the prediction or the truth.

    Args:
        val: `box_data`, a list of boxes, and optionally `class_labels`, names by class id. A box
            has `position`, either `{"minX", "maxX", "minY", "maxY"}` or `{"middle": [x, y],
            "width", "height"}`, in fractions of the image's size, or in pixels if its `domain` is
            "pixel"; and optionally `class_id`, `box_caption` and `scores`, numbers by name.
            Corners in the wrong order are swapped, boxes that are not finite and unknown keys are
            left out; `notes` says so.
        key: the layer's name.

    Raises:
        TypeError: a box lacks its position, or a value has the wrong type. The message names the
            layer and the box.

    Attributes:
        box_data: the boxes as they are stored.
        class_labels: names by class id.
        class_ids: the ids that the boxes have.
        notes: changes and parts that can't be shown, as ends of sentences that begin with the key.

    >>> layer = BoundingBoxes2D({"box_data": [{"position": {"middle": [0.5, 0.5], "width": 0.2,
    ...     "height": 0.1}, "class_id": 1}], "class_labels": {1: "cat"}}, "truth")
    >>> layer.class_labels
    {1: 'cat'}
    """

    def __init__(self, val: Mapping[str, Any], key: str) -> None:
        where = f"boxes {key!r}"
        box_data = val.get("box_data")
        if (
            box_data is None
            or isinstance(box_data, (str, Mapping))
            or not isinstance(box_data, Iterable)
        ):
            raise TypeError(f"{where}: box_data must be a list of boxes")
        self.key = key
        faults = _Faults(where)
        _note_unknown(val, _LAYER_KEYS, "a layer", faults, None)
        boxes = (
            _box(box, f"{where}, box {nth}", nth, faults)
            for nth, box in enumerate(cast("Iterable[Any]", box_data))
        )
        self.box_data = [box for box in boxes if box is not None]
        self.class_ids = sorted({box["class_id"] for box in self.box_data if "class_id" in box})
        labels = val.get("class_labels") or None  # without names, all classes get one
        self.class_labels = (
            {number: f"class_{number}" for number in self.class_ids}
            if labels is None
            else labels_of(labels, f"{where}, class_labels")
        )
        self.notes = faults.notes()

    def notes_for(self, width: int, height: int) -> list[str]:
        """Return the boxes that can't be shown on an image of this size, as `notes`."""
        faults = _Faults(f"boxes {self.key!r}")
        for nth, box in enumerate(self.box_data):
            is_pixels = "domain" in box
            edges = _edges(box["position"])
            if not is_pixels and max(map(abs, edges)) > _LARGEST_FRACTION:
                faults.add(
                    nth,
                    f"a box at {max(edges, key=abs):g}",
                    "positions are fractions of the image's size: for pixels, give the box "
                    "'domain': 'pixel'",
                )
            elif not _is_inside(edges, width if is_pixels else 1, height if is_pixels else 1):
                faults.add(nth, "a box that reaches outside the image", "that part is not shown")
        return faults.notes()

    def payload(self) -> Payload:
        """Return the file of the layer: JSON with `box_data` and `class_labels`."""
        content = {
            "box_data": self.box_data,
            "class_labels": {str(number): name for number, name in self.class_labels.items()},
        }
        return Payload(
            "metadata/boxes2D", ".boxes2D.json", "bytes", buffers=[msgspec.json.encode(content)]
        )


class _Faults:
    """The faults of a layer's boxes: one note for each kind of fault."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._by_effect: dict[str, list[tuple[int | None, str]]] = {}

    def add(self, nth: int | None, fault: str, effect: str) -> None:
        """Note a fault of the nth box, or of the layer.

        Faults with the same effect are one note.
        """
        self._by_effect.setdefault(effect, []).append((nth, fault))

    def notes(self) -> list[str]:
        notes: list[str] = []
        for effect, faults in self._by_effect.items():
            nth, fault = faults[0]
            box = "" if nth is None else f", box {nth}"
            more = f" and {len(faults) - 1:,} more" if len(faults) > 1 else ""
            notes.append(f"has {fault} ({self._where}{box}{more}); {effect}")
        return notes


def _note_unknown(
    mapping: Mapping[str, Any], keys: Sequence[str], owner: str, faults: _Faults, nth: int | None
) -> None:
    for name in mapping:
        if name not in keys:
            effect = f"it is left out: {owner} has {', '.join(keys)}"
            faults.add(nth, f"the unknown key {name!r}", effect)


def _box(value: Any, where: str, nth: int, faults: _Faults) -> dict[str, Any] | None:
    if not isinstance(value, Mapping):
        raise TypeError(f"{where}: a box must be a dict, not {type(value).__name__}")
    box = cast("Mapping[str, Any]", value)
    _note_unknown(box, _BOX_KEYS, "a box", faults, nth)
    position = _position(box.get("position"), where, nth, faults)
    if position is None:
        return None
    stored: dict[str, Any] = {"position": position}
    domain = box.get("domain")
    if domain == "pixel":
        stored["domain"] = domain
    elif domain is not None:
        effect = "the only one is 'pixel', so positions are taken as fractions"
        faults.add(nth, f"the unknown domain {domain!r}", effect)
    class_id = box.get("class_id")
    if class_id is not None:
        number = number_of(class_id)
        if number is None or number - number != 0 or number != int(number):
            raise TypeError(f"{where}: class_id must be an int, not {class_id!r}")
        stored["class_id"] = int(number)
    caption = box.get("box_caption")
    if caption is not None:
        stored["box_caption"] = str(caption)
    scores = box.get("scores")
    if scores is not None:
        stored["scores"] = _scores(scores, where)
    return stored


def _position(value: Any, where: str, nth: int, faults: _Faults) -> dict[str, Any] | None:
    """Read a position. None if it is not finite."""
    position: Mapping[str, Any] = (
        cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
    )
    if position.keys() >= {*_MIDDLE}:
        keys = _MIDDLE
        middle = [_number(number, f"{where}: middle") for number in position["middle"]]
        if len(middle) != 2:
            raise TypeError(f"{where}: middle must have two numbers, not {len(middle)}")
        sizes = {name: _number(position[name], f"{where}: {name}") for name in _MIDDLE[1:]}
        stored: dict[str, Any] = {"middle": middle, **sizes}
        numbers = {"middle": sum(middle), **sizes}
    elif position.keys() >= {*_CORNERS}:
        keys = _CORNERS
        numbers = {name: _number(position[name], f"{where}: {name}") for name in _CORNERS}
        stored = dict(numbers)
    else:
        raise TypeError(
            f"{where}: position must have minX, maxX, minY and maxY, or middle, width and height"
        )
    _note_unknown(position, keys, "such a position", faults, nth)
    for name, number in numbers.items():
        if number - number != 0:
            faults.add(nth, f"a box with a {name} of {number}", "such a box is left out")
            return None
    _put_in_order(stored, nth, faults)
    return stored


def _put_in_order(position: dict[str, Any], nth: int, faults: _Faults) -> None:
    for low, high in (("minX", "maxX"), ("minY", "maxY")):
        if low in position and position[low] > position[high]:
            fault = f"a box with {low} {position[low]:g} above {high} {position[high]:g}"
            faults.add(nth, fault, "they were swapped")
            position[low], position[high] = position[high], position[low]
    for name in _MIDDLE[1:]:
        if name in position and position[name] < 0:
            fault = f"a box with a {name} of {position[name]:g}"
            faults.add(nth, fault, "the sign was dropped")
            position[name] = -position[name]


def _edges(position: Mapping[str, Any]) -> Corners:
    if "middle" not in position:
        return tuple(position[name] for name in _CORNERS)
    (x, y), width, height = position["middle"], position["width"], position["height"]
    return (x - width / 2, x + width / 2, y - height / 2, y + height / 2)


def _is_inside(edges: Corners, width: float, height: float) -> bool:
    left, right, top, bottom = edges
    return (
        min(left / width, top / height) >= -_SLACK
        and max(right / width, bottom / height) <= 1 + _SLACK
    )


def _scores(value: Any, where: str) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{where}: scores must be a dict of numbers by name")
    scores: dict[str, float] = {}
    for name, score in cast("Mapping[Any, Any]", value).items():
        number = number_of(score)
        if number is None:
            raise TypeError(f"{where}: score {name!r} must be a number, not {score!r}")
        scores[str(name)] = number
    return scores


def _number(value: Any, subject: str) -> int | float:
    number = number_of(value)
    if number is None:
        raise TypeError(f"{subject} must be a number, not {value!r}")
    return number
