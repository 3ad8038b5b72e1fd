"""`weft.Video`: the rules for axes, values and arguments."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_files import made_files, offline_run, rows_of
from sdk_script import logs_in, records_of
from weft.records.record import File
from weft.sdk.media import video
from weft.sdk.media.frames import frames_of
from weft.sdk.media.html import Html
from weft.sdk.media.video import Video

FRAMES = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(5, 9), st.integers(5, 9))
def test_both_orders_of_axes_are_recognized(
    n_frames: int, n_channels: int, height: int, width: int
) -> None:
    first = np.random.default_rng(0).integers(
        0, 256, (n_frames, n_channels, height, width), np.uint8
    )
    for array, order in ((first, "CHW"), (first.transpose(0, 2, 3, 1), "HWC")):
        frames = frames_of(array, [])
        assert (frames.n_frames, frames.n_channels) == (n_frames, n_channels)
        assert (frames.height, frames.width, frames.order) == (height, width, order)
        np.testing.assert_array_equal(frames.data, array)


@given(st.integers(1, 9), st.sampled_from([np.uint8, np.float32]), st.booleans())
def test_a_batch_is_a_grid(n_videos: int, kind: Any, channels_last: bool) -> None:
    batch = np.stack([np.full((2, 3, 6, 7), nth + 1) for nth in range(n_videos)]).astype(kind)
    if channels_last:
        batch = batch.transpose(0, 1, 3, 4, 2)
    frames = frames_of(batch / 10 if kind is np.float32 else batch, [])
    rows, columns = frames.height // 6, frames.width // 7
    assert (rows, columns) == {
        1: (1, 1), 2: (1, 2), 3: (1, 4), 4: (2, 2), 5: (2, 4), 6: (2, 4), 7: (2, 4), 8: (2, 4),
        9: (2, 8),
    }[n_videos]  # fmt: skip
    shown = frames.data if channels_last else frames.data.transpose(0, 2, 3, 1)
    for nth in range(rows * columns):
        top, left = nth // columns * 6, nth % columns * 7
        tile = shown[:, top : top + 6, left : left + 7]
        value = nth + 1 if nth < n_videos else 0
        assert {*tile.ravel().tolist()} == {
            value if kind is np.uint8 else int(np.float32(value / 10) * np.float32(255))
        }


def test_frames_in_a_list() -> None:
    images = [PIL.Image.fromarray(np.full((4, 5, 3), nth, np.uint8)) for nth in range(3)]
    frames = frames_of(images, [])
    assert (frames.n_frames, frames.order, frames.width) == (3, "HWC", 5)
    assert frames_of([np.zeros((6, 7)), np.zeros((6, 7))], []).data.shape == (2, 6, 7, 1)
    with pytest.raises(ValueError, match=r"have one shape, not \(4, 5\), \(5, 4\)"):
        frames_of([np.zeros((4, 5)), np.zeros((5, 4))], [])
    with pytest.raises(ValueError, match="the list is empty"):
        frames_of([], [])


def test_all_frames_have_one_range_of_values() -> None:
    notes: list[str] = []
    frames = np.zeros((2, 1, 5, 5))
    frames[1] = -1
    assert [*frames_of(frames, notes).data[:, 0, 0, 0]] == [127, 0]
    assert notes == []
    frames_of(frames * 300, notes)
    assert notes == ["has values from -300 to 0; those outside 0 to 255 were clipped"]


def test_the_snapshot_is_the_videos_own() -> None:
    frames = FRAMES.copy()
    video = Video(frames, format="gif")
    frames[:] = 0
    np.testing.assert_array_equal(video.payloads()[""].buffers[0], FRAMES)


@pytest.mark.parametrize(("kind", "size"), [("gif", (5, 4)), ("webm", (5, 4)), ("mp4", (6, 4))])
def test_the_reference_of_an_array(kind: str, size: tuple[int, int]) -> None:
    video = Video(FRAMES, caption="c", fps=8, format=kind)
    assert video.duration_secs == 0.25
    assert video.payloads()[""].extension == f".{kind}"
    assert video.reference({"": "p"}) == {
        "_type": "video-file", "path": "p", "caption": "c", "width": size[0], "height": size[1],
        "fps": 8, "n_frames": 2,
    }  # fmt: skip


def test_an_array_is_mp4_unless_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Video(FRAMES).payloads()[""].extension == ".mp4"
    monkeypatch.setattr(video, "_LIBRARIES", ("no_such_library",))
    default = Video(FRAMES)
    assert (default.payloads()[""].extension, default.notes) == (".gif", [])
    default = Video(FRAMES, format="mp4")
    assert (default.payloads()[""].extension, default.payloads()[""].encoder) == (".gif", "gif")
    assert default.notes == [
        "became a GIF: mp4 needs PyAV or imageio-ffmpeg, and neither is installed "
        '(pip install "av>=14")'
    ]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"GIF89a", "gif"),
        (b"\x1a\x45\xdf\xa3", "webm"),
        (b"OggS", "ogg"),
        (b"\0\0\0\x20ftypisom", "mp4"),
    ],
)
def test_files_of_all_kinds_stay_as_they_are(tmp_path: Path, head: bytes, kind: str) -> None:
    path = tmp_path / f"clip.{kind.upper()}"
    path.write_bytes(head)
    with path.open("rb") as opened:
        for data in (head, BytesIO(head), opened):
            payload = Video(data).payloads()[""]
            assert (payload.extension, payload.buffers) == (f".{kind}", [head])
    video = Video(path, fps=3)
    assert video.payloads()[""].source == path
    assert video.payloads()[""].extension == f".{kind}"
    assert video.notes == ["is a file, which keeps its own frame rate: fps has no effect"]
    assert video.reference({"": "p"}) == {"_type": "video-file", "path": "p"}


def test_a_list_of_videos() -> None:
    references = [
        Video(FRAMES, caption="c", format="gif").reference({"": "p"}),
        Video(FRAMES, format="gif").reference({"": "q"}),
    ]
    assert Video.list_reference(references) == {
        "_type": "videos", "count": 2, "videos": references, "captions": ["c", None],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"data_or_path": np.zeros((3, 4, 5))}, r"\(3, 4, 5\) is not a video"),
        ({"data_or_path": np.zeros((3, 7, 8, 9))}, r"\(3, 7, 8, 9\) is not a video"),
        ({"data_or_path": np.zeros((0, 3, 8, 9))}, r"\(0, 3, 8, 9\) is not a video"),
        ({"data_or_path": np.zeros((1, 1, 1, 1, 8, 9))}, "is not a video"),
        ({"data_or_path": np.zeros((1, 1, 70_000, 1), np.uint8)}, "1×70000 pixels is too large"),
        ({"data_or_path": FRAMES, "fps": -1}, "fps must be a number from 0.01 to 1,000, not -1"),
        ({"data_or_path": FRAMES, "fps": "fast"}, "fps must be a number"),
        ({"data_or_path": FRAMES, "format": "avi"}, "format must be one of gif, mp4, webm, ogg"),
        ({"data_or_path": FRAMES, "format": "ogg"}, "an array can't become an ogg file"),
        ({"data_or_path": b"what"}, "4 bytes are not a video that is recognized"),
        ({"data_or_path": "a.mov"}, "a file of a video ends with .gif, .mp4, .webm, .ogg"),
        ({"data_or_path": np.array([[[["a"]]]])}, "a video can't be made of values of type <U1"),
    ],
)
def test_invalid_videos_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        Video(**arguments)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no such video: .*missing\.mp4"):
        Video("missing.mp4")


def test_a_gif_is_at_most_50_frames_a_second() -> None:
    video = Video(FRAMES, fps=60, format="gif")
    assert video.notes == ["has 60 frames per second; a GIF has at most 50, so it is slower"]
    assert video.reference({"": ""})["fps"] == 50


def test_a_large_file_is_copied_once(tmp_path: Path) -> None:
    content = b"GIF8" + bytes(range(256)) * 8192
    clip, small = tmp_path / "clip.gif", tmp_path / "small.gif"
    clip.write_bytes(content)
    small.write_bytes(b"GIF8small")
    with offline_run(tmp_path) as run:
        run.log({"a": [Video(clip), Video(small)], "b": Html("<p>")})
        [row] = rows_of(run.directory)
        first, second = (run.directory / "files" / video["path"] for video in row["a"]["videos"])
        assert first.read_bytes() == content, "it is there when log() returns"
        assert sum(file.stat().st_size for file in (run.directory / "spool").iterdir()) < 10_000
        clip.write_bytes(b"GIF8 the next")
        small.unlink()
    assert {*made_files(run.directory)} == {
        *(video["path"] for video in row["a"]["videos"]), row["b"]["path"]
    }  # fmt: skip
    assert first.read_bytes() == content
    assert second.read_bytes() == b"GIF8small"
    records = [record for log in logs_in(run.directory)[1:] for record in records_of(log, File)]
    [record] = [record for record in records if record.path == row["a"]["videos"][0]["path"]]
    assert (record.n_bytes, record.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_large_file_that_can_not_be_noted_is_not_left_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, gone = tmp_path / "clip.gif", tmp_path / "gone.gif"
    for path in (clip, gone):
        path.write_bytes(b"GIF8" + bytes(2 << 20))
    with offline_run(tmp_path) as run:
        spool = run.directory / "spool"
        spool.touch()  # a file where the folder should be
        run.log({"a": Video(clip), "loss": 1})
        spool.unlink()
        last = Video(gone)
        gone.unlink()
        run.log({"a": [Video(clip), last], "loss": 2})
    first, second = rows_of(run.directory)
    assert (first["loss"], second["loss"]) == (1, 2)
    assert first["a"]["error"] == "not a directory"
    assert second["a"]["error"] == "no such file or directory"
    assert "can't be stored: not a directory" in capsys.readouterr().err
    assert not [path for path in (run.directory / "files" / "media").rglob("*") if path.is_file()]
