"""Splits what is too large for one frame into parts. No I/O.

A row becomes several fragments, a change of the config or the summary several records. A single
value that is too large for a frame is left out and reported through `warn_value`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from weft.records.limits import MAX_FRAME_BYTES, MAX_ROW_KEYS
from weft.runlog.format import encode_payload
from weft.sdk.values.scalars import Complain

PART_BYTES: Final = 8 * 2**20
"""Anything larger is split. This is far below the largest frame."""

MAX_VALUE_BYTES: Final = MAX_FRAME_BYTES - 64 * 1024
"""The largest single value. The frame also holds its path, of at most 32 KiB, and numbers."""

Item = TypeVar("Item")


def row_parts(flat: dict[str, Any], warn_value: Complain) -> Iterator[dict[str, Any]]:
    """Split a row so that each part easily fits a frame; usually there is one part.

    >>> [*row_parts({"loss": 0.5}, print)]
    [{'loss': 0.5}]
    """
    if len(flat) <= MAX_ROW_KEYS:
        texts = [value for value in flat.values() if type(value) in {str, list, dict}]
        if not texts or len(encode_payload(texts)) <= PART_BYTES:
            yield flat
            return
    sized = ((item, len(encode_payload(item[1]))) for item in flat.items())
    parts = [dict(part) for part in _cut(sized, warn_value, lambda item: item[0])]
    yield from parts or [{}]


def list_parts(
    items: list[Item], warn_value: Complain, name_of: Callable[[Item], str]
) -> list[list[Item]]:
    """Split the pairs or paths of a Config or Summary record so that each part fits a frame.

    `warn_value` is called, with the name, for items that are left out.

    >>> list_parts([["model", "depth"]], print, ".".join)
    [[['model', 'depth']]]
    """
    if len(encode_payload(items)) <= PART_BYTES:
        return [items]
    sized = ((item, len(encode_payload(item))) for item in items)
    return [*_cut(sized, warn_value, name_of)]


def _cut(
    sized: Iterable[tuple[Item, int]], warn_value: Complain, name_of: Callable[[Item], str]
) -> Iterator[list[Item]]:
    part: list[Item] = []
    n_bytes = 0
    for item, size in sized:
        if size > MAX_VALUE_BYTES:
            warn_value(name_of(item), f"is a value of {size:,} bytes; it was left out")
            continue
        if part and (n_bytes + size > PART_BYTES or len(part) >= MAX_ROW_KEYS):
            yield part
            part, n_bytes = [], 0
        part.append(item)
        n_bytes += size
    if part:
        yield part
