"""The videos that weft makes play in Chromium, with the colors that they were given."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import pytest
from playwright.sync_api import Page

from weft.sdk.media.video import Video
from weft.sync.files.encoders import encoder_of

COLORS = [(200, 60, 30), (20, 160, 90)]
MOST_LEVELS_OFF = 8

PLAY = """
async (source) => {
    const video = document.createElement("video");
    video.muted = true;
    video.src = source;
    document.body.append(video);
    const colors = [];
    const canvas = document.createElement("canvas").getContext("2d");
    const shownFrame = () =>
        new Promise((resolve, reject) => {
            video.onerror = () => reject(new Error(video.error.message));
            video.requestVideoFrameCallback((_, frame) => resolve(frame.mediaTime));
        });
    // *seeked* may come before the frame: until then the frame of before is drawn
    for (const start of [0, 0.5]) {
        let time;
        do {
            const frame = shownFrame();
            video.currentTime = start + 0.1;
            time = await frame;
        } while (Math.abs(time - start) > 0.05);
        canvas.drawImage(video, 0, 0);
        colors.push([...canvas.getImageData(5, 5, 1, 1).data].slice(0, 3));
    }
    return { colors, width: video.videoWidth, height: video.videoHeight, secs: video.duration };
}
"""


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_a_video_plays_with_its_colors(page: Page, kind: str) -> None:
    frames = np.zeros((2, 40, 52, 3), np.uint8)
    frames[:] = np.array(COLORS, np.uint8)[:, None, None, :]
    video = Video(frames, fps=2, format=kind)
    payload = video.payloads()[""]
    file = BytesIO()
    encoder_of(payload.encoder)(memoryview(payload.buffers[0]).cast("B"), payload.options, file)
    content = base64.b64encode(file.getvalue()).decode()
    shown = page.evaluate(PLAY, f"data:video/{kind};base64,{content}")
    assert (shown["width"], shown["height"]) == (52, 40)
    assert shown["secs"] == pytest.approx(1.0, abs=0.02)
    assert np.abs(np.array(shown["colors"]) - COLORS).max() <= MOST_LEVELS_OFF
