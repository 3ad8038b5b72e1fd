"""Videos without PyAV: the program of imageio-ffmpeg, which moviepy installs, encodes them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from weft.sdk.media.video import Video
from weft.sync.files.encoders import encoder_of

MOST_LEVELS_OFF = 6
"""The greatest error of a color after 4:2:0, of 255."""


@pytest.mark.parametrize("kind", ["mp4", "webm"])
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_frames_come_out_as_they_went_in(
    kind: str,
    n_channels: int,
    channels_last: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    n_frames, height, width, fps = 5, 33, 47, 29.97
    slope = np.add.outer(np.arange(height), np.arange(width))
    pixels = np.array(
        [
            [slope + 40 * channel + 4 * frame for channel in range(n_channels)]
            for frame in range(n_frames)
        ]
    ).astype(np.uint8)
    last = pixels.transpose(0, 2, 3, 1)
    path = tmp_path / f"video.{kind}"
    with monkeypatch.context() as without_av, path.open("w+b") as file:
        without_av.setitem(sys.modules, "av", None)
        video = Video(last if channels_last else pixels, fps=fps, format=kind)
        payload = video.payloads()[""]
        assert (payload.extension, payload.encoder) == (f".{kind}", "video")
        data = memoryview(payload.buffers[0]).cast("B")
        encoder_of(payload.encoder)(data, payload.options, file)

    with av.open(path) as container:
        stream: Any = container.streams.video[0]
        shown = np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])
        context = stream.codec_context
        assert context.pix_fmt == "yuv420p"
        assert (int(context.colorspace), int(context.color_range)) == (1, 1)  # BT.709, limited
        assert float(stream.average_rate) == pytest.approx(fps, rel=1e-3)
    reference = video.reference({"": ""})
    assert shown.shape == (n_frames, reference["height"], reference["width"], 3)
    colors = np.repeat(last[..., :1], 3, axis=3) if n_channels <= 2 else last[..., :3]
    off = np.abs(shown[:, :height, :width].astype(int) - colors)
    assert off.mean() < MOST_LEVELS_OFF
