"""The encoders of videos: the frames that go in come out of the file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.sdk.media.video import Video
from weft.sync.files.encoders import encoder_of
from weft.sync.files.encoders.gif import durations_of

MOST_LEVELS_OFF = 6
"""The greatest error of a color after 4:2:0, of 255: rounding, once in each direction."""

SIDES = st.integers(1, 40)


def encoded(video: Video) -> BytesIO:
    payload = video.payloads()[""]
    file = BytesIO()
    data = memoryview(payload.buffers[0]).cast("B")
    encoder_of(payload.encoder)(data, payload.options, file)
    file.seek(0)
    return file


def decoded(file: BytesIO) -> tuple[np.ndarray, float, tuple[int, int]]:
    """Return (frames, height, width, 3), the duration in seconds, and the colors' marks."""
    with av.open(file) as container:
        stream: Any = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert stream.codec_context.pix_fmt == "yuv420p"
        duration = len(frames) / float(stream.average_rate)
        marks = (int(stream.codec_context.colorspace), int(stream.codec_context.color_range))
        return np.stack(frames), duration, marks


def gradient(n_frames: int, n_channels: int, height: int, width: int) -> np.ndarray:
    """Frames that change smoothly, as those that a lossy codec is made for."""
    level = np.add.outer(np.arange(height), np.arange(width)) * (100 / (height + width))
    frames = [
        [level + 40 * channel + 20 * nth / n_frames for channel in range(n_channels)]
        for nth in range(n_frames)
    ]
    return np.array(frames).astype(np.uint8)


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(["mp4", "webm"]),
    st.integers(1, 7),
    st.sampled_from([1, 2, 3, 4]),
    st.integers(16, 40),
    st.integers(16, 40),
    st.booleans(),
    st.sampled_from([4, 24, 29.97, 30, 60]),
)
def test_frames_come_out_as_they_went_in(
    kind: str,
    n_frames: int,
    n_channels: int,
    height: int,
    width: int,
    channels_last: bool,
    fps: float,
) -> None:
    images = gradient(n_frames, n_channels, height, width)
    last = images.transpose(0, 2, 3, 1)
    video = Video(last if channels_last else images, fps=fps, format=kind)
    frames, duration, marks = decoded(encoded(video))
    reference = video.reference({"": ""})
    assert frames.shape == (n_frames, reference["height"], reference["width"], 3)
    assert duration == pytest.approx(n_frames / fps, rel=1e-6)
    assert marks == (1, 1)  # BT.709, limited range
    colors = np.repeat(last[..., :1], 3, axis=3) if n_channels <= 2 else last[..., :3]
    shown = frames[:, :height, :width].astype(int)
    assert np.abs(shown - colors).mean() < MOST_LEVELS_OFF


def test_odd_sides_of_mp4_repeat_the_last_line() -> None:
    images = np.zeros((1, 3, 17, 19), np.uint8)
    images[:, :, 16, :] = images[:, :, :, 18] = 255
    frames, _, _ = decoded(encoded(Video(images, format="mp4")))
    assert frames.shape == (1, 18, 20, 3)
    assert frames[0, 17].min() > 200
    assert frames[0, :, 19].min() > 200


@pytest.mark.parametrize("kind", ["mp4", "webm"])
@pytest.mark.parametrize("side", [1, 2])
def test_the_smallest_videos_are_made(kind: str, side: int) -> None:
    frames, _, _ = decoded(encoded(Video(np.full((1, 3, side, side), 90, np.uint8), format=kind)))
    assert np.abs(frames.astype(int) - 90).max() <= MOST_LEVELS_OFF


@given(st.data(), st.integers(1, 5), SIDES, SIDES)
def test_gray_frames_of_a_gif_are_exact(
    data: st.DataObject, n_frames: int, height: int, width: int
) -> None:
    level = data.draw(st.integers(0, 255 - n_frames))
    frames = gradient(n_frames, 1, height, width) // 2
    frames[:, 0, 0, 0] = [level + nth for nth in range(n_frames)]  # no two frames are the same
    opened: Any = PIL.Image.open(encoded(Video(frames, format="gif")))
    assert opened.size == (width, height)
    assert opened.n_frames == n_frames
    for nth in range(n_frames):
        opened.seek(nth)
        np.testing.assert_array_equal(np.asarray(opened.convert("L")), frames[nth, 0])


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("n_channels", [2, 3, 4])
def test_colors_of_a_gif(n_channels: int, channels_last: bool) -> None:
    frames = np.full((1, n_channels, 8, 9), 255, np.uint8)
    frames[:, 0] = 40
    array = frames.transpose(0, 2, 3, 1) if channels_last else frames
    opened = PIL.Image.open(encoded(Video(array, format="gif"))).convert("RGB")
    assert opened.size == (9, 8)
    assert opened.getpixel((4, 4)) == ((40, 40, 40) if n_channels == 2 else (40, 255, 255))


@given(st.integers(1, 300), st.floats(0.1, 50))
def test_a_gif_lasts_as_long_as_its_frames(n_frames: int, fps: float) -> None:
    durations = durations_of(n_frames, fps)
    assert len(durations) == n_frames
    assert min(durations) >= 20
    assert abs(sum(durations) - 1000 * n_frames / fps) <= 5.001


@pytest.mark.parametrize("encoder", ["gif", "video"])
@pytest.mark.parametrize("n_bytes", [0, 7])
def test_a_payload_of_another_size_is_refused(encoder: str, n_bytes: int) -> None:
    options = {"width": 2, "height": 2, "channels": 1, "order": "HWC", "fps": 4.0}
    with pytest.raises(ValueError, match=f"{n_bytes} bytes of pixels are not frames of 4 bytes"):
        encoder_of(encoder)(memoryview(bytes(n_bytes)), options, BytesIO())
