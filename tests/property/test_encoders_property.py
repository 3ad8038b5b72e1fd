"""Every media type comes back as it was given, through spool file and worker."""

from __future__ import annotations

import datetime
import hashlib
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import weft
from weft.runlog.spool import SpoolFile, spool_files
from weft.sdk.guard import Guard
from weft.sdk.media.batch import MediaBatch
from weft.sdk.media.tables.reading import read_table
from weft.sdk.recording.media_spool import MediaSpool
from weft.sync.files.worker import make_file

SIDES = st.integers(1, 12)
LONG_SIDES = st.integers(5, 12)
"""Longer than an image has channels, so that both orders of axes can be told apart."""


@contextmanager
def stored(*values: Any) -> Iterator[tuple[list[dict[str, Any]], Path]]:
    """The row of each value, and the folder with the files that were made of them."""
    with tempfile.TemporaryDirectory() as name:
        run = Path(name)
        spool = MediaSpool(run, Guard(strict=True))
        batch: MediaBatch = spool.open_batch()
        references = [
            batch.attach(f"key {nth}", [value], is_list=False) for nth, value in enumerate(values)
        ]
        spool.store(batch, 7, run / "run-id.w.weft")
        for path in spool_files(run):
            with SpoolFile(path) as file:
                for job in file.jobs:
                    encoded = make_file(file, job, run / "files")
                    assert encoded.error is None, encoded.error
                    content = (run / "files" / job.path).read_bytes()
                    assert encoded.n_bytes == len(content)
                    assert encoded.sha256 == hashlib.sha256(content).hexdigest()
        yield references, run / "files"


def content_of(value: Any) -> bytes:
    with stored(value) as ([reference], files):
        return (files / reference["path"]).read_bytes()


def picture_of(value: Any) -> Any:
    with stored(value) as ([reference], files):
        picture = PIL.Image.open(files / reference["path"])
        picture.load()
        assert picture.size == (reference["width"], reference["height"])
        return picture


# -- images ---


@given(st.data(), LONG_SIDES, LONG_SIDES, st.sampled_from([1, 2, 3, 4]), st.booleans())
def test_a_png_has_the_pixels_in_any_order_of_axes_and_memory(
    data: st.DataObject, height: int, width: int, n_channels: int, is_first: bool
) -> None:
    pixels = data.draw(arrays.arrays(np.uint8, (height, width, n_channels)))
    array = pixels.transpose(2, 0, 1) if is_first else pixels
    layout = data.draw(st.sampled_from(["plain", "fortran", "reversed", "strided"]))
    if layout == "fortran":
        array = np.asfortranarray(array)
    elif layout == "reversed":
        array = array[..., ::-1].copy()[..., ::-1]
    elif layout == "strided":
        array = np.repeat(array, 2, axis=0)[::2]
    pixels_back = np.asarray(picture_of(weft.Image(array)))
    assert (pixels_back.reshape(pixels.shape) == pixels).all()


WHOLE = st.sampled_from([np.int8, np.int16, np.uint16, np.int32, np.int64, np.uint64])


@given(st.data(), SIDES, SIDES, WHOLE)
def test_ints_of_any_type_are_their_values(
    data: st.DataObject, height: int, width: int, kind: Any
) -> None:
    highest = min(255, int(np.iinfo(kind).max))
    array = data.draw(
        arrays.arrays(kind, (height, width), elements=st.integers(0, highest), fill=st.nothing())
    )
    assert (np.asarray(picture_of(weft.Image(array))) == array).all()


@given(st.data(), SIDES, SIDES, st.sampled_from([np.float16, np.float32, np.float64, np.bool_]))
def test_floats_and_bools_of_the_unit_range_fill_the_bytes(
    data: st.DataObject, height: int, width: int, kind: Any
) -> None:
    levels = data.draw(arrays.arrays(np.uint8, (height, width)))
    if kind == np.bool_:
        levels = np.where(levels > 127, 255, 0)
    pixels_back = np.asarray(picture_of(weft.Image((levels / 255).astype(kind)))).astype(int)
    assert np.abs(pixels_back - levels).max() <= 1  # a byte is cut, not rounded


MODES = {"1": "L", "L": "L", "LA": "LA", "P": "RGB", "RGB": "RGB", "RGBA": "RGBA", "CMYK": "RGB"}


