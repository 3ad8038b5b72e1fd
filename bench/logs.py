"""Makes run logs to upload: the bytes a training script would have written."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from weft.records.record import Key, Run, Schema
from weft.runlog.format import Header, encode_frame, encode_header, encode_payload
from weft.runlog.header import make_header

BATCH_BYTES = 1 << 20


def metric_name(number: int, sections: tuple[str, ...] = ("metric",)) -> str:
    """A name of a metric of a made log: dealt out to the sections in turn."""
    return f"{sections[number % len(sections)]}/{number}"


class LogMaker:
    """The bytes of one writer's log, made in memory."""

    def __init__(
        self,
        run_id: str,
        n_keys: int,
        *,
        project: str = "bench",
        sections: tuple[str, ...] = ("metric",),
    ) -> None:
        header = make_header(run_id)
        self.header: Header = header
        self.writer_id = header.writer_id
        self.n_keys = n_keys
        self.n_rows = 0
        self._random = random.Random(run_id)
        records = [
            Run(run_id, project, start_micros=header.wall_micros),
            *(Key(i, metric_name(i, sections)) for i in range(n_keys)),
            Schema(0, list(range(n_keys))),
        ]
        self.head_frames = [
            encode_header(header),
            *(encode_frame(encode_payload(record)) for record in records),
        ]
        self.head = b"".join(self.head_frames)

    def row(self) -> bytes:
        """The next row as a frame: noisy, slowly falling values, one every 10 ms."""
        step = self.n_rows
        self.n_rows += 1
        level = math.exp(-step / 100_000)
        noise = self._random.gauss
        values = [level + noise(0, 0.05) for _ in range(self.n_keys)]
        return encode_frame(encode_payload([3, 0, step * 10_000, step, values]))

    def batches(self, n_rows: int) -> Iterator[bytes]:
        """The whole log in pieces of about 1 MB of whole frames."""
        parts, size = [self.head], len(self.head)
        for _ in range(n_rows):
            frame = self.row()
            parts.append(frame)
            size += len(frame)
            if size >= BATCH_BYTES:
                yield b"".join(parts)
                parts, size = [], 0
        if parts:
            yield b"".join(parts)
