"""Uploads are let in by how much memory they take."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import zstandard

from weft.errors import CorruptLog, LimitExceeded
from weft.records.limits import MAX_UPLOAD_BYTES
from weft.server.intake.uploads.unpacking import ByteBudget, unpacked, unpacked_bytes


def test_uploads_wait_until_there_is_room() -> None:
    budget = ByteBudget(100)
    inside: list[int] = []
    entered = threading.Event()

    def work() -> None:
        with budget.room_for(60):
            inside.append(60)
            entered.set()

    with budget.room_for(50):
        with budget.room_for(50):
            waiting = threading.Thread(target=work)
            waiting.start()
        assert not inside, "50 bytes are still in work"
    assert entered.wait(30)
    waiting.join()
    with budget.room_for(100):
        pass


def test_room_is_given_back_after_a_fault() -> None:
    budget = ByteBudget(10)
    for _ in range(3):
        with pytest.raises(CorruptLog), budget.room_for(10):
            raise CorruptLog("no log")


def test_what_a_body_will_take_is_known_before_it_is_unpacked() -> None:
    assert unpacked_bytes(zstandard.compress(bytes(1000))) == 1000
    streamed = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1000))
    assert unpacked_bytes(streamed) == MAX_UPLOAD_BYTES
    assert unpacked(streamed) == bytes(1000)
    for level in (1, 3, 19):
        body = zstandard.ZstdCompressor(level=level).compress(bytes(20 * 2**20))
        assert len(unpacked(body)) == 20 * 2**20
    with pytest.raises(LimitExceeded):
        unpacked_bytes(zstandard.compress(bytes(MAX_UPLOAD_BYTES + 1)))


def test_a_dictionary_and_a_large_window_are_refused() -> None:
    samples: list[Any] = [
        f"row {i} of a log with loss {i * 0.37:.3f}".encode() * 4 for i in range(2000)
    ]
    trained = zstandard.train_dictionary(4096, samples)
    with pytest.raises(CorruptLog, match="dictionary"):
        unpacked(zstandard.ZstdCompressor(dict_data=trained).compress(samples[0]))
    parameters = zstandard.ZstdCompressionParameters(window_log=24)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(CorruptLog, match="window"):
        unpacked(packer.compress(b"log") + packer.flush())
