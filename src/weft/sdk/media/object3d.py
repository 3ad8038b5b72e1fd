"""Points, scenes and models in three dimensions. Reads given files."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, cast

import msgspec

from weft.libraries.optional import need
from weft.sdk.media.media import Media, Origin, Payload, number_of
from weft.sdk.values.arrays import numpy_of

FILE_TYPES: Final = ("pts.json", "gltf", "glb", "obj", "stl", "ply", "babylon")
"""The files that are taken, by the ends of their names."""

_SCENE: Final = "lidar/beta"
_N_CATEGORIES: Final = 14
_N_COLUMNS: Final = frozenset({3, 4, 6})


class Object3D(Media):
    """Points or a model in three dimensions to log.

    Args:
        data_or_path: points, as an array or list of shape (n, 3): x, y, z; (n, 4): and a category
            from 1 to 14; or (n, 6): and red, green, blue from 0 to 255. Or a scene, a dict with
            `type: "lidar/beta"`, `points`, and optionally `boxes` (see `box3d`) and `vectors`. Or
            the path of a glTF, OBJ, STL, PLY, Babylon or `.pts.json` file, or an open one.
        caption: text below the object.
        file_type: the kind of an open file, such as "glb".

    Raises:
        ValueError: the array has another shape, or the file another type.
        FileNotFoundError: there is no file at the path.

    >>> Object3D([[0, 0, 0], [1, 2, 3]]).n_points
    2
    """

    _log_type: ClassVar[str] = "object3D-file"
    has_list_form: ClassVar[bool] = True
    SUPPORTED_TYPES: ClassVar[frozenset[str]] = frozenset(FILE_TYPES)

    def __init__(
        self, data_or_path: Any, caption: Any = None, file_type: str | None = None, **_: Any
    ) -> None:
        super().__init__(caption)
        self.n_points: int | None = None
        self._payload = self._payload_of(data_or_path, file_type)

    @classmethod
    def from_file(cls, data_or_path: Any, file_type: str | None = None) -> Object3D:
        """Make an object of a file: its path, or an open one and its type."""
        return cls(data_or_path, file_type=file_type)

    @classmethod
    def from_numpy(cls, data: Any) -> Object3D:
        """Make points of an array."""
        return cls(data)

    @classmethod
    def from_point_cloud(
        cls,
        points: Any,
        boxes: Sequence[Any] = (),
        vectors: Sequence[Any] | None = None,
        point_cloud_type: str = _SCENE,
    ) -> Object3D:
        """Make a scene of points, boxes and vectors."""
        scene = {"type": point_cloud_type, "points": points, "boxes": boxes}
        return cls(scene | {"vectors": vectors or []})

    def reference(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """See `Media.reference`. It has the number of points, if known."""
        reference = super().reference(paths)
        return reference if self.n_points is None else reference | {"n_points": self.n_points}

    def restore(self, reference: Mapping[str, Any], origin: Origin | None) -> None:
        super().restore(reference, origin)
        self.n_points = reference.get("n_points")

    @classmethod
    def list_reference(cls, references: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {
            "_type": "object3D",
            "count": len(references),
            "filenames": [
                reference["path"].removeprefix("media/object3D/") for reference in references
            ],
            "objects": list(references),
        }

    def _payload_of(self, data_or_path: Any, file_type: str | None) -> Payload:
        if isinstance(data_or_path, (str, os.PathLike)):
            path = Path(os.path.abspath(cast("Any", data_or_path)))  # noqa: PTH100
            extension = f".{_type_of(path.name)}"
            if not path.is_file():
                raise FileNotFoundError(f"no such file: {path}")
            return Payload("object3D", extension, "bytes", source=path)
        if hasattr(data_or_path, "read"):
            name = f".{file_type}" if file_type else getattr(data_or_path, "name", None)
            if not isinstance(name, str):
                raise ValueError("file_type is missing: an open file without a name has no type")
            extension = f".{_type_of(name)}"
            content = data_or_path.read()
            content = content.encode() if isinstance(content, str) else bytes(content)
            return Payload("object3D", extension, "bytes", buffers=[content])
        if isinstance(data_or_path, Mapping):
            geometry: Any = self._scene_of(cast("Mapping[str, Any]", data_or_path))
        else:
            geometry = self._points_of(data_or_path)
        content = msgspec.json.encode(geometry)
        return Payload("object3D", ".pts.json", "bytes", buffers=[content])

    def _points_of(self, points: Any) -> list[Any]:
        need("numpy", "a cloud of points")
        import numpy as np

        array: Any = numpy_of(points) if hasattr(points, "shape") else np.asarray(points)
        if array.ndim != 2 or array.shape[1] not in _N_COLUMNS or array.dtype.kind not in "biuf":
            raise ValueError(
                f"an array of shape {array.shape} is not points: expected (n, 3) x, y, z; (n, 4) "
                "and a category; or (n, 6) and red, green, blue"
            )
        finite = np.isfinite(array).all(axis=1)
        n_lost = int(np.count_nonzero(~finite))
        if n_lost:
            self.notes.append(f"has {n_lost:,} points that are not finite; they were left out")
            array = array[finite]
        if array.shape[1] == 6 and _are_parts(array[:, 3:]):
            array = np.hstack([array[:, :3], array[:, 3:] * 255])
            self.notes.append("has colors from 0 to 1, which were scaled to 0 to 255")
        if array.shape[1] == 4:
            kinds = array[:, 3]
            n_other = int(np.count_nonzero((kinds < 1) | (kinds > _N_CATEGORIES)))
            if n_other:
                self.notes.append(
                    f"has {n_other:,} points whose category is not from 1 to {_N_CATEGORIES}; "
                    "their colors may be those of other categories"
                )
        self.n_points = len(array)
        return array.tolist()

    def _scene_of(self, scene: Mapping[str, Any]) -> dict[str, Any]:
        kind = scene.get("type")
        if kind != _SCENE:
            raise ValueError(f"the type of a scene must be {_SCENE!r}, not {kind!r}")
        points = scene.get("points")
        return {
            "type": _SCENE,
            "points": self._points_of(points) if points is not None and len(points) else [],
            "boxes": self._boxes_of(scene.get("boxes")),
            "vectors": [_plain(vector) for vector in _listed(scene.get("vectors"))],
        }

    def _boxes_of(self, values: Any) -> list[Any]:
        boxes = [_plain(value) for value in _listed(values)]
        whole = [box for box in boxes if _has_corners(box)]
        n_lost = len(boxes) - len(whole)
        if n_lost:
            self.notes.append(
                f"has {n_lost:,} boxes without 8 corners, which were left out; weft.box3d() makes "
                "a box of its center and size"
            )
        return whole


def box3d(
    *,
    center: Any,
    size: Any,
    orientation: Any,
    color: Any,
    label: str | None = None,
    score: float | None = None,
) -> dict[str, Any]:
    """Make a box for a scene of `Object3D`.

    Args:
        center: x, y, z of its middle.
        size: its lengths along its own three axes.
        orientation: its rotation: a quaternion w, x, y, z, of any length but 0.
        color: red, green, blue.
        label: its text.
        score: its number.

    Returns:
        A dict with its eight `corners`, and the color, label and score.

    Raises:
        ValueError: an argument has the wrong number of parts, or the quaternion is zero.

    >>> box3d(center=(0, 0, 0), size=(2, 2, 2), orientation=(1, 0, 0, 0), color=(255, 0, 0))[
    ...     "corners"][0]
    (-1.0, -1.0, -1.0)
    """
    need("numpy", "a box")
    import numpy as np

    middle, lengths, turn = (
        _numbers(values, n, name)
        for values, n, name in (
            (center, 3, "center"),
            (size, 3, "size"),
            (orientation, 4, "orientation"),
        )
    )
    length = float(np.linalg.norm(turn))
    if length == 0:
        raise ValueError("orientation must not be a zero quaternion")
    w, x, y, z = (part / length for part in turn)
    # The rotation matrix of a unit quaternion: Shoemake, "Animating rotation", 1985.
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    halves = np.array(lengths) / 2
    corners = [
        tuple((np.array(middle) + rotation @ (halves * signs)).tolist())
        for signs in itertools.product((-1, 1), repeat=3)
    ]
    color = tuple(number_of(part) for part in _listed(color))
    return {"corners": corners, "color": color, "label": label, "score": score}


def _are_parts(colors: Any) -> bool:
    """Whether colors are fractions of 1. Whole numbers are from 0 to 255."""
    return colors.dtype.kind == "f" and len(colors) > 0 and 0 < float(colors.max()) <= 1


def _numbers(values: Any, n: int, name: str) -> list[float]:
    numbers = [number_of(value) for value in _listed(values)]
    if len(numbers) != n or any(number is None for number in numbers):
        raise ValueError(f"{name} must be {n} numbers, not {values!r}")
    return [float(cast("float", number)) for number in numbers]


def _listed(values: Any) -> list[Any]:
    return [] if values is None else list(values)


def _has_corners(box: Any) -> bool:
    corners: Any = cast("Mapping[str, Any]", box).get("corners") if isinstance(box, dict) else None
    return isinstance(corners, list) and len(cast("list[Any]", corners)) == 8


def _plain(value: Any) -> Any:
    """Convert arrays and numbers in a box or a vector to plain ones."""
    if isinstance(value, Mapping):
        named = cast("Mapping[str, Any]", value)
        return {key: _plain(inner) for key, inner in named.items() if inner is not None}
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in cast("Sequence[Any]", value)]
    return value


def _type_of(name: str) -> str:
    kind = next((kind for kind in FILE_TYPES if name.lower().endswith(f".{kind}")), None)
    if kind is None:
        raise ValueError(f"a file of a 3D object ends with .{', .'.join(FILE_TYPES)}: {name}")
    return kind
