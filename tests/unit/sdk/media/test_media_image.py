"""`weft.Image`, its boxes and masks: what is taken, what is refused, what is stored."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import hypothesis
import msgspec
import numpy as np
import PIL.Image
import pytest
from hypothesis.extra import numpy as arrays

from media_files import made_files, offline_run, rows_of
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes
from weft.sdk.media.image import Image
from weft.sdk.media.masks import ImageMask

BOX: dict[str, Any] = {
    "position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.4},
    "class_id": 1,
}


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
    assert [buffer.nbytes for buffer in payload.buffers] == [60]


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
    for source in (content, bytearray(content), BytesIO(content)):
        assert Image(source).payloads()[""].buffers == [content]
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
    ("boxes", "message"),
    [
        ({}, "boxes 'k': box_data must be a list of boxes"),
        ({"box_data": "x"}, "boxes 'k': box_data must be a list of boxes"),
        ({"box_data": [3]}, "boxes 'k', box 0: a box must be a dict, not int"),
        ({"box_data": [BOX, {}]}, "boxes 'k', box 1: position must have minX, maxX"),
        ({"box_data": [box(class_id=1.5)]}, "box 0: class_id must be an int, not 1.5"),
        ({"box_data": [box(scores=[1])]}, "box 0: scores must be a dict of numbers by name"),
        ({"box_data": [box(scores={"p": "x"})]}, "box 0: score 'p' must be a number, not 'x'"),
        ({"box_data": [box(position={"middle": [1], "width": 1, "height": 1})]},
         "box 0: middle must have two numbers, not 1"),
        ({"box_data": [], "class_labels": {"a": "cat"}}, "the id of a class must be an int"),
        ({"box_data": [], "class_labels": {1: 2}}, "the name of class 1 must be a string, not 2"),
    ],
)  # fmt: skip
def test_invalid_boxes_are_named(boxes: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError) as raised:  # as in W&B
        BoundingBoxes2D(boxes, "k")
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
    assert (few.class_labels, few.no_class, few.notes) == ({7: "class_7"}, 255, [])


@pytest.mark.parametrize(
    ("ids", "labels", "stored"),
    [
        ([[-1, 255]], None, [[65535, 255]]),  # 255 is a class of the mask
        ([[-1, 3]], {3: "a", 255: "b"}, [[65535, 3]]),  # or of its names
        ([[-1, 255, 65535]], None, [[65534, 255, 65535]]),
        ([[-1, -1]], None, [[0, 0]]),  # without names, 0 is not drawn
        ([[-1, -1]], {1: "a"}, [[255, 255]]),
        ([[-1, 0]], {-1: "nothing", 0: "sky"}, [[255, 0]]),
    ],
)
def test_negative_ids_become_an_id_that_no_class_has(
    ids: list[list[int]], labels: dict[int, str] | None, stored: list[list[int]]
) -> None:
    mask = {"mask_data": np.array(ids)} | ({} if labels is None else {"class_labels": labels})
    image = Image(np.zeros((1, len(ids[0]))), masks={"m": mask})
    payload = image.payloads()["masks/m"]
    assert payload.buffers[0].tolist() == stored
    assert payload.options["mode"] == ("I;16" if max(stored[0]) > 255 else "L")
    reference = image.reference(paths_of(image))["masks"]["m"]
    assert reference["no_class"] == stored[0][0]
    assert str(reference["no_class"]) not in reference["class_labels"]
    assert image.notes == []


def masked(ids: Any, **more: Any) -> list[str]:
    array = np.array(ids)
    return Image(np.zeros(array.shape), masks={"m": {"mask_data": array, **more}}).notes


def test_what_is_wrong_with_a_mask_is_noted() -> None:
    assert masked([[-128, 5, -56]]) == [
        "has ids from -128 to -56 in mask 'm'; negative ids mean 'no class' and are not drawn"
    ]
    assert masked([[0, 255, 1]], class_labels={1: "cat"}) == []
    assert masked([[0, 1, 2, 3, 4, 5, 6, 7]], class_labels={1: "cat"}) == [
        "has class ids without a name in mask 'm': 2, 3, 4, 5, 6 and 1 more; they are not drawn"
    ]
    assert masked([[1]], labels={1: "cat"}) == [
        "has the unknown key 'labels' in mask 'm'; it is left out: a mask has mask_data, path, "
        "class_labels"
    ]


@hypothesis.given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2)))
def test_the_classes_of_a_mask_are_its_ids(ids: Any) -> None:
    assert ImageMask({"mask_data": ids}, "k").class_ids == sorted({*ids.ravel().tolist()})


CORNERS = BOX["position"]


@pytest.mark.parametrize(
    ("box", "note"),
    [
        (box(position={**CORNERS, "maxX": 1.2}),
         "has a box that reaches outside the image (boxes 'b', box 0); that part is not shown"),
        (box(position={**CORNERS, "maxX": 1.005}), None),
        (box(position={"minX": 10, "maxX": 40, "minY": 1, "maxY": 5}),
         "has a box at 40 (boxes 'b', box 0); positions are fractions of the image's size: "
         "for pixels, give the box 'domain': 'pixel'"),
        (box(position={"minX": 10, "maxX": 50, "minY": 1, "maxY": 40}, domain="pixel"), None),
        (box(position={"minX": 10, "maxX": 51, "minY": 1, "maxY": 40}, domain="pixel"),
         "has a box that reaches outside the image (boxes 'b', box 0); that part is not shown"),
        (box(position={"middle": [0.5, 0.9], "width": 0.1, "height": 0.4}),
         "has a box that reaches outside the image (boxes 'b', box 0); that part is not shown"),
        (box(position={**CORNERS, "minX": 0.5}),
         "has a box with minX 0.5 above maxX 0.2 (boxes 'b', box 0); they were swapped"),
        (box(position={"middle": [0.5, 0.5], "width": -0.1, "height": 0.4}),
         "has a box with a width of -0.1 (boxes 'b', box 0); the sign was dropped"),
        (box(position={**CORNERS, "minY": float("nan")}),
         "has a box with a minY of nan (boxes 'b', box 0); such a box is left out"),
        (box(position={**CORNERS, "left": 1}),
         "has the unknown key 'left' (boxes 'b', box 0); it is left out: such a position has "
         "minX, maxX, minY, maxY"),
        (box(domain="px"),
         "has the unknown domain 'px' (boxes 'b', box 0); the only one is 'pixel', so positions "
         "are taken as fractions"),
        (box(score=0.5),
         "has the unknown key 'score' (boxes 'b', box 0); it is left out: a box has position, "
         "domain, class_id, box_caption, scores"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_box_is_noted(box: dict[str, Any], note: str | None) -> None:
    image = Image(np.zeros((40, 50)), boxes={"b": {"box_data": [box]}})
    assert image.notes == ([] if note is None else [note])


def test_boxes_are_stored_so_that_they_can_be_shown() -> None:
    swapped = box(position={**CORNERS, "minX": 0.5}, score=1)
    gone = box(position={**CORNERS, "minX": float("inf")})
    layer = BoundingBoxes2D({"box_data": [swapped, gone], "labels": {}}, "k")
    [stored] = layer.box_data
    assert stored == {"position": {**CORNERS, "minX": 0.2, "maxX": 0.5}, "class_id": 1}
    assert [note.split(" (boxes")[0] for note in layer.notes] == [
        "has the unknown key 'labels'",
        "has the unknown key 'score'",
        "has a box with minX 0.5 above maxX 0.2",
        "has a box with a minX of inf",
    ]


def test_faults_of_many_boxes_are_one_note() -> None:
    boxes = [box(position={**CORNERS, "maxX": 1.5 + n}) for n in range(1200)]
    notes = Image(np.zeros((4, 5)), boxes={"b": {"box_data": boxes}}).notes
    assert len(notes) == 2
    assert "(boxes 'b', box 1 and 1,198 more); " in notes[1]


def test_classes_without_a_name_are_noted() -> None:
    layer = {"box_data": [box(class_id=n) for n in (0, 1, 7, 255)], "class_labels": {1: "cat"}}
    assert Image(np.zeros((4, 5)), boxes={"b": layer}).notes == [
        "has class ids without a name in boxes 'b': 7; they have numbers for names"
    ]
    named = Image(np.zeros((4, 5)), boxes={"b": layer}, classes=[{"id": 7, "name": "dog"}])
    assert named.notes == []
    (buffer,) = named.payloads()["boxes/b"].buffers
    assert msgspec.json.decode(buffer)["class_labels"] == {"1": "cat", "7": "dog"}


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ({}, "mask 'k': mask_data (an array of class ids) or path is missing"),
        ({"mask_data": np.zeros((2, 3, 4))}, "must have the shape (height, width), not (2, 3, 4)"),
        ({"mask_data": np.array([[70_000]])}, "the largest class id is 65535, not 70000"),
        ({"mask_data": np.array([[np.nan, 1]])}, "1 values are not finite, so no class ids"),
        ({"mask_data": np.array([["a"]])}, "mask_data must be class ids, not values of <U1"),
        ({"path": "/no/such/file.png"}, "no such file: /no/such/file.png"),
    ],
)
def test_invalid_masks_are_named(masks: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, FileNotFoundError)) as raised:
        ImageMask(masks, "k")
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
    files = made_files(run.directory)
    [row] = rows_of(run.directory)
    references = [row["again"], {name[4:]: items[0] for name, items in row["both"].items()
                                 if name in ("all_boxes", "all_masks")}]  # fmt: skip
    for reference in references:
        for nth, name in enumerate(names):
            box = msgspec.json.decode(files[reference["boxes"][name]["path"]].read_bytes())
            assert box["box_data"][0]["class_id"] == nth
            with PIL.Image.open(files[reference["masks"][name]["path"]]) as mask:
                assert mask.getextrema() == (nth, nth)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "an image can't be made of None"),
        ("ftp://a.b/c.png", "as a path or data, not by its address: ftp://a.b/c.png"),
    ],
)
def test_what_is_no_image_is_named(source: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        Image(source)
    assert message in str(raised.value)
