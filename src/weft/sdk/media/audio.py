"""Sounds: arrays, which become WAV files, and files. Reads given files."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from weft.libraries.optional import need
from weft.sdk.media.media import Media, Origin, Payload, is_address
from weft.sdk.values.arrays import NoArray, numpy_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CHANNELS: Final = 8
"""An axis of at most this length before a longer one is taken for channels, torchaudio's order."""

_PCM: Final = 1
_WAV_MARKS: Final = frozenset({b"RIFF", b"RF64", b"RIFX", b"BW64"})
_HEAD_BYTES: Final = 65_536


class Audio(Media):
    """A sound to log.

    Args:
        data_or_path: samples, as an array or tensor of shape (samples,), (samples, channels) or
            (channels, samples); or the path of a file, its bytes, an open file, or, for artifacts,
            the address of a file that is stored elsewhere. Floats range from -1 to 1 and are
            stored with 16 bits; int16, int32 and uint8 keep theirs.
        sample_rate: samples per second; required for samples.
        caption: text below the sound.

    Raises:
        ValueError: a WAV file is malformed, the shape is not a sound's, or the sample rate is
            missing or invalid.
        TypeError: the samples are not real numbers.
        FileNotFoundError: there is no file at the path.

    >>> import numpy as np
    >>> Audio(np.zeros(8000), sample_rate=8000).duration_secs
    1.0
    """

    _log_type: ClassVar[str] = "audio-file"
    has_list_form: ClassVar[bool] = True

    def __init__(
        self, data_or_path: Any, sample_rate: int | None = None, caption: Any = None
    ) -> None:
        super().__init__(caption)
        self.duration_secs: float | None = None
        self._sample_rate = sample_rate
        self._n_channels: int | None = None
        if is_address(data_or_path):
            extension = Path(data_or_path).suffix.lower() or ".wav"
            self._payload = self._payload_elsewhere("audio", data_or_path, extension)
        elif isinstance(data_or_path, (str, os.PathLike)):
            path = Path(os.path.abspath(data_or_path))  # noqa: PTH100
            if not path.is_file():
                raise FileNotFoundError(f"no such sound: {path}")
            extension = path.suffix.lower() or ".wav"
            if extension == ".wav":
                with path.open("rb") as opened:
                    _check_wav(opened.read(_HEAD_BYTES), path.name)
            self._payload = Payload("audio", extension, "bytes", source=path)
        elif isinstance(data_or_path, (bytes, bytearray)) or hasattr(data_or_path, "read"):
            file: Any = data_or_path
            content = bytes(file.read() if hasattr(file, "read") else file)
            extension = _extension_of(content)
            if content[:4] in _WAV_MARKS:
                _check_wav(content[:_HEAD_BYTES], "the content")
            self._payload = Payload("audio", extension, "bytes", buffers=[content])
        else:
            self._payload = self._payload_of(data_or_path)

    def reference(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """See `Media.reference`. It has the rate, the duration and the channels, if known."""
        facts = {
            "sampleRate": self._sample_rate,
            "duration": self.duration_secs,
            "channels": self._n_channels,
        }
        return super().reference(paths) | {
            name: value for name, value in facts.items() if value is not None
        }

    def restore(self, reference: Mapping[str, Any], origin: Origin | None) -> None:
        super().restore(reference, origin)
        self._sample_rate = reference.get("sampleRate")
        self.duration_secs = reference.get("duration")
        self._n_channels = reference.get("channels")

    @classmethod
    def list_reference(cls, references: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return cls._listed(
            "audio",
            references,
            audio=list(references),
            sampleRates=[reference.get("sampleRate") for reference in references],
            durations=[reference.get("duration") for reference in references],
        )

    def _payload_of(self, sound: Any) -> Payload:
        rate = self._sample_rate
        if rate is None:
            raise ValueError("sample_rate is missing: samples alone have no speed")
        if not (0 < rate < 2**31 and rate == int(rate)):
            raise ValueError(f"sample_rate must be an int above 0, not {rate!r}")
        self._sample_rate = int(rate)
        samples = self._samples_of(sound)
        n_frames, n_channels = int(samples.shape[0]), int(samples.shape[1])
        self._n_channels = n_channels
        self.duration_secs = n_frames / self._sample_rate
        header = _wav_header(self._sample_rate, n_channels, samples.itemsize, samples.nbytes)
        return Payload("audio", ".wav", "bytes", buffers=[header, samples])

    def _samples_of(self, sound: Any) -> NDArray[Any]:
        """Return the samples as (frames, channels), of a type that WAV has."""
        need("numpy", "sound in memory")
        import numpy as np

        try:
            array: NDArray[Any] = numpy_of(sound) if hasattr(sound, "shape") else np.asarray(sound)
        except (NoArray, ValueError) as error:
            raise TypeError(f"a sound can't be made of {type(sound).__name__}: {error}") from None
        if array.dtype.kind not in "biuf":
            raise TypeError(f"a sound can't be made of values of type {array.dtype}")
        if array.ndim == 1:
            array = cast("Any", array).reshape(-1, 1)
        if array.ndim != 2:
            raise ValueError(
                f"an array of shape {array.shape} is not a sound: expected (samples,), (samples, "
                "channels) or (channels, samples)"
            )
        if array.shape[0] <= MOST_CHANNELS < array.shape[1]:
            array = cast("Any", array).swapaxes(0, 1)
        return np.ascontiguousarray(self._with_wav_type(array))

    def _with_wav_type(self, array: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        for name in ("<i2", "<i4", "u1"):
            if array.dtype == np.dtype(name):
                return np.array(array, name)
        if array.dtype.kind == "f":
            values = array.astype(np.float64)
            n_nan = int(np.count_nonzero(np.isnan(values)))
            if n_nan:
                self.notes.append(f"has {n_nan:,} NaN samples, which are silent")
                values = np.nan_to_num(values, posinf=1.0, neginf=-1.0)
            loudest = float(np.abs(values).max()) if values.size else 0.0
            if loudest > 1:
                self.notes.append(
                    f"has samples up to {loudest:.4g}; those outside -1 to 1 were clipped"
                )
            return np.rint(values.clip(-1, 1) * 32_767).astype("<i2")
        low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
        if low >= -(2**15) and high < 2**15:
            return array.astype("<i2")
        if low < -(2**31) or high >= 2**31:
            self.notes.append(
                f"has samples from {low} to {high}; beyond 32 bits they were clipped"
            )
        return array.clip(-(2**31), 2**31 - 1).astype("<i4")


def _wav_header(rate: int, n_channels: int, n_sample_bytes: int, n_bytes: int) -> bytes:
    """Return the 44 bytes before the samples of a WAV file (RIFF, PCM)."""
    n_frame_bytes = n_channels * n_sample_bytes
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", min(36 + n_bytes, 0xFFFFFFFF), b"WAVE", b"fmt ", 16, _PCM, n_channels, rate,
        rate * n_frame_bytes, n_frame_bytes, 8 * n_sample_bytes, b"data", min(n_bytes, 0xFFFFFFFF),
    )  # fmt: skip


def _check_wav(head: bytes, name: str) -> None:
    """Check the beginning of a WAV file, which a player would else show as a sound of 0:00.

    >>> _check_wav(b"{}", "a.wav")
    Traceback (most recent call last):
      ...
    ValueError: a.wav is not a WAV file: it does not begin with RIFF and WAVE
    """
    if _extension_of(head) != ".wav" or head[4:8] == b"ftyp":
        return  # of another kind, which players recognize whatever its name is
    if head[:4] not in _WAV_MARKS or head[8:12] != b"WAVE":
        raise ValueError(f"{name} is not a WAV file: it does not begin with RIFF and WAVE")
    if b"fmt " not in head:
        raise ValueError(f"{name} is a malformed WAV file: it does not say what its samples are")


def _extension_of(head: bytes) -> str:
    """Guess the kind of a sound by its first bytes."""
    for start, extension in ((b"OggS", ".ogg"), (b"fLaC", ".flac"), (b"ID3", ".mp3")):
        if head.startswith(start):
            return extension
    if head[:1] == b"\xff" and head[1:2] >= b"\xe0":
        return ".mp3"
    return ".wav"
