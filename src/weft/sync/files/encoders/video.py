"""Encodes raw frames as MP4 (H.264) or WebM (VP9), by PyAV or FFmpeg. Runs in the file worker.

All browsers play both with 4:2:0 colors. The colors are converted by ITU-R BT.709 and marked so:
without the mark, players guess by the height of the picture, and small videos change their hue.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, Final

from weft.sync.files.encoders.raw_frames import FrameLayout, layout_of

_CODECS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "mp4": ("libx264", {"crf": "18", "preset": "veryfast", "movflags": "+faststart"}),
    "webm": ("libvpx-vp9", {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6"}),
}
"""Codec and options. Both qualities show no loss by eye at the size of a screen."""

_OPTIONS: Final = {
    "crf": "-crf", "preset": "-preset", "movflags": "-movflags", "b": "-b:v",
    "deadline": "-deadline", "cpu-used": "-cpu-used",
}  # fmt: skip
"""The options in words of FFmpeg's command line."""

_BT709: Final = 1
_LIMITED_RANGE: Final = 1
_PLAYABLE: Final = "yuv420p"
_NEUTRAL: Final = "rgb24"
"""Between gray and `yuv420p`: FFmpeg makes gray frames slightly blue without it."""

_PACKED: Final = {1: "gray", 2: "ya8", 3: "rgb24", 4: "rgba"}
_PLANAR: Final = {1: "gray", 2: "gray", 3: "gbrp", 4: "gbrp"}
"""FFmpeg's formats of frames, by the number of channels: alternating, and one after the other."""

_CHANNELS: Final = {"gray": (0,), "gbrp": (1, 2, 0)}
"""The channel in each plane."""

_LARGEST_DENOMINATOR: Final = 1001


def encode(payload: memoryview, options: dict[str, Any], file: BinaryIO) -> None:
    """Write a video file, mp4 or webm, of 8-bit frames as `FrameLayout` says.

    Alpha is dropped; odd sides of an MP4 get a copy of their last line. ImportError if neither
    PyAV nor imageio-ffmpeg is installed, OSError if FFmpeg failed.
    """
    layout = layout_of(options)
    frames = layout.split(payload)
    if find_spec("av") is None:
        _encode_by_program(import_module("imageio_ffmpeg").get_ffmpeg_exe(), layout, frames, file)
        return
    av: Any = import_module("av")
    reformatter: Any = import_module("av.video.reformatter")
    kind = layout.format or "mp4"
    codec, codec_options = _CODECS[kind]
    is_mp4 = kind == "mp4"
    width = layout.width + (layout.width % 2 if is_mp4 else 0)
    height = layout.height + (layout.height % 2 if is_mp4 else 0)
    with av.open(file, "w", format=kind) as container:
        rate = Fraction(layout.fps).limit_denominator(_LARGEST_DENOMINATOR)
        stream = container.add_stream(codec, rate=rate, options=codec_options)
        stream.width, stream.height, stream.pix_fmt = width, height, _PLAYABLE
        context = stream.codec_context
        context.thread_count = 1  # training comes first
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED_RANGE
        for nth, frame in enumerate(frames):
            picture = _picture(av, layout, frame, width, height)
            if layout.channels < 3:
                picture = picture.reformat(format=_NEUTRAL)
            picture = picture.reformat(
                format=_PLAYABLE,
                dst_colorspace=reformatter.Colorspace.ITU709,
                dst_color_range=reformatter.ColorRange.MPEG,
            )
            picture.pts = nth
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def _encode_by_program(
    program: str, layout: FrameLayout, frames: Iterable[memoryview], file: BinaryIO
) -> None:
    """Write a video file by the program `ffmpeg`, as imageio-ffmpeg has it."""
    kind = layout.format or "mp4"
    codec, options = _CODECS[kind]
    is_planar = layout.order == "CHW" or layout.channels == 1
    name = (_PLANAR if is_planar else _PACKED)[layout.channels]
    filters = [f"scale=out_color_matrix=bt709:out_range=tv,format={_PLAYABLE}"]
    if layout.channels < 3:
        filters.insert(0, f"format={_NEUTRAL}")
    right, bottom = layout.width % 2, layout.height % 2
    if kind == "mp4" and (right or bottom):
        size = f"{layout.width + right}:{layout.height + bottom}"
        filters.insert(0, f"pad={size},fillborders=right={right}:bottom={bottom}:mode=smear")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"video.{kind}"
        command = [
            program, "-v", "error", "-y", "-threads", "1",
            "-f", "rawvideo", "-pix_fmt", name, "-s", f"{layout.width}x{layout.height}",
            "-r", f"{layout.fps:g}", "-i", "-", "-vf", ",".join(filters),
            "-c:v", codec, "-threads", "1", "-color_range", "tv",
            "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
            *(word for option, value in options.items() for word in (_OPTIONS[option], value)),
            str(target),
        ]  # fmt: skip
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            n_plane = layout.width * layout.height
            with contextlib.suppress(BrokenPipeError):  # it has ended, and says why
                for frame in frames:
                    if is_planar:
                        for channel in _CHANNELS[name]:
                            process.stdin.write(frame[channel * n_plane : (channel + 1) * n_plane])
                    else:
                        process.stdin.write(frame)
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            reason = process.stderr.read().decode(errors="replace").strip()
        if process.returncode:
            raise OSError(f"FFmpeg failed: {reason[:500]}")
        with target.open("rb") as source:
            shutil.copyfileobj(source, file)


def _picture(av: Any, layout: FrameLayout, frame: memoryview, width: int, height: int) -> Any:
    """Make FFmpeg's frame of raw pixels, padded to a width and height."""
    n_plane = layout.width * layout.height
    if layout.order == "CHW" or layout.channels == 1:
        name = _PLANAR[layout.channels]
        picture = av.VideoFrame(width, height, name)
        for plane, channel in zip(picture.planes, _CHANNELS[name], strict=True):
            _fill(plane, frame[channel * n_plane : (channel + 1) * n_plane], layout, 1)
    else:
        picture = av.VideoFrame(width, height, _PACKED[layout.channels])
        _fill(picture.planes[0], frame, layout, layout.channels)
    return picture


def _fill(plane: Any, pixels: memoryview, layout: FrameLayout, n_bytes: int) -> None:
    """Copy pixels of `n_bytes` each into a plane, whose lines are longer and may be more."""
    line = memoryview(plane)
    n_line, n_given = plane.line_size, layout.width * n_bytes
    is_wider = plane.width > layout.width
    for row in range(plane.height):
        start = min(row, layout.height - 1) * n_given
        source_row = pixels[start : start + n_given]
        at = row * n_line
        line[at : at + n_given] = source_row
        if is_wider:
            line[at + n_given : at + n_given + n_bytes] = source_row[-n_bytes:]
