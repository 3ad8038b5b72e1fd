"""Writes a payload as it is: what a script gave as bytes, or encoded itself."""

from __future__ import annotations

from typing import Any, BinaryIO


def encode(payload: memoryview, options: dict[str, Any], file: BinaryIO) -> None:
    """Write the payload."""
    del options
    file.write(payload)
