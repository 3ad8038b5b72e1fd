"""Live events: merged until they are news, none lost."""

from __future__ import annotations

import threading
import time

from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.stores.live_hub import LiveHub, Subscription
from weft.wire.projects.live import Change, RunChange

PROJECT = ProjectPath("local", "p")


def test_who_comes_later_can_tell_whether_something_was_missed() -> None:
    hub = LiveHub()

    def last_change() -> int:
        return hub.changed_micros(LOCAL, PROJECT)

    assert last_change() == 0
    first = hub.subscribe(LOCAL, PROJECT)
    hub.publish(LOCAL, PROJECT.run("r1"), meta=True)
    news = first.take()
    assert news is not None
    heard = news[1]
    hub.publish(LOCAL, RunPath("local", "other", "r1"), meta=True)
    assert heard == last_change() > 0
    time.sleep(0.001)
    hub.publish(LOCAL, PROJECT.run("r1"), meta=True)
    assert last_change() > heard


def test_changes_come_as_one_and_wake_the_listener_once() -> None:
    hub = LiveHub()
    woken: list[None] = []
    subscription = hub.subscribe(LOCAL, PROJECT, lambda: woken.append(None))
    hub.publish(LOCAL, PROJECT.run("r1"), keys=["loss"])
    assert _take(subscription).runs == {"r1": RunChange(keys=["loss"], meta=False)}
    assert len(woken) == 1
    hub.publish(LOCAL, PROJECT.run("r1"), keys=["loss"])
    hub.publish(LOCAL, PROJECT.run("r1"), keys=["acc"])
    hub.publish(LOCAL, PROJECT.run("r2"), meta=True)
    hub.publish(LOCAL, RunPath("local", "other", "r3"), meta=True)
    assert len(woken) == 2
    assert _take(subscription).runs == {
        "r1": RunChange(keys=["acc", "loss"], meta=False),
        "r2": RunChange(keys=[], meta=True),
    }
    assert subscription.take() is None
    subscription.close()
    hub.publish(LOCAL, PROJECT.run("r1"), meta=True)
    assert subscription.take() is None


def test_any_key_stays_any() -> None:
    hub = LiveHub()
    subscription = hub.subscribe(LOCAL, PROJECT)
    hub.publish(LOCAL, PROJECT.run("r1"), keys=["loss"])
    hub.publish(LOCAL, PROJECT.run("r1"), keys=None)
    hub.publish(LOCAL, PROJECT.run("r1"), keys=["acc"])
    hub.publish(LOCAL, PROJECT.run("r2"), keys=[f"k{i}" for i in range(1000)])
    hub.publish(LOCAL, PROJECT.run("r2"), keys=["more"])
    change = _take(subscription)
    assert [change.runs[run].keys for run in ("r1", "r2")] == [None, None]


def test_no_change_is_lost_between_many_publishers() -> None:
    hub = LiveHub()
    woken = threading.Semaphore(0)
    subscription = hub.subscribe(LOCAL, PROJECT, woken.release)
    seen: set[str] = set()
    expected = {f"r{i}-{j}" for i in range(4) for j in range(50)}

    def publish(i: int) -> None:
        for j in range(50):
            hub.publish(LOCAL, PROJECT.run(f"r{i}-{j}"), meta=True)

    threads = [threading.Thread(target=publish, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    while seen != expected and woken.acquire(timeout=30):
        news = subscription.take()
        seen |= set(news[0].runs) if news is not None else set()
    for thread in threads:
        thread.join()
    assert seen == expected
    assert news is not None
    assert news[1] == hub.changed_micros(LOCAL, PROJECT)


def _take(subscription: Subscription) -> Change:
    news = subscription.take()
    assert news is not None
    return news[0]
