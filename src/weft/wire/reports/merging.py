"""Three-way merge of the blocks of a report, by their ids. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


def merge_blocks(base: Sequence[Json], ours: Sequence[Json], theirs: Sequence[Json]) -> list[Json]:
    """Blocks with the changes of both sides since `base`; where both changed one, ours.

    Blocks are in our order. A block that only they have follows the one that it follows there.

    >>> base = [{"id": "a", "n": 1}, {"id": "b", "n": 1}]
    >>> ours = [{"id": "a", "n": 2}, {"id": "b", "n": 1}]
    >>> theirs = [{"id": "a", "n": 1}, {"id": "new", "n": 1}, {"id": "b", "n": 3}]
    >>> [(block["id"], block["n"]) for block in merge_blocks(base, ours, theirs)]
    [('a', 2), ('new', 1), ('b', 3)]
    """
    before = {block["id"]: block for block in base}
    current = {block["id"]: block for block in theirs}
    merged: list[Json] = []
    for block in ours:
        id_ = block["id"]
        is_ours = before.get(id_) != block
        if is_ours:
            merged.append(block)
        elif id_ in current:  # else they removed what we left as it was
            merged.append(current[id_])
    own_ids = {block["id"] for block in ours}
    previous: str | None = None
    for block in theirs:
        id_ = block["id"]
        was_changed = before.get(id_) != block
        if id_ not in own_ids and was_changed:  # new, or changed after we had removed it
            ids = [other["id"] for other in merged]
            position = 0 if previous is None else ids.index(previous) + 1
            merged.insert(position, block)
        if id_ in own_ids or was_changed:
            previous = id_ if id_ in {other["id"] for other in merged} else previous
    return merged
