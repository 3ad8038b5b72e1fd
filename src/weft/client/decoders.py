"""Decoders of answers, each made once and by one thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec

_making: Final = threading.Lock()


class Decoders(NamedTuple):
    """Functions from the bytes of an answer to a value of one shape."""

    json: Callable[[bytes], Any]
    msgpack: Callable[[bytes], Any]


def decoders_of(shape: Any) -> Decoders:
    """The decoders of a shape. Thread-safe.

    msgspec 0.22 resolves the fields of a struct type at its first use, and shows it to other
    threads meanwhile: one that decodes it then reads a null pointer, which ends the process.
    """
    with _making:
        return _make(shape)


@cache
def _make(shape: Any) -> Decoders:
    return Decoders(msgspec.json.Decoder(shape).decode, msgspec.msgpack.Decoder(shape).decode)
