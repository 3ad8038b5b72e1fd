"""Heavy work is admitted as far as there is room, in a fair order, and waits a stated time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from starlette.types import Message

from weft.errors import Unavailable
from weft.records.limits import MAX_UPLOAD_BYTES
from weft.server.http.admission.heavy import (
    CHART,
    CHART_BYTES,
    EXPORT,
    EXPORT_BYTES,
    HISTORY,
    HISTORY_BYTES,
    SHARE_BYTES,
    SQL,
    SQL_BYTES,
    UPLOAD_FACTOR,
    HeavyWork,
    Kind,
)
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.cancellation import Cancelled

ANY = Kind("piece of work", 100, 100)
LONG = Kind("long piece of work", 100, 100, is_long=True)


async def _stay() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


class _Work:
    """Work that is admitted, begun and ended by hand."""

    def __init__(self, heavy: HeavyWork, kind: Kind, n_bytes: int, actor: Actor = LOCAL) -> None:
        self.left = asyncio.Event()
        self.begun = False
        self._end = asyncio.Event()

        async def receive() -> Message:
            await self.left.wait()
            return {"type": "http.disconnect"}

        async def work() -> None:
            async with heavy.room_for(actor, kind, n_bytes, receive):
                self.begun = True
                await self._end.wait()

        self.task = asyncio.create_task(work())

    async def end(self) -> None:
        self._end.set()
        await self.task
        await _settle()


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def _run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 60))


def test_never_more_is_admitted_than_there_is_room_for() -> None:
    async def test() -> None:
        heavy = HeavyWork(100)
        inside = highest = 0

        async def work(n_bytes: int) -> None:
            nonlocal inside, highest
            async with heavy.room_for(LOCAL, ANY, n_bytes, _stay):
                inside += n_bytes
                highest = max(highest, inside)
                await asyncio.sleep(0)
                inside -= n_bytes

        await asyncio.gather(*(work(n_bytes) for n_bytes in (30, 60, 20, 100, 50, 7, 90) * 20))
        assert highest <= 100

    _run(test())


def test_of_a_kind_only_so_many_are_admitted() -> None:
    async def test() -> None:
        heavy = HeavyWork()
        exports = [_Work(heavy, EXPORT, EXPORT_BYTES) for _ in range(3)]
        await _settle()
        assert [export.begun for export in exports] == [True, False, False]
        # Short questions don't starve behind exports.
        chart, query = _Work(heavy, CHART, CHART_BYTES), _Work(heavy, SQL, SQL_BYTES)
        await _settle()
        assert (chart.begun, query.begun) == (True, False)
        await chart.end()
        assert query.begun
        await query.end()
        await exports[0].end()
        assert [export.begun for export in exports] == [True, True, False]
        await exports[1].end()
        await exports[2].end()

    _run(test())


def test_long_work_overtakes_nothing() -> None:
    async def test() -> None:
        heavy = HeavyWork(100)
        first = _Work(heavy, LONG, 60)
        large, long, short = _Work(heavy, ANY, 90), _Work(heavy, LONG, 30), _Work(heavy, ANY, 30)
        await _settle()
        assert (large.begun, long.begun, short.begun) == (False, False, True)
        await short.end()
        await first.end()
        assert (large.begun, long.begun) == (True, False)
        await large.end()
        await long.end()

    _run(test())


def test_who_leaves_while_waiting_is_forgotten() -> None:
    async def test() -> None:
        heavy = HeavyWork(100)
        first, second, third = (_Work(heavy, ANY, 100) for _ in range(3))
        await _settle()
        second.left.set()
        with pytest.raises(Cancelled):
            await second.task
        third.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await third.task
        await first.end()
        fourth = _Work(heavy, ANY, 100)
        await _settle()
        assert fourth.begun
        await fourth.end()

    _run(test())


def test_work_without_room_is_refused_after_the_stated_wait() -> None:
    async def test() -> None:
        heavy = HeavyWork(100)
        first = _Work(heavy, ANY, 100)
        await _settle()
        with pytest.raises(Unavailable, match=r"waited 0\.01 s: try again") as refused:
            await _Work(heavy, ANY._replace(wait_secs=0.01), 1).task
        assert refused.value.retry_after_secs == 5
        await first.end()
        second = _Work(heavy, ANY, 100)
        await _settle()
        assert second.begun
        await second.end()

    _run(test())


def test_work_is_counted_by_what_became_of_it() -> None:
    async def test() -> None:
        heavy = HeavyWork()
        brief = CHART._replace(wait_secs=0.0)

        def loads() -> dict[str, tuple[int, ...]]:
            return {load.kind: load[1:] for load in heavy.loads() if any(load[1:])}

        exports = [_Work(heavy, EXPORT, EXPORT_BYTES) for _ in range(2)]
        chart = _Work(heavy, CHART, CHART_BYTES)
        await _settle()
        assert loads() == {"export": (1, 1, 1, 0), "chart": (1, 0, 1, 0)}
        with pytest.raises(Unavailable):
            async with heavy.room_for(LOCAL, brief, CHART_BYTES, _stay):
                pass
        for work in (chart, *exports):
            await work.end()
        assert loads() == {"export": (0, 0, 2, 0), "chart": (0, 0, 1, 1)}

    _run(test())


def test_there_is_room_for_the_largest_upload_and_for_a_chart_beside_an_export() -> None:
    assert UPLOAD_FACTOR * MAX_UPLOAD_BYTES <= SHARE_BYTES
    assert EXPORT_BYTES + max(CHART_BYTES, SQL_BYTES) <= SHARE_BYTES


@pytest.mark.parametrize(
    ("kind", "n_bytes"),
    [(CHART, CHART_BYTES), (HISTORY, HISTORY_BYTES), (SQL, SQL_BYTES)],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_work_of_one_user_leaves_room_for_that_of_another(kind: Kind, n_bytes: int) -> None:
    async def test() -> None:
        heavy = HeavyWork()
        every = [(EXPORT, EXPORT_BYTES), (CHART, CHART_BYTES), (SQL, SQL_BYTES), (kind, n_bytes)]
        adas = [_Work(heavy, *work, Actor("user", "ada")) for work in reversed(every * 4)]
        await _settle()
        bobs = _Work(heavy, kind, n_bytes, Actor("user", "bob"))
        await _settle()
        assert any(work.begun for work in adas)
        assert not all(work.begun for work in adas)
        assert bobs.begun
        for work in (bobs, *adas):
            await work.end()
        assert all(load.n_running == load.n_waiting == 0 for load in heavy.loads())

    _run(test())


def test_room_goes_to_the_user_whose_work_takes_least() -> None:
    async def test() -> None:
        heavy = HeavyWork(100, 100)
        ada, bob = Actor("user", "ada"), Actor("user", "bob")
        first, second = _Work(heavy, ANY, 50, ada), _Work(heavy, ANY, 50, ada)
        third, bobs = _Work(heavy, ANY, 50, ada), _Work(heavy, LONG, 50, bob)
        await _settle()
        await first.end()
        assert (third.begun, bobs.begun) == (False, True)
        await second.end()
        assert third.begun
        await third.end()
        await bobs.end()

    _run(test())