@given(st.data(), SIDES, SIDES, st.sampled_from([*MODES]))
def test_a_picture_of_pillow_keeps_its_colors(
    data: st.DataObject, height: int, width: int, mode: str
) -> None:
    pillow: Any = PIL.Image
    pixels = data.draw(arrays.arrays(np.uint8, (height, width, 4)))
    picture = pillow.fromarray(pixels, "RGBA")
    if mode in {"1", "P", "CMYK"}:  # Pillow has no direct way
        picture = picture.convert("RGB")
    picture = picture.convert(mode)
    drawn = picture_of(weft.Image(picture))
    assert drawn.mode == MODES[mode]
    assert (np.asarray(drawn) == np.asarray(picture.convert(MODES[mode]))).all()


@given(arrays.arrays(np.uint16, arrays.array_shapes(min_dims=2, max_dims=2)))
def test_a_picture_of_sixteen_bits_keeps_them(values: Any) -> None:
    pillow: Any = PIL.Image
    drawn = picture_of(weft.Image(pillow.fromarray(values)))
    assert (np.asarray(drawn) == values).all()


@given(st.data(), SIDES, SIDES, st.sampled_from(["bmp", "webp"]), st.sampled_from([1, 3]))
def test_bmp_and_webp_lose_nothing(
    data: st.DataObject, height: int, width: int, kind: str, n_channels: int
) -> None:
    pixels = data.draw(arrays.arrays(np.uint8, (height, width, n_channels)))
    drawn = picture_of(weft.Image(pixels, file_type=kind))
    assert drawn.format == kind.upper()
    shown = np.asarray(drawn.convert("L" if n_channels == 1 else "RGB"))
    assert (shown.reshape(pixels.shape) == pixels).all()


@given(st.integers(8, 40), st.integers(8, 40), st.sampled_from([1, 3]), st.integers(0, 155))
def test_a_jpeg_looks_the_same(height: int, width: int, n_channels: int, level: int) -> None:
    slope = np.add.outer(np.arange(height), np.arange(width)) * (100 / (height + width)) + level
    pixels = np.stack([slope] * n_channels, axis=2).astype(np.uint8)
    drawn = picture_of(weft.Image(pixels, file_type="jpg"))
    assert drawn.format == "JPEG"
    shown = np.asarray(drawn).reshape(pixels.shape).astype(int)
    assert np.abs(shown - pixels).mean() < 3


@given(st.sampled_from(["png", "jpeg", "gif", "tiff", "webp", "bmp"]), SIDES, SIDES)
def test_bytes_and_files_stay_as_they_are(kind: str, height: int, width: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a.{kind}")
        PIL.Image.new("RGB", (width, height), "teal").save(path)
        content = path.read_bytes()
        assert content_of(weft.Image(path)) == content
        assert content_of(weft.Image(content)) == content


# -- masks and boxes ---


@given(
    arrays.arrays(
        np.int64,
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.integers(-3, 300) | st.integers(65_530, 65_535),
    ),
    st.none() | st.dictionaries(st.integers(0, 300), st.text(min_size=1), max_size=4),
)
def test_a_mask_has_the_classes_and_no_other(ids: Any, names: dict[int, str] | None) -> None:
    layer = {"mask_data": ids} | ({} if names is None else {"class_labels": names})
    image = weft.Image(np.zeros(ids.shape, np.uint8), masks={"m": layer})
    image.notes.clear()
    with stored(image) as ([reference], files):
        mask = reference["masks"]["m"]
        drawn = np.asarray(PIL.Image.open(files / mask["path"])).astype(int)
    is_class = ids >= 0
    assert (drawn[is_class] == ids[is_class]).all()
    labels = {int(number): name for number, name in mask["class_labels"].items()}
    if names:
        assert labels == names
    else:
        assert labels == {
            int(class_id): f"class_{class_id}" for class_id in np.unique(ids[is_class])
        }
    if is_class.all():
        assert "no_class" not in mask
    else:
        free = mask["no_class"]
        assert (drawn[~is_class] == free).all()
        assert free not in labels
        assert free not in ids[is_class]


UNIT = st.floats(0, 1)
CORNERS = st.tuples(UNIT, UNIT, UNIT, UNIT).map(
    lambda four: {
        "minX": min(four[:2]), "maxX": max(four[:2]), "minY": min(four[2:]), "maxY": max(four[2:]),
    }
)  # fmt: skip
MIDDLES = st.builds(
    lambda x, y, width, height: {"middle": [x, y], "width": width, "height": height},
    st.floats(0.25, 0.75), st.floats(0.25, 0.75), st.floats(0, 0.5), st.floats(0, 0.5),
)  # fmt: skip
BOXES = st.fixed_dictionaries(
    {"position": CORNERS | MIDDLES},
    optional={
        "class_id": st.integers(0, 9),
        "box_caption": st.text(),
        "scores": st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False)),
    },
)


