"""The reader of binaries in pieces, compared with msgspec's decoder of the whole."""

from __future__ import annotations

import contextlib
import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import ConfigError
from weft.server.http.files.binary_array import BinaryArray


class Collector:
    """Collects the binaries, and checks that each has the announced length."""

    def __init__(self) -> None:
        self.binaries: list[bytes] = []
        self._n_bytes = 0
        self._data = b""

    def begin(self, n_bytes: int) -> None:
        self._n_bytes, self._data = n_bytes, b""

    def write(self, data: memoryview) -> None:
        assert data, "an empty piece"
        self._data += data

    def end(self) -> None:
        assert len(self._data) == self._n_bytes
        self.binaries.append(self._data)


def read(data: bytes, cuts: list[int]) -> list[bytes]:
    """Read an array that arrives in pieces, which end at `cuts`."""
    collector = Collector()
    array = BinaryArray(collector)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, stop in itertools.pairwise(edges):
        array.feed(data[start:stop])
    array.check_complete()
    return collector.binaries


edges = st.sampled_from([0, 1, 255, 256, 65_535, 65_536])
binaries: st.SearchStrategy[bytes] = st.one_of(st.binary(max_size=40), edges.map(bytes))
arrays: st.SearchStrategy[list[bytes]] = st.lists(binaries, max_size=20)
cuts = st.lists(st.integers(0, 1 << 20), max_size=8)


@given(arrays, cuts)
def test_binaries_are_those_of_the_whole_array_however_it_is_cut(
    contents: list[bytes], cuts: list[int]
) -> None:
    assert read(msgspec.msgpack.encode(contents), cuts) == contents


@given(st.binary(max_size=60), cuts)
def test_any_bytes_are_read_as_the_decoder_reads_them_or_refused(
    data: bytes, cuts: list[int]
) -> None:
    decoded: list[bytes] | None = None
    with contextlib.suppress(msgspec.DecodeError):
        decoded = msgspec.msgpack.decode(data, type=list[bytes])
    if decoded is None or data[0] not in {*range(0x90, 0xA0), 0xDC, 0xDD}:
        with pytest.raises(ConfigError):
            read(data, cuts)
    else:
        assert read(data, cuts) == decoded


@given(arrays.filter(bool), st.data())
def test_an_array_that_ends_early_is_refused(contents: list[bytes], data: st.DataObject) -> None:
    encoded = msgspec.msgpack.encode(contents)
    n_bytes = data.draw(st.integers(0, len(encoded) - 1))
    with pytest.raises(ConfigError, match="it ends early"):
        read(encoded[:n_bytes], [])
