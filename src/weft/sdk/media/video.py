"""Videos: arrays, which become MP4, WebM or GIF files, and files. Reads given files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar, Final

from weft.libraries.optional import need
from weft.sdk.media.frames import frames_of
from weft.sdk.media.media import Media, Origin, Payload, is_address, number_of

FORMATS: Final = ("gif", "mp4", "webm", "ogg")
"""Formats of a stored video. Files may be of each; arrays become one of the first three."""

DEFAULT_FPS: Final = 4
MAX_GIF_FPS: Final = 50
"""Browsers show a GIF's frame for at least 20 ms."""

_LIBRARIES: Final = ("av", "imageio_ffmpeg")
"""Either makes MP4 and WebM; the second comes with moviepy, too."""

_FACTS: Final = ("width", "height", "fps", "n_frames")


class Video(Media):
    """A video to log.

    Args:
        data_or_path: frames, as an array or tensor of shape (frames, channels, height, width) or
            (frames, height, width, channels), a batch of these, or a list of frames; or the path
            of a file, its bytes, an open file, or, for artifacts, the address of a file that is
            stored elsewhere. `weft.sdk.media.frames.frames_of` has the rules
            for axes, `weft.sdk.media.pixels.pixels_of` those for values.
        caption: text below the video.
        fps: frames per second of an array. Defaults to 4. Files keep their own.
        format: an array's file type: "mp4" (H.264), "webm" (VP9) or "gif". Defaults to "mp4". If
            neither PyAV nor imageio-ffmpeg is installed, it becomes a GIF, with a warning if
            another format was requested. For bytes, their format, if their beginning does not
            show it.

    Raises:
        ValueError: the shape is not a video's, or an argument is invalid.
        TypeError: the values are not real numbers.
        FileNotFoundError: there is no file at the path.

    >>> import numpy as np
    >>> Video(np.zeros((8, 3, 16, 16), np.uint8), fps=2, format="gif").duration_secs
    4.0
    """

    _log_type: ClassVar[str] = "video-file"
    has_list_form: ClassVar[bool] = True
    EXTS: ClassVar[tuple[str, ...]] = FORMATS

    def __init__(
        self,
        data_or_path: Any,
        caption: Any = None,
        fps: float | None = None,
        format: str | None = None,  # noqa: A002  W&B's name
    ) -> None:
        super().__init__(caption)
        self.duration_secs: float | None = None
        self._facts: dict[str, Any] = {}
        if format is not None and format not in FORMATS:
            raise ValueError(f"format must be one of {', '.join(FORMATS)}, not {format!r}")
        if is_address(data_or_path):
            extension = Path(data_or_path).suffix.lower() or ".mp4"
            self._payload = self._payload_elsewhere("videos", data_or_path, extension)
        elif isinstance(data_or_path, (str, os.PathLike)):
            self._payload = _file_payload(Path(os.path.abspath(data_or_path)))  # noqa: PTH100
        elif isinstance(data_or_path, (bytes, bytearray)) or hasattr(data_or_path, "read"):
            file: Any = data_or_path
            content = bytes(file.read() if hasattr(file, "read") else file)
            self._payload = _bytes_payload(content, format)
        else:
            self._payload = self._payload_of(data_or_path, fps, format)
            return
        if fps is not None:
            self.notes.append("is a file, which keeps its own frame rate: fps has no effect")

    def reference(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """See `Media.reference`. A video made of an array has its size, rate and frames, too."""
        return super().reference(paths) | self._facts

    def restore(self, reference: Mapping[str, Any], origin: Origin | None) -> None:
        super().restore(reference, origin)
        self._facts = {name: reference[name] for name in _FACTS if name in reference}
        if self._facts.keys() >= {"n_frames", "fps"}:
            self.duration_secs = self._facts["n_frames"] / self._facts["fps"]

    @classmethod
    def list_reference(cls, references: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return cls._listed("videos", references, videos=list(references))

    def _payload_of(self, array: Any, fps: Any, kind: str | None) -> Payload:
        kind = _kind_to_make(kind, self.notes)
        rate = number_of(DEFAULT_FPS if fps is None or fps == 0 else fps)
        if rate is None or not (isfinite(rate) and 0.01 <= rate <= 1000):
            raise ValueError(f"fps must be a number from 0.01 to 1,000, not {fps!r}")
        if kind == "gif" and rate > MAX_GIF_FPS:
            self.notes.append(
                f"has {rate:g} frames per second; a GIF has at most {MAX_GIF_FPS}, so it is slower"
            )
            rate = MAX_GIF_FPS
        frames = frames_of(array, self.notes)
        self.duration_secs = frames.n_frames / rate
        is_mp4 = kind == "mp4"  # whose sides are even
        self._facts = {
            "width": frames.width + (frames.width % 2 if is_mp4 else 0),
            "height": frames.height + (frames.height % 2 if is_mp4 else 0),
            "fps": rate,
            "n_frames": frames.n_frames,
        }
        options: dict[str, Any] = {
            "width": frames.width,
            "height": frames.height,
            "channels": frames.n_channels,
            "order": frames.order,
            "fps": float(rate),
        }
        if kind != "gif":
            options["format"] = kind
        if kind == "gif":
            need("PIL", "a GIF")  # here, not in the file worker
        encoder = "gif" if kind == "gif" else "video"
        return Payload("videos", f".{kind}", encoder, options, [frames.data])


def _kind_to_make(kind: str | None, notes: list[str]) -> str:
    has_library = any(find_spec(name) is not None for name in _LIBRARIES)
    if kind is None:
        return "mp4" if has_library else "gif"
    if kind == "ogg":
        raise ValueError("an array can't become an ogg file: make webm, mp4 or gif")
    if kind != "gif" and not has_library:
        notes.append(
            f"became a GIF: {kind} needs PyAV or imageio-ffmpeg, and neither is installed "
            '(pip install "av>=14")'
        )
        return "gif"
    return kind


def _file_payload(path: Path) -> Payload:
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ValueError(f"a file of a video ends with .{', .'.join(FORMATS)}: {path}")
    if not path.is_file():
        raise FileNotFoundError(f"no such video: {path}")
    return Payload("videos", f".{kind}", "bytes", source=path)


def _bytes_payload(content: bytes, kind: str | None) -> Payload:
    recognized = kind or _kind_of(content)
    if recognized is None:
        raise ValueError(
            f"{len(content):,} bytes are not a video that is recognized: give "
            f"format={' or '.join(map(repr, FORMATS))}"
        )
    return Payload("videos", f".{recognized}", "bytes", buffers=[content])


def _kind_of(head: bytes) -> str | None:
    """Recognize a video by its first bytes."""
    for start, kind in ((b"GIF8", "gif"), (b"\x1a\x45\xdf\xa3", "webm"), (b"OggS", "ogg")):
        if head.startswith(start):
            return kind
    return "mp4" if head[4:8] == b"ftyp" else None