@given(st.lists(BOXES, max_size=4))
def test_boxes_are_in_their_file(boxes: list[dict[str, Any]]) -> None:
    labels = {number: f"name {number}" for number in range(10)}
    layer = {"box_data": boxes, "class_labels": labels}
    image = weft.Image(np.zeros((4, 5), np.uint8), boxes={"b": layer})
    assert image.notes == []
    with stored(image) as ([reference], files):
        boxes_back = msgspec.json.decode((files / reference["boxes"]["b"]["path"]).read_bytes())
    assert boxes_back["box_data"] == boxes
    assert boxes_back["class_labels"] == {str(number): name for number, name in labels.items()}


# -- sounds and videos ---


@given(
    st.data(),
    st.sampled_from([np.uint8, np.int8, np.int16, np.uint16, np.int32, np.int64]),
    st.integers(9, 40),
    st.integers(1, 4),
    st.integers(1, 200_000),
    st.booleans(),
)
def test_a_wav_has_the_samples(
    data: st.DataObject, kind: Any, n_samples: int, n_channels: int, rate: int, is_first: bool
) -> None:
    limits = np.iinfo(np.int32 if kind == np.int64 else kind)
    elements = st.integers(int(limits.min), int(limits.max))
    samples = data.draw(arrays.arrays(kind, (n_samples, n_channels), elements=elements))
    with (
        stored(weft.Audio(samples.T if is_first else samples, rate)) as ([reference], files),
        wave.open(str(files / reference["path"])) as file,
    ):
        parameters = file.getparams()
        width = {1: "u1", 2: "<i2", 4: "<i4"}[parameters.sampwidth]
        samples_back = np.frombuffer(file.readframes(parameters.nframes), width)
    assert (parameters.framerate, parameters.nchannels) == (rate, n_channels)
    assert (samples_back.reshape(-1, n_channels) == samples).all()
    assert (reference["sampleRate"], reference["channels"]) == (rate, n_channels)
    assert reference["duration"] == pytest.approx(n_samples / rate)


