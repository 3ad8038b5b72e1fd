"""Due work of a store: one look for many calls, and an end when nothing can be done."""

from __future__ import annotations

from weft.server.storage.metrics.chunking.plan import DueQueue
from weft.server.storage.metrics.encoding.block import RowClass

CLASSES = [(run, RowClass(run, False, 0, False)) for run in range(100)]


def test_one_look_serves_all_that_is_due() -> None:
    queue = DueQueue()
    left = list(CLASSES)
    n_looks = 0

    def choose() -> list[tuple[int, RowClass]]:
        nonlocal n_looks
        n_looks += 1
        return list(left)

    def work(run: int, row_class: RowClass) -> bool:
        left.remove((run, row_class))
        return True

    n_works = 0
    while queue.work_once(choose, work):
        n_works += 1
    assert (n_works, n_looks, left) == (100, 2, [])


def test_what_is_gone_is_skipped_and_what_came_meanwhile_is_done_in_the_same_call() -> None:
    queue = DueQueue()
    present = set(CLASSES)

    def work(run: int, row_class: RowClass) -> bool:
        is_present = (run, row_class) in present
        present.discard((run, row_class))
        return is_present

    assert queue.work_once(lambda: CLASSES[:50], work)
    present = {CLASSES[70]}
    assert queue.work_once(lambda: CLASSES, work), "the 49 that are left are gone"
    assert not present
    assert not queue.work_once(lambda: CLASSES, work)
    assert not queue.work_once(lambda: CLASSES, work), "it looks again, and ends"
