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
"""How far a box may reach outside, as a fraction of the image's side: detectors round."""

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
        notes: what was changed or can't be shown, as ends of sentences that begin with the key.

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
        self.key = key
        faults = _Faults(where)
        _note_unknown(val, _LAYER_KEYS, "a layer", faults, None)
        made = (
            _box(one, f"{where}, box {nth}", nth, faults)
            for nth, one in enumerate(cast("Iterable[Any]", given))
        )
        self.box_data = [box for box in made if box is not None]
        self.class_ids = sorted({one["class_id"] for one in self.box_data if "class_id" in one})
        labels = val.get("class_labels") or None  # without names, all classes get one
        self.class_labels = (
            {number: f"class_{number}" for number in self.class_ids}
            if labels is None
            else labels_of(labels, f"{where}, class_labels")
        )
        self.notes = faults.notes()

    def notes_for(self, width: int, height: int) -> list[str]:
        """Return what of the boxes can't be shown on an image of this size, as `notes`."""
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
    """What is wrong with the boxes of a layer: one note for each kind of fault.

    Args:
        where: the layer.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._found: dict[str, list[tuple[int | None, str]]] = {}

    def add(self, nth: int | None, what: str, effect: str) -> None:
        """Note a fault.

        Args:
            nth: the number of the box. None if it is the layer's.
            what: what it has.
            effect: what becomes of it; faults with the same effect are one note.
        """
        self._found.setdefault(effect, []).append((nth, what))

    def notes(self) -> list[str]:
        made: list[str] = []
        for effect, found in self._found.items():
            nth, what = found[0]
            box = "" if nth is None else f", box {nth}"
            more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
            made.append(f"has {what} ({self._where}{box}{more}); {effect}")
        return made


def _note_unknown(
    given: Mapping[str, Any], known: Sequence[str], what: str, faults: _Faults, nth: int | None
) -> None:
    for name in given:
        if name not in known:
            effect = f"it is left out: {what} has {', '.join(known)}"
            faults.add(nth, f"the unknown key {name!r}", effect)


def _box(given: Any, where: str, nth: int, faults: _Faults) -> dict[str, Any] | None:
    if not isinstance(given, Mapping):
        raise TypeError(f"{where}: a box must be a dict, not {type(given).__name__}")
    box = cast("Mapping[str, Any]", given)
    _note_unknown(box, _BOX_KEYS, "a box", faults, nth)
    position = _position(box.get("position"), where, nth, faults)
    if position is None:
        return None
    made: dict[str, Any] = {"position": position}
    domain = box.get("domain")
    if domain == "pixel":
        made["domain"] = domain
    elif domain is not None:
        effect = "the only one is 'pixel', so positions are taken as fractions"
        faults.add(nth, f"the unknown domain {domain!r}", effect)
    number = box.get("class_id")
    if number is not None:
        value = number_of(number)
        if value is None or value - value != 0 or value != int(value):
            raise TypeError(f"{where}: class_id must be an int, not {number!r}")
        made["class_id"] = int(value)
    caption = box.get("box_caption")
    if caption is not None:
        made["box_caption"] = str(caption)
    scores = box.get("scores")
    if scores is not None:
        made["scores"] = _scores(scores, where)
    return made


def _position(given: Any, where: str, nth: int, faults: _Faults) -> dict[str, Any] | None:
    """Read a position. None if it is not finite."""
    position: Mapping[str, Any] = (
        cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {}
    )
    if position.keys() >= {*_MIDDLE}:
        known = _MIDDLE
        middle = [_number(one, f"{where}: middle") for one in position["middle"]]
        if len(middle) != 2:
            raise TypeError(f"{where}: middle must have two numbers, not {len(middle)}")
        sizes = {name: _number(position[name], f"{where}: {name}") for name in _MIDDLE[1:]}
        made: dict[str, Any] = {"middle": middle, **sizes}
        numbers = {"middle": sum(middle), **sizes}
    elif position.keys() >= {*_CORNERS}:
        known = _CORNERS
        numbers = {name: _number(position[name], f"{where}: {name}") for name in _CORNERS}
        made = dict(numbers)
    else:
        raise TypeError(
            f"{where}: position must have minX, maxX, minY and maxY, or middle, width and height"
        )
    _note_unknown(position, known, "such a position", faults, nth)
    for name, number in numbers.items():
        if number - number != 0:
            faults.add(nth, f"a box with a {name} of {number}", "such a box is left out")
            return None
    _put_in_order(made, nth, faults)
    return made


def _put_in_order(position: dict[str, Any], nth: int, faults: _Faults) -> None:
    for low, high in (("minX", "maxX"), ("minY", "maxY")):
        if low in position and position[low] > position[high]:
            what = f"a box with {low} {position[low]:g} above {high} {position[high]:g}"
            faults.add(nth, what, "they were swapped")
            position[low], position[high] = position[high], position[low]
    for name in _MIDDLE[1:]:
        if name in position and position[name] < 0:
            what = f"a box with a {name} of {position[name]:g}"
            faults.add(nth, what, "the sign was dropped")
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


def _number(value: Any, what: str) -> int | float:
    number = number_of(value)
    if number is None:
        raise TypeError(f"{what} must be a number, not {value!r}")
    return number
