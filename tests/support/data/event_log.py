"""Writes event files of TensorBoard: a small twin of what weft reads.

path.write_bytes(framed([scalar("loss", 0.5, step=3)]))
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import pack

from wandb_log import field
from weft.tensorboard_format.framing import masked_crc


def framed(events: Iterable[bytes]) -> bytes:
    """A whole file with these events."""
    return b"".join(record(event) for event in events)


def record(event: bytes) -> bytes:
    """An event with its length and both checksums."""
    head = pack("<Q", len(event))
    return head + pack("<I", masked_crc(head)) + event + pack("<I", masked_crc(event))


def scalar(tag: str, value: float, step: int, wall_time: float = 0.0) -> bytes:
    """An event with a number, as PyTorch's writer makes it."""
    return event(summary_value(tag, b"\x15" + pack("<f", value)), step, wall_time)


def event(summary: bytes, step: int, wall_time: float = 0.0) -> bytes:
    """An event with a summary."""
    return b"\x09" + pack("<d", wall_time) + field(2, step % 2**64) + field(5, summary)


def summary_value(tag: str, content: bytes, plugin: str = "") -> bytes:
    """A summary with one value: its tag, its content, which is a field, and its plug-in."""
    metadata = field(9, field(1, field(1, plugin.encode()))) if plugin else b""
    return field(1, field(1, tag.encode()) + content + metadata)


def float_tensor(shape: Iterable[int], numbers: Iterable[float]) -> bytes:
    """The field of a value that is a tensor of doubles."""
    sizes = b"".join(field(2, field(1, size)) for size in shape)
    content = b"".join(pack("<d", number) for number in numbers)
    return field(8, field(1, 2) + field(2, sizes) + field(4, content))
