"""Large files are cut in windows; the windows show in none of the results."""

from __future__ import annotations

import hashlib
import itertools
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from weft.records.files.artifacts import MAX_CHUNK_BYTES, Chunk
from weft.sync.files.encoders import chunks
from weft.sync.files.encoders.chunks import can_cut, cut

pytestmark = pytest.mark.skipif(not can_cut(), reason="this platform has no native library")

WINDOW = chunks._WINDOW_BYTES


def streamed(content: bytes) -> list[Chunk]:
    """The chunks that the library itself cuts from a stream."""
    from pyfastcdc import FastCDC

    cutter = FastCDC(1 << 20, min_size=1 << 18, max_size=MAX_CHUNK_BYTES, normalized_chunking=2)
    stream = cast("Any", BytesIO(content))
    return [
        Chunk(chunk.length, hashlib.sha256(chunk.data).hexdigest())
        for chunk in cutter.cut_stream(stream)
    ]


@pytest.mark.parametrize(
    "n_bytes",
    [0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW - MAX_CHUNK_BYTES, 5 * WINDOW + 12345],
)
def test_a_file_is_cut_where_its_content_says(tmp_path: Path, n_bytes: int) -> None:
    content = np.random.default_rng(n_bytes).bytes(n_bytes)
    # Zeros are never cut before the greatest length.
    content = content[: n_bytes // 2] + bytes(n_bytes - n_bytes // 2)
    path = tmp_path / "file"
    path.write_bytes(content)
    windows: list[tuple[int, list[Chunk]]] = []
    with path.open("rb", buffering=0) as file:
        sha256, chunks = cut(file, lambda start, window: windows.append((start, window)))
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert chunks == streamed(content)
    starts = itertools.accumulate((chunk.n_bytes for chunk in chunks), initial=0)
    for start, chunk in zip(starts, chunks, strict=False):
        part = content[start : start + chunk.n_bytes]
        assert hashlib.sha256(part).hexdigest() == chunk.sha256
    # All but the last two windows are passed on while the file is cut.
    early = [chunk for _, window in windows for chunk in window]
    assert early == chunks[: len(early)]
    window_bytes = [sum(chunk.n_bytes for chunk in window) for _, window in windows]
    assert [start for start, _ in windows] == [0, *itertools.accumulate(window_bytes)][
        : len(windows)
    ]
    assert sum(chunk.n_bytes for chunk in early) >= n_bytes - 2 * WINDOW
