"""`weft.Object3D` and `box3d`."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from weft.sdk.media.object3d import Object3D, box3d


def content(object3d: Object3D) -> Any:
    (payload,) = object3d.payloads().values()
    (buffer,) = payload.buffers
    return msgspec.json.decode(buffer)


@given(
    st.sampled_from([3, 4, 6]).flatmap(
        lambda n: arrays.arrays(np.int32, st.tuples(st.integers(0, 20), st.just(n)))
    )
)
@example(np.array([[1, 1, 1, 1, 0, 1]], np.int32))
def test_points_come_out_as_they_went_in(points: Any) -> None:
    object3d = Object3D(points)
    assert content(object3d) == points.tolist()
    assert object3d.reference({"": "p"}) == {
        "_type": "object3D-file", "path": "p", "n_points": len(points),
    }  # fmt: skip


def test_lists_and_colors_from_0_to_1() -> None:
    object3d = Object3D([[0, 0, 0, 0.0, 0.5, 1.0]])
    assert content(object3d) == [[0, 0, 0, 0, 127.5, 255]]
    assert object3d.notes == ["has colors from 0 to 1, which were scaled to 0 to 255"]


def test_points_that_are_nowhere_are_left_out_and_said() -> None:
    object3d = Object3D(np.array([[0, 0, np.nan], [1, 2, 3]]))
    assert content(object3d) == [[1, 2, 3]]
    assert object3d.notes == ["has 1 points that are not finite; they were left out"]


def test_categories_and_boxes_that_cannot_be_drawn_are_said() -> None:
    object3d = Object3D([[0, 0, 0, 1], [1, 1, 1, 99], [2, 2, 2, 0]])
    assert object3d.notes == [
        "has 2 points whose category is not from 1 to 14; their colors may be those of other "
        "categories"
    ]
    box = box3d(center=(0, 0, 0), size=(1, 1, 1), orientation=(1, 0, 0, 0), color=(0, 0, 0))
    boxes = [box, {"label": "a"}, {"corners": [[0, 0, 0]]}, 5]
    scene = Object3D({"type": "lidar/beta", "points": [[0, 0, 0]], "boxes": boxes})
    assert len(content(scene)["boxes"]) == 1
    assert scene.notes == [
        "has 3 boxes without 8 corners, which were left out; weft.box3d() makes a box of its "
        "center and size"
    ]


def test_a_scene() -> None:
    box = box3d(center=(1, 2, 3), size=(2, 4, 6), orientation=(1, 0, 0, 0), color=(255, 0, 0))
    object3d = Object3D.from_point_cloud(
        points=[[0, 0, 0, 3]], boxes=[box], vectors=[{"start": np.zeros(3), "end": [1, 1, 1]}]
    )
    scene = content(object3d)
    assert scene["points"] == [[0, 0, 0, 3]]
    assert scene["boxes"][0]["corners"][0] == [0, 0, 0]
    assert scene["boxes"][0]["corners"][7] == [2, 4, 6]
    assert scene["boxes"][0]["color"] == [255, 0, 0]
    assert scene["vectors"] == [{"start": [0, 0, 0], "end": [1, 1, 1]}]


QUATERNIONS = st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(x * x for x in q) > 0.01)


@given(QUATERNIONS)
def test_a_box_is_turned_as_its_quaternion_says(quaternion: tuple[float, ...]) -> None:
    corners = np.array(
        box3d(center=(0, 0, 0), size=(2, 4, 6), orientation=quaternion, color=(1, 1, 1))["corners"]
    )
    # v' = q v q*, with Hamilton's product
    w, *vector = np.array(quaternion) / np.linalg.norm(quaternion)
    for corner, at in zip(corners, np.ndindex(2, 2, 2), strict=True):
        v = np.array([1, 2, 3]) * (np.array(at) * 2 - 1)
        turned = v + 2 * np.cross(vector, np.cross(vector, v) + w * v)
        assert corner == pytest.approx(turned, abs=1e-9)


def test_files_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "A.GLB"
    path.write_bytes(b"glTF")
    payload = Object3D(path).payloads()[""]
    assert (payload.source, payload.extension) == (path, ".glb")
    payload = Object3D(BytesIO(b"glTF"), file_type="glb").payloads()[""]
    assert (payload.buffers, payload.extension) == ([b"glTF"], ".glb")
    with path.open("rb") as file:
        assert Object3D(file).payloads()[""].extension == ".glb"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Object3D(np.zeros((3, 5))), "an array of shape (3, 5) is not points: expected"),
        (lambda: Object3D({"type": "x"}), "the type of a scene must be 'lidar/beta', not 'x'"),
        (lambda: Object3D("/no/such.obj"), "no such file: /no/such.obj"),
        (lambda: Object3D("/no/such.txt"), "a file of a 3D object ends with .pts.json"),
        (lambda: box3d(center=(1, 2), size=(1, 1, 1), orientation=(1, 0, 0, 0), color=()),
         "center must be 3 numbers, not (1, 2)"),
        (lambda: box3d(center=(1, 2, 3), size=(1, 1, 1), orientation=(0, 0, 0, 0), color=()),
         "orientation must not be a zero quaternion"),
    ],
)  # fmt: skip
def test_what_is_no_object_is_refused(make: Any, message: str) -> None:
    with pytest.raises((ValueError, FileNotFoundError)) as raised:
        make()
    assert message in str(raised.value)


def test_an_open_file_without_a_name_needs_a_type() -> None:
    with pytest.raises(ValueError, match="file_type is missing"):
        Object3D(StringIO("solid"))
    assert Object3D(StringIO("solid"), file_type="stl").payloads()[""].extension == ".stl"
