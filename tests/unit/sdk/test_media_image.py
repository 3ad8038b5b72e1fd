"""`weft.Image`, its boxes and masks: what is taken, what is refused, what is stored."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import PIL.Image
import pytest

from media_files import made_files, offline_run, rows_of
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes
from weft.sdk.media.image import Image
from weft.sdk.media.masks import ImageMask

BOX = {"position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.4}, "class_id": 1}


def paths_of(image: Image) -> dict[str, str]:
    return {name: f"media/{name or 'main'}" for name in image.payloads()}


def test_the_reference_has_what_w_and_b_writes() -> None:
    image = Image(
        np.zeros((4, 5, 3), np.uint8),
        caption="c",
        grouping=3,
        boxes={"truth": {"box_data": [BOX], "class_labels": {1: "cat"}}},
        masks={"truth": {"mask_data": np.ones((4, 5), int)}},
    )
    assert image.reference(paths_of(image)) == {
        "_type": "image-file",
        "path": "media/main",
        "caption": "c",
        "format": "png",
        "width": 5,
        "height": 4,
        "grouping": 3,
        "boxes": {"truth": {"_type": "boxes2D", "path": "media/boxes/truth"}},
        "masks": {
            "truth": {
                "_type": "mask",
                "path": "media/masks/truth",
                "class_labels": {"1": "class_1"},
            }
        },
    }


def test_arrays_are_stored_as_pixels() -> None:
    payload = Image(np.zeros((3, 4, 5))).payloads()[""]
    assert (payload.folder, payload.extension, payload.encoder) == ("images", ".png", "image")
    assert payload.options == {
        "width": 5, "height": 4, "mode": "RGB", "format": "png", "order": "CHW",
    }  # fmt: skip
    assert [one.nbytes for one in payload.buffers] == [60]


@pytest.mark.parametrize(
    ("mode", "stored"),
    [("1", "L"), ("L", "L"), ("LA", "LA"), ("P", "RGB"), ("RGB", "RGB"), ("RGBA", "RGBA"),
     ("CMYK", "RGB"), ("YCbCr", "RGB"), ("I;16", "I;16"), ("F", "L"), ("I", "L")],
)  # fmt: skip
def test_images_of_pillow_in_every_mode(mode: str, stored: str) -> None:
    image = Image(PIL.Image.new(mode, (5, 4)))
    assert (image.width, image.height) == (5, 4)
    assert image.payloads()[""].options["mode"] == stored


def saved(kind: str = "png") -> bytes:
    file = BytesIO()
    PIL.Image.new("RGB", (5, 4), "red").save(file, kind)
    return file.getvalue()


def test_files_and_their_bytes_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "A.JPG"
    path.write_bytes(saved("jpeg"))
    image = Image(path, caption="c")
    assert (image.width, image.height, image.format) == (5, 4, "jpeg")
    payload = image.payloads()[""]
    assert (payload.source, payload.extension, payload.encoder) == (path, ".jpg", "bytes")
    content = saved()
    for given in (content, bytearray(content), BytesIO(content)):
        assert Image(given).payloads()[""].buffers == [content]
    with path.open("rb") as file:
        assert Image(file).payloads()[""].buffers == [saved("jpeg")]


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"text")
    with pytest.raises(ValueError, match=r"not an image that Pillow can read: .*a\.png"):
        Image(tmp_path / "a.png")
    with pytest.raises(ValueError, match="not an image that Pillow can read: 4 bytes"):
        Image(b"text")
    with pytest.raises(FileNotFoundError, match=r"no such image: .*missing\.png"):
        Image(str(tmp_path / "missing.png"))
    with pytest.raises(TypeError, match="an image can't be made of"):
        Image(None)
    with pytest.raises(ValueError, match="a caption is given as caption="):
        Image(np.zeros((4, 5)), "my caption")
    with pytest.raises(ValueError, match="file_type must be one of png, jpg"):
        Image(np.zeros((4, 5)), file_type="gif")


def test_an_image_of_an_image() -> None:
    first = Image(np.zeros((4, 5)), caption="old", file_type="jpg")
    second = Image(first, caption="new")
    assert (second.width, second.height, second.format) == (5, 4, "jpg")
    assert second.reference(paths_of(second))["caption"] == "new"
    assert Image(first).reference(paths_of(first))["caption"] == "old"


def test_boxes_take_numbers_of_any_library() -> None:
    layer = BoundingBoxes2D(
        {
            "box_data": (
                {
                    "position": {"middle": np.array([1, 2]), "width": np.float32(3), "height": 4},
                    "domain": "pixel",
                    "class_id": np.int64(2),
                    "box_caption": None,
                    "scores": {"p": np.float64(0.5)},
                },
            ),
            "class_labels": {"2": "dog"},
        },
        "truth",
    )
    (buffer,) = layer.payload().buffers
    assert msgspec.json.decode(buffer) == {
        "box_data": [
            {
                "position": {"middle": [1, 2], "width": 3.0, "height": 4},
                "domain": "pixel",
                "class_id": 2,
                "scores": {"p": 0.5},
            }
        ],
        "class_labels": {"2": "dog"},
    }


def box(**changes: Any) -> dict[str, Any]:
    return {**BOX, **changes}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "boxes 'k': box_data must be a list of boxes"),
        ({"box_data": "x"}, "boxes 'k': box_data must be a list of boxes"),
        ({"box_data": [3]}, "boxes 'k', box 0: a box must be a dict, not int"),
        ({"box_data": [BOX, {}]}, "boxes 'k', box 1: position must have minX, maxX"),
        ({"box_data": [box(domain="px")]}, "box 0: domain must be 'pixel' or missing, not 'px'"),
        ({"box_data": [box(class_id=1.5)]}, "box 0: class_id must be an int, not 1.5"),
        ({"box_data": [box(scores=[1])]}, "box 0: scores must be a dict of numbers by name"),
        ({"box_data": [box(scores={"p": "x"})]}, "box 0: score 'p' must be a number, not 'x'"),
        ({"box_data": [box(position={**BOX["position"], "minX": float("nan")})]},
         "box 0: minX must be finite, not nan"),
        ({"box_data": [], "class_labels": {"a": "cat"}}, "the id of a class must be an int"),
        ({"box_data": [], "class_labels": {1: 2}}, "the name of class 1 must be a string, not 2"),
    ],
)  # fmt: skip
def test_invalid_boxes_are_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        BoundingBoxes2D(given, "k")
    assert message in str(raised.value)


def test_the_classes_of_an_image_name_those_of_its_layers() -> None:
    image = Image(
        np.zeros((4, 5)),
        classes=Classes(["cat", "dog"]),
        boxes={"a": {"box_data": [BOX]}},
        masks={"b": {"mask_data": np.zeros((4, 5), int), "class_labels": {0: "sky"}}},
    )
    (buffer,) = image.payloads()["boxes/a"].buffers
    assert msgspec.json.decode(buffer)["class_labels"] == {"1": "dog"}
    assert image.reference(paths_of(image))["masks"]["b"]["class_labels"] == {"0": "sky"}


def test_masks_hold_any_class_id() -> None:
    many = ImageMask({"mask_data": np.array([[0, 300]])}, "k").payload()
    assert (many.options["mode"], many.buffers[0].tolist()) == ("I;16", [[0, 300]])
    few = ImageMask({"mask_data": np.array([[[-100, 7.0]]])}, "k")
    assert (few.payload().options["mode"], few.payload().buffers[0].tolist()) == ("L", [[255, 7]])
    assert few.class_labels == {7: "class_7", 255: "class_255"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "mask 'k': mask_data (an array of class ids) or path is missing"),
        ({"mask_data": np.zeros((2, 3, 4))}, "must have the shape (height, width), not (2, 3, 4)"),
        ({"mask_data": np.array([[70_000]])}, "the largest class id is 65535, not 70000"),
        ({"mask_data": np.array([[np.nan, 1]])}, "1 values are not finite, so no class ids"),
        ({"mask_data": np.array([["a"]])}, "mask_data must be class ids, not values of <U1"),
        ({"path": "/no/such/file.png"}, "no such file: /no/such/file.png"),
    ],
)
def test_invalid_masks_are_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError, FileNotFoundError)) as raised:
        ImageMask(given, "k")
    assert message in str(raised.value)


def test_a_mask_of_another_size_is_said() -> None:
    image = Image(np.zeros((4, 5)), masks={"m": {"mask_data": np.zeros((40, 50), int)}})
    assert image.notes == ["has a mask 'm' of 50×40 pixels on an image of 5×4; it is stretched"]


def test_layers_of_one_image_are_files_of_their_own(tmp_path: Path) -> None:
    names = ["predictions", "ground_truth", "réviewed/by me"]
    image = Image(
        np.full((4, 5), 9, np.uint8),
        boxes={name: {"box_data": [BOX | {"class_id": nth}]} for nth, name in enumerate(names)},
        masks={name: {"mask_data": np.full((4, 5), nth)} for nth, name in enumerate(names)},
    )
    with offline_run(tmp_path) as run:
        run.log({"both": [image, Image(np.zeros((4, 5)))], "again": image})
    made = made_files(run.directory)
    [row] = rows_of(run.directory)
    references = [row["again"], {name[4:]: one[0] for name, one in row["both"].items()
                                 if name in ("all_boxes", "all_masks")}]  # fmt: skip
    for reference in references:
        for nth, name in enumerate(names):
            box = msgspec.json.decode(made[reference["boxes"][name]["path"]].read_bytes())
            assert box["box_data"][0]["class_id"] == nth
            with PIL.Image.open(made[reference["masks"][name]["path"]]) as mask:
                assert mask.getextrema() == (nth, nth)
