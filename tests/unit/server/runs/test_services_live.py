"""Live events: merged, at most two a second, none lost."""

from __future__ import annotations

import threading
import time

from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.stores.live_hub import SHORTEST_GAP_SECS, LiveHub
from weft.wire.projects.live import RunChange


def test_who_comes_later_can_tell_whether_something_was_missed() -> None:
    hub = LiveHub()

    def last_change() -> int:
        return hub.subscribe(LOCAL, ProjectPath("local", "p")).changed_micros

    assert last_change() == 0
    first = hub.subscribe(LOCAL, ProjectPath("local", "p"))
    hub.publish(LOCAL, RunPath("local", "p", "r1"), meta=True)
    assert first.get(5) is not None
    heard = first.returned_micros
    hub.publish(LOCAL, RunPath("local", "other", "r1"), meta=True)
    assert heard == last_change() > 0
    time.sleep(0.001)
    hub.publish(LOCAL, RunPath("local", "p", "r1"), meta=True)
    # it was not given yet
    assert first.returned_micros == heard
    assert last_change() > heard


def test_changes_of_half_a_second_come_as_one() -> None:
    hub = LiveHub()
    subscription = hub.subscribe(LOCAL, ProjectPath("local", "p"))
    hub.publish(LOCAL, RunPath("local", "p", "r1"), keys=["loss"])
    begin = time.monotonic()
    first = subscription.get(5)
    assert first is not None
    assert first.runs == {"r1": RunChange(keys=["loss"], meta=False)}
    hub.publish(LOCAL, RunPath("local", "p", "r1"), keys=["loss"])
    hub.publish(LOCAL, RunPath("local", "p", "r1"), keys=["acc"])
    hub.publish(LOCAL, RunPath("local", "p", "r2"), meta=True)
    hub.publish(LOCAL, RunPath("local", "other", "r3"), meta=True)
    second = subscription.get(5)
    assert second is not None
    assert time.monotonic() - begin >= SHORTEST_GAP_SECS
    assert second.runs == {
        "r1": RunChange(keys=["acc", "loss"], meta=False),
        "r2": RunChange(keys=[], meta=True),
    }
    assert subscription.get(0.01) is None
    subscription.close()


def test_any_key_stays_any() -> None:
    hub = LiveHub()
    subscription = hub.subscribe(LOCAL, ProjectPath("local", "p"))
    hub.publish(LOCAL, RunPath("local", "p", "r1"), keys=["loss"])
    hub.publish(LOCAL, RunPath("local", "p", "r1"), keys=None)
    hub.publish(LOCAL, RunPath("local", "p", "r1"), keys=["acc"])
    hub.publish(LOCAL, RunPath("local", "p", "r2"), keys=[f"k{i}" for i in range(1000)])
    hub.publish(LOCAL, RunPath("local", "p", "r2"), keys=["more"])
    change = subscription.get(5)
    assert change is not None
    assert [change.runs[run].keys for run in ("r1", "r2")] == [None, None]
    subscription.close()


def test_closing_wakes_who_waits() -> None:
    hub = LiveHub()
    subscription = hub.subscribe(LOCAL, ProjectPath("local", "p"))
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(subscription.get(60)))
    thread.start()
    hub.close()
    thread.join(10)
    assert got == [None]
    hub.publish(LOCAL, RunPath("local", "p", "r1"), meta=True)
    assert subscription.get(0) is None


def test_no_change_is_lost_between_many_publishers() -> None:
    hub = LiveHub()
    subscription = hub.subscribe(LOCAL, ProjectPath("local", "p"))
    seen: set[str] = set()
    expected = {f"r{i}-{j}" for i in range(4) for j in range(50)}

    def publish(i: int) -> None:
        for j in range(50):
            hub.publish(LOCAL, RunPath("local", "p", f"r{i}-{j}"), meta=True)

    threads = [threading.Thread(target=publish, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while seen != expected and time.monotonic() < deadline:
        change = subscription.get(1)
        seen |= set(change.runs) if change is not None else set()
    for thread in threads:
        thread.join()
    assert seen == expected
