"""`weft.Audio`: samples come out of the WAV file as they went in."""

from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from weft.sdk.media.audio import Audio


def played(audio: Audio) -> tuple[Any, wave._wave_params]:
    (payload,) = audio.payloads().values()
    with wave.open(BytesIO(b"".join(bytes(buffer) for buffer in payload.buffers))) as file:
        parameters = file.getparams()
        kind = {1: "u1", 2: "<i2", 4: "<i4"}[parameters.sampwidth]
        samples = np.frombuffer(file.readframes(parameters.nframes), kind)
    return samples.reshape(-1, parameters.nchannels), parameters


SHAPES = st.tuples(st.integers(9, 40), st.integers(1, 8))


@given(st.sampled_from([np.int16, np.int32, np.uint8]).flatmap(lambda t: arrays.arrays(t, SHAPES)))
def test_ints_come_out_as_they_went_in(samples: Any) -> None:
    samples_back, parameters = played(Audio(samples, 8000))
    assert (samples_back == samples).all()
    assert (parameters.framerate, parameters.nframes) == (8000, len(samples))


@given(arrays.arrays(np.float32, SHAPES, elements=st.floats(-1, 1, width=32)))
def test_floats_keep_sixteen_bits(samples: Any) -> None:
    samples_back, _ = played(Audio(samples, 16_000))
    assert np.abs(samples_back / 32_767 - samples).max() <= 0.5 / 32_767 + 1e-7


def test_channels_may_come_first() -> None:
    samples = np.arange(200, dtype=np.int16).reshape(2, 100)
    samples_back, parameters = played(Audio(samples, 8000))
    assert (samples_back == samples.T).all()
    assert parameters.nchannels == 2


def test_other_ints_get_the_bits_they_need() -> None:
    assert played(Audio(np.array([1, -2]), 8000))[1].sampwidth == 2
    samples_back, parameters = played(Audio(np.array([1, 2**31]), 8000))
    assert parameters.sampwidth == 4
    assert samples_back.tolist() == [[1], [2**31 - 1]]


def test_what_does_not_fit_is_said() -> None:
    loud = Audio([0.0, 2.0, -3.0], 8000)
    assert played(loud)[0].tolist() == [[0], [32_767], [-32_767]]
    assert loud.notes == ["has samples up to 3; those outside -1 to 1 were clipped"]
    broken = Audio([0.5, float("nan")], 8000)
    assert played(broken)[0].tolist() == [[16_384], [0]]
    assert broken.notes == ["has 1 NaN samples, which are silent"]


def test_references_and_their_list(tmp_path: Path) -> None:
    (tmp_path / "a.MP3").write_bytes(b"ID3")
    sounds = [Audio(np.zeros(10), 8000, caption="c"), Audio(tmp_path / "a.MP3")]
    assert [sound.payloads()[""].extension for sound in sounds] == [".wav", ".mp3"]
    references = [sound.reference({"": f"media/audio/{nth}"}) for nth, sound in enumerate(sounds)]
    assert references[0] == {
        "_type": "audio-file",
        "path": "media/audio/0",
        "caption": "c",
        "sampleRate": 8000,
        "duration": 0.00125,
        "channels": 1,
    }
    assert references[1] == {"_type": "audio-file", "path": "media/audio/1"}
    assert Audio.list_reference(references) == {
        "_type": "audio",
        "count": 2,
        "audio": references,
        "sampleRates": [8000, None],
        "durations": [0.00125, None],
        "captions": ["c", None],
    }


def test_bytes_are_named_by_what_they_are() -> None:
    for content, extension in ((b"OggS...", ".ogg"), (b"fLaC", ".flac"), (b"\xff\xfb", ".mp3")):
        payload = Audio(BytesIO(content)).payloads()[""]
        assert (payload.extension, payload.buffers) == (extension, [content])


@pytest.mark.parametrize(
    ("content", "rate", "message"),
    [
        (np.zeros(3), None, "sample_rate is missing"),
        (np.zeros(3), 0, "sample_rate must be an int above 0, not 0"),
        (np.zeros(3), float("nan"), "sample_rate must be an int above 0, not nan"),
        (np.zeros(3), 44.5, "sample_rate must be an int above 0, not 44.5"),
        (np.zeros((2, 3, 4)), 8000, "expected (samples,), (samples, channels)"),
        (np.array(["a"]), 8000, "a sound can't be made of values of type <U1"),
        ("/no/such.wav", None, "no such sound: /no/such.wav"),
    ],
)
def test_what_is_no_sound_is_refused(content: Any, rate: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError, FileNotFoundError)) as raised:
        Audio(content, rate)
    assert message in str(raised.value)
