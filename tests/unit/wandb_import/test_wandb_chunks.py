"""The framing of `.wandb` files: what is written is read, and what is damaged costs little."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb_log import BLOCK_BYTES, framed
from weft.errors import CorruptLog
from weft.wandb_import.chunks import ChunkReader

SIZES = st.one_of(
    st.integers(0, 40),
    st.integers(BLOCK_BYTES - 40, BLOCK_BYTES + 40),
    st.integers(2 * BLOCK_BYTES - 60, 2 * BLOCK_BYTES + 60),
)


def read(data: bytes) -> tuple[list[bytes], ChunkReader]:
    reader = ChunkReader(BytesIO(data), "run.wandb")
    return list(reader), reader


def records_of(sizes: list[int]) -> list[bytes]:
    return [bytes((n + nth) % 255 + 1 for n in range(size)) for nth, size in enumerate(sizes)]


@given(st.lists(SIZES, max_size=6))
def test_records_of_any_size_are_read_as_they_were_written(sizes: list[int]) -> None:
    records = records_of(sizes)
    records_back, reader = read(framed(records))
    assert records_back == records
    assert (reader.n_damaged_bytes, reader.is_cut) == (0, False)


def test_a_file_cut_at_any_byte_gives_the_records_before_it() -> None:
    records = records_of([5, 0, 30, 12])
    data = framed(records)
    ends = [len(framed(records[:n])) for n in range(len(records) + 1)]
    for n_bytes in range(7, len(data)):
        records_back, reader = read(data[:n_bytes])
        n_whole = max(n for n, end in enumerate(ends) if end <= n_bytes)
        assert records_back == records[:n_whole], n_bytes
        assert reader.n_damaged_bytes == 0
        assert reader.is_cut == (n_bytes not in ends), n_bytes


@pytest.mark.parametrize("shift", range(-9, 10))
def test_a_record_over_blocks_cut_near_their_border_is_not_read(shift: int) -> None:
    records = records_of([10, 3 * BLOCK_BYTES, 10])
    records_back, reader = read(framed(records)[: 2 * BLOCK_BYTES + shift])
    assert records_back == records[:1]
    assert reader.is_cut
    assert reader.n_damaged_bytes == 0


def test_a_wrong_checksum_costs_the_rest_of_its_block_and_is_counted() -> None:
    records = records_of([1000] * 100)
    data = bytearray(framed(records))
    data[2500] ^= 1
    records_back, reader = read(bytes(data))
    assert records_back[:2] == records[:2]
    assert set(records_back) < set(records)
    n_first_block = BLOCK_BYTES // 1007
    assert records_back[2:] == records[n_first_block + 1 :]
    assert BLOCK_BYTES - 2500 < reader.n_damaged_bytes < BLOCK_BYTES


@given(st.data())
def test_any_flipped_bit_gives_only_records_that_were_written(data: st.DataObject) -> None:
    records = records_of([40, BLOCK_BYTES, 7, 90])
    whole = bytearray(framed(records))
    position = data.draw(st.integers(7, len(whole) - 1))
    whole[position] ^= 1 << data.draw(st.integers(0, 7))
    records_back, _ = read(bytes(whole))
    assert all(record in records for record in records_back)


def test_zeros_at_the_end_are_room_that_was_never_written() -> None:
    records = records_of([5])
    records_back, reader = read(framed(records) + bytes(500))
    assert records_back == records
    assert reader.n_damaged_bytes == 0


@pytest.mark.parametrize("data", [b"", b":W&B", b"PK\x03\x04....", b":W&B\xe1\xbf\x00"])
def test_another_file_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(CorruptLog, match=r"its header is invalid: run\.wandb"):
        read(data)


def test_a_later_version_is_refused() -> None:
    with pytest.raises(CorruptLog, match=r"unknown version 1 of a \.wandb file"):
        read(b":W&B\xe1\xbe\x01")