@settings(max_examples=max(10, settings().max_examples // 10))
@given(
    st.sampled_from(["gif", "mp4", "webm"]),
    st.integers(1, 6),
    st.integers(8, 32),
    st.integers(8, 32),
    st.sampled_from([1, 3]),
    st.booleans(),
    st.sampled_from([1, 4, 10, 25]),
)
def test_a_video_has_the_frames(
    kind: str, n_frames: int, height: int, width: int, n_channels: int, is_first: bool, fps: int
) -> None:
    # Each frame has a level of its own, so that a lost or repeated one shows.
    levels = np.linspace(20, 220, n_frames).astype(np.uint8)
    frames = np.broadcast_to(
        levels[:, None, None, None], (n_frames, height, width, n_channels)
    ).copy()
    array = frames.transpose(0, 3, 1, 2) if is_first else frames
    with (
        stored(weft.Video(array, fps=fps, format=kind)) as ([reference], files),
        av.open(files / reference["path"]) as container,
    ):
        stream = container.streams.video[0]
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        rate = float(stream.average_rate or 0)
    assert (reference["n_frames"], reference["fps"]) == (n_frames, fps)
    assert len(shown) == n_frames
    assert {frame.shape for frame in shown} == {(reference["height"], reference["width"], 3)}
    assert 0 <= reference["height"] - height <= 1
    assert 0 <= reference["width"] - width <= 1
    if n_frames > 1:
        assert rate == pytest.approx(fps, rel=0.01)
    for frame, level in zip(shown, levels, strict=True):
        assert np.abs(frame[:height, :width].astype(int) - int(level)).mean() < 4


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_a_gray_video_has_no_tint(kind: str) -> None:
    frames = np.full((2, 32, 32, 1), 200, np.uint8)
    with (
        stored(weft.Video(frames, format=kind)) as ([reference], files),
        av.open(files / reference["path"]) as container,
    ):
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    red, green, blue = np.mean(shown, axis=(0, 1, 2))
    assert red == pytest.approx(green, abs=0.5)
    assert blue == pytest.approx(green, abs=0.5)


# -- points, figures and texts ---


@given(
    st.sampled_from([3, 4, 6]).flatmap(
        lambda n: arrays.arrays(
            st.sampled_from([np.float32, np.float64, np.int16]),
            st.tuples(st.integers(0, 9), st.just(n)),
            elements=st.integers(2, 14 if n == 4 else 250),  # the fourth of 4 is a category
        )
    )
)
def test_points_are_in_their_file(points: Any) -> None:
    assert msgspec.json.decode(content_of(weft.Object3D(points))) == points.tolist()
    if points.size:
        scene = weft.Object3D.from_point_cloud(points)
        assert msgspec.json.decode(content_of(scene))["points"] == points.tolist()


@given(st.text())
def test_texts_are_in_their_files(text: str) -> None:
    assert content_of(weft.Html("<p>" + text)).decode() == "<p>" + text
    assert content_of(weft.Molecule(text + "\n", file_type="xyz")).decode() == text + "\n"
    figure = {"data": [{"y": [1, 2], "name": text}], "layout": {}}
    assert msgspec.json.decode(content_of(weft.Plotly(figure))) == figure


# -- tables ---

FIRST, LAST = datetime.datetime(1900, 1, 2), datetime.datetime(2100, 1, 1)  # noqa: DTZ001
ZONES = st.sampled_from([datetime.UTC, datetime.timezone(datetime.timedelta(hours=5))])
NUMBERS = st.integers(-(2**63), 2**63 - 1)

COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "whole": NUMBERS,
    "float": st.floats(allow_nan=False),
    "both": st.integers(-(2**53), 2**53) | st.floats(allow_nan=False),
    "bool": st.booleans(),
    "text": st.text(),
    "bytes": st.binary(),
    "time": st.datetimes(FIRST, LAST),
    "zone": st.datetimes(FIRST, LAST, timezones=ZONES),
    "list": st.lists(NUMBERS | st.none(), max_size=3),
    "deep": st.lists(st.lists(st.text(), max_size=2), max_size=2),
    "dict": st.fixed_dictionaries({"a": NUMBERS}, optional={"b": st.lists(st.booleans())}),
    "array": arrays.arrays(np.float64, (2, 3), elements=st.floats(-1e9, 1e9)),
    "ints": arrays.arrays(np.int64, 3),
}


@given(
    st.lists(st.sampled_from([*COLUMNS]), min_size=1, max_size=4, unique=True).flatmap(
        lambda names: st.tuples(
            st.just(names),
            st.lists(st.tuples(*(st.none() | COLUMNS[name] for name in names)), max_size=5),
        )
    ),
    st.booleans(),
)
def test_cells_of_every_type_come_back(
    names_and_rows: tuple[list[str], list[tuple[Any, ...]]], at_once: bool
) -> None:
    names, rows = names_and_rows
    table = weft.Table(columns=[*names], data=[[*row] for row in rows] if at_once else None)
    for row in () if at_once else rows:
        table.add_data(*row)
    with stored(table) as ([reference], files):
        read_back = read_table(files / reference["path"])
    assert (reference["nrows"], reference["ncols"]) == (len(rows), len(names))
    assert read_back.columns == names
    assert read_back.types == table.types
    for expected, row in zip(rows, read_back.data, strict=True):
        for cell, other in zip(expected, row, strict=True):
            assert (cell is None) == (other is None)
            assert np.array_equal(cell, other) if isinstance(cell, np.ndarray) else cell == other


@given(st.lists(st.lists(st.tuples(NUMBERS, st.text()), max_size=3), min_size=1, max_size=4))
def test_increments_come_back_as_one_table(parts: list[list[tuple[int, str]]]) -> None:
    table = weft.Table(columns=["n", "text"], log_mode="INCREMENTAL")
    with tempfile.TemporaryDirectory() as name:
        run = Path(name)
        spool = MediaSpool(run, Guard(strict=True))
        paths: dict[str, None] = {}
        for step, part in enumerate(parts):
            for row in part:
                table.add_data(*row)
            batch: MediaBatch = spool.open_batch()
            reference = batch.attach("t", [table], is_list=False)
            spool.store(batch, step, run / "run-id.w.weft")
            paths[reference["path"]] = None
        for path in spool_files(run):
            with SpoolFile(path) as file:
                assert all(make_file(file, job, run).error is None for job in file.jobs)
        read_back = read_table(*(run / path for path in paths))
    assert read_back.data == [[*row] for part in parts for row in part]
