from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from weft.sync.uploading.batch import SMALLEST_BATCH_BYTES, WINDOW_SECS, BatchWindow
from weft.sync.uploading.retry import LONGEST_ASKED_SECS, LONGEST_SECS, Backoff


def test_waits_double_stay_below_the_longest_and_vary() -> None:
    backoff = Backoff()
    waits: list[float] = []
    for _ in range(20):
        backoff.fail(100.0)
        waits.append(backoff.next_try_secs - 100.0)
    assert waits[0] <= 0.25
    assert all(LONGEST_SECS / 2 <= wait <= LONGEST_SECS for wait in waits[8:])
    assert len({round(wait, 6) for wait in waits[8:]}) > 1


def test_a_server_may_ask_for_longer_but_not_for_hours() -> None:
    backoff = Backoff()
    backoff.fail(0.0, at_least_secs=60.0)
    assert backoff.next_try_secs >= 60.0
    backoff.fail(0.0, at_least_secs=86400.0)
    assert backoff.next_try_secs <= LONGEST_ASKED_SECS


def test_success_forgets() -> None:
    backoff = Backoff()
    backoff.fail(0.0)
    backoff.succeed()
    assert backoff.is_ready(0.0)
    assert backoff.n_failures == 0


@given(
    st.lists(st.tuples(st.floats(0.001, 0.2), st.integers(0, 3_000_000)), min_size=1, max_size=60)
)
def test_no_row_waits_longer_than_the_window(looks: list[tuple[float, int]]) -> None:
    """A row is written just after some look; it must be due within the window from then."""
    window = BatchWindow()
    now = 0.0
    oldest: float | None = None
    for pause, n_waiting in looks:
        before, now = now, now + pause
        window.look(now, n_waiting=n_waiting)
        if not n_waiting:
            oldest = None
            assert not window.is_due(now)
            continue
        oldest = before if oldest is None else oldest
        assert window.is_due(max(now, oldest + WINDOW_SECS))
        if n_waiting >= window.max_bytes:
            assert window.is_due(now)


def test_batches_shrink_to_a_floor() -> None:
    window = BatchWindow()
    while window.shrink(window.max_bytes):
        pass
    assert window.max_bytes == SMALLEST_BATCH_BYTES
