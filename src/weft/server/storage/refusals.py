"""Refusal of uploads that do not continue their stream, the same words for each engine. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from weft.errors import Gone, PositionConflict, Unavailable
from weft.server.storage.contract import Batch


def refuse_misplaced(
    batches: Sequence[Batch],
    *,
    is_gone: Callable[[str], bool],
    is_frozen: Callable[[str], bool],
    end_of: Callable[[str, str], int],
) -> None:
    """Refuse the batches of one caller, in their order, before any of them is written.

    Gone if a run was deleted; Unavailable if it is being moved, and the same upload is accepted
    later; PositionConflict if a batch does not start at the end of its stream.
    """
    ends: dict[tuple[str, str], int] = {}
    for batch in batches:
        if is_gone(batch.run):
            raise Gone(f"run was deleted: {batch.run}")
        if is_frozen(batch.run):
            raise Unavailable(f"run is being moved, send again: {batch.run}")
        stream = (batch.run, batch.stream)
        if stream not in ends:
            ends[stream] = end_of(*stream)
        if batch.from_position != ends[stream] or batch.to_position < batch.from_position:
            raise PositionConflict(
                f"batch {batch.from_position} to {batch.to_position} does not start at the "
                f"end of stream {batch.stream} of run {batch.run}: send from {ends[stream]}",
                position=ends[stream],
            )
        ends[stream] = batch.to_position
