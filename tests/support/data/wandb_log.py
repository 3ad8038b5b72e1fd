"""Writes `.wandb` files, as the official client does: a small twin of what weft reads.

log = WandbLog()
log.run("ab12cd34", "digits", start_secs=1_800_000_000)
log.history(0, {"loss": 0.5})
log.exit(0)
path.write_bytes(log.data)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from struct import pack
from typing import Any, Final
from zlib import crc32

HEADER: Final = b":W&B\xe1\xbe\x00"
BLOCK_BYTES: Final = 32 * 1024
CHUNK_HEAD_BYTES: Final = 7


def framed(records: Sequence[bytes]) -> bytes:
    """A whole file with these records."""
    data = bytearray(HEADER)
    for record in records:
        rest, is_first = record, True
        while True:
            room = BLOCK_BYTES - len(data) % BLOCK_BYTES
            if room < CHUNK_HEAD_BYTES:
                data += bytes(room)
                room = BLOCK_BYTES
            part, rest = rest[: room - CHUNK_HEAD_BYTES], rest[room - CHUNK_HEAD_BYTES :]
            kind = (1 if not rest else 2) if is_first else (4 if not rest else 3)
            body = bytes([kind]) + part
            data += pack("<IH", crc32(body), len(part)) + body
            is_first = False
            if not rest:
                break
    return bytes(data)


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, value: int | float | str | bytes) -> bytes:
    """A field: an int as a varint, a float as a double, text and bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 1) + pack("<d", value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def zigzag(value: int) -> int:
    return value << 1 ^ value >> 63


def timestamp(secs: float) -> bytes:
    whole = int(secs)
    return field(1, whole) + field(2, round((secs - whole) * 1e9))


def item(path: str | Sequence[str], value: Any) -> bytes:
    """An item with its value as JSON, as 0.31.0 writes it."""
    names = [path] if isinstance(path, str) else path
    return b"".join(field(2, name) for name in names) + field(16, json.dumps(value))


class WandbLog:
    """Collects the records of a file."""

    def __init__(self) -> None:
        self.records: list[bytes] = [field(21, field(1, field(1, "0.31.0")))]

    @property
    def data(self) -> bytes:
        return framed(self.records)

    def add(self, number: int, message: bytes) -> None:
        self.records.append(field(1, len(self.records)) + field(number, message))

    def run(
        self,
        run_id: str,
        project: str,
        *,
        start_secs: float = 0.0,
        config: Mapping[str, Any] | None = None,
        runtime_secs: int | None = None,
        name: str = "",
    ) -> None:
        items = b"".join(field(1, item(key, value)) for key, value in (config or {}).items())
        message = field(1, run_id) + field(3, project) + field(4, items)
        if name:
            message += field(8, name)
        if start_secs:
            message += field(17, timestamp(start_secs))
        if runtime_secs is not None:
            message += field(18, 1) + field(20, runtime_secs)
        self.add(17, message)

    def history(self, step: int, values: Mapping[str, Any], secs: float | None = None) -> None:
        about = {"_step": step} if secs is None else {"_step": step, "_timestamp": secs}
        items = [field(1, item(key, value)) for key, value in {**values, **about}.items()]
        self.add(2, b"".join(items) + field(2, field(1, step)))

    def typed_history(self, items: Sequence[bytes], step: int) -> None:
        self.add(2, b"".join(field(1, item) for item in items) + field(2, field(1, step)))

    def summary(self, values: Mapping[str, Any], removed: Sequence[str] = ()) -> None:
        items = [field(1, item(key, value)) for key, value in values.items()]
        items += [field(2, field(2, key)) for key in removed]
        self.add(3, b"".join(items))

    def stats(self, values: Mapping[str, Any], secs: float) -> None:
        items = [
            field(3, field(1, key) + field(16, json.dumps(value))) for key, value in values.items()
        ]
        self.add(7, field(2, timestamp(secs)) + b"".join(items))

    def output(self, text: str, secs: float, *, is_error: bool = False) -> None:
        self.add(13, field(1, 0 if is_error else 1) + field(2, timestamp(secs)) + field(3, text))

    def exit(self, code: int) -> None:
        self.add(18, field(1, code) + field(2, 5))
