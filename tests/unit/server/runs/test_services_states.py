"""A run's state from what its writers said and when they were last heard of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from weft.records.clock_offset import OffsetBounds
from weft.server.services.ingest.pace import UPLOADS_PER_SEC, Pace
from weft.server.services.live_runs.clocks import LASTING_MICROS, ClockOffset, SteadyClock
from weft.server.services.live_runs.states import (
    RUNNING_MICROS,
    SILENCE_MICROS,
    WriterFacts,
    find_resumptions,
    judge,
    running_writers,
)

MINUTE = 60_000_000
NOW = 1000 * MINUTE


def writer(name: str = "main", **values: Any) -> WriterFacts:
    defaults: dict[str, Any] = {
        "parent": None, "resumed": False, "start_micros": NOW - 100 * MINUTE,
        "beat_micros": NOW, "seen_micros": NOW, "exit_micros": None, "exit_code": None,
        "exit_state": None, "preempting": False,
    }  # fmt: skip
    facts = {**defaults, **values}
    return WriterFacts(writer=name, **{"first_micros": facts["start_micros"], **facts})


def exited(name: str = "main", code: int = 0, **values: Any) -> WriterFacts:
    return writer(name, **{"exit_micros": NOW - MINUTE, "exit_code": code, **values})


SILENT: dict[str, Any] = {"beat_micros": NOW - SILENCE_MICROS, "seen_micros": NOW - SILENCE_MICROS}


@pytest.mark.parametrize(
    ("writers", "state", "exit_code"),
    [
        ([writer()], "running", None),
        ([writer(**SILENT)], "crashed", None),
        ([exited()], "finished", 0),
        ([exited(code=3)], "failed", 3),
        ([exited(code=255, exit_state="killed")], "killed", 255),
        ([exited(), writer("rank1")], "running", None),
        ([exited(), exited("rank1", code=1)], "failed", 1),
        ([exited(), writer("rank1", **SILENT)], "crashed", None),
        # A sidecar or forked child ends with its parent, and may speak for a dead one.
        ([exited(), writer("child", parent="main")], "finished", 0),
        ([writer(), exited("sidecar", parent="main")], "running", None),
        (
            [writer(), exited("sidecar", parent="main", code=None, exit_state="crashed")],
            "crashed",
            None,
        ),
        ([exited(), writer("child", parent="main"), writer("grandchild", parent="child")],
         "finished", 0),
        # Sent later: it never ran here.
        ([writer(beat_micros=None)], "pending", None),
        ([writer(beat_micros=None, seen_micros=NOW - SILENCE_MICROS)], "crashed", None),
        # `weft sync` says that it died, and a sidecar's log came with it.
        ([exited(exit_state="crashed", beat_micros=None)], "crashed", None),
        ([exited(exit_state="crashed", beat_micros=None), exited("sidecar", parent="main")],
         "crashed", None),
        ([exited(exit_state="crashed", preempting=True)], "preempted", None),
        ([exited(exit_state="crashed"), exited("rank1")], "crashed", None),
        ([exited("sidecar", parent="main")], "pending", None),
        ([exited("sidecar", parent="main", seen_micros=NOW - SILENCE_MICROS)], "finished", 0),
        # Resumed: what came before does not count.
        ([exited(code=1, exit_micros=NOW - 50 * MINUTE),
          exited("again", resumed=True, start_micros=NOW - 20 * MINUTE)], "finished", 0),
        ([writer(**SILENT), writer("again", resumed=True, start_micros=NOW - MINUTE)],
         "running", None),
        ([writer(**SILENT), exited("again", resumed=True, start_micros=NOW - 2 * MINUTE)],
         "finished", 0),
        # A sidecar says so later of a script that was dead when its run was resumed.
        ([writer(beat_micros=NOW - 30 * MINUTE),
          exited("sidecar", parent="main", code=None, exit_state="crashed",
                 start_micros=NOW - 99 * MINUTE),
          exited("again", resumed=True, start_micros=NOW - 20 * MINUTE)], "finished", 0),
        # But a script that still ran then counts, however it ends.
        ([writer(beat_micros=NOW - 10 * MINUTE),
          exited("sidecar", parent="main", code=None, exit_state="crashed"),
          exited("again", resumed=True, start_micros=NOW - 20 * MINUTE,
                 exit_micros=NOW - 2 * MINUTE)], "crashed", None),
        ([exited("rank1", code=1), exited("again", resumed=True, exit_micros=NOW - 2 * MINUTE,
                                          start_micros=NOW - 20 * MINUTE)], "failed", 1),
        # A clock that is 1.5 s ahead makes no dead script a living one.
        ([writer(beat_micros=NOW - 20 * MINUTE + 1_000_000, seen_micros=NOW - 20 * MINUTE),
          exited("again", resumed=True, start_micros=NOW - 20 * MINUTE,
                 first_micros=NOW - 20 * MINUTE + 1_500_000)], "finished", 0),
        # A log of the resumed life that was sent later.
        ([writer(**SILENT, start_micros=NOW - 90 * MINUTE), exited("again", resumed=True,
          beat_micros=None, start_micros=NOW - 2 * MINUTE, first_micros=NOW)], "finished", 0),
        # Preempted, and taken up again.
        ([writer(preempting=True, **SILENT),
          writer("again", resumed=True, start_micros=NOW - MINUTE)], "running", None),
        ([writer(preempting=True, **SILENT),
          exited("again", resumed=True, start_micros=NOW - 2 * MINUTE, code=1)], "failed", 1),
        ([exited(preempting=True, code=143, exit_state="killed")], "preempted", 143),
        ([writer(preempting=True), writer("rank1")], "preempting", None),
        ([writer(preempting=True)], "preempting", None),
        ([writer(preempting=True, **SILENT)], "preempted", None),
        ([exited(preempting=True)], "finished", 0),
        ([], "crashed", None),
    ],
)  # fmt: skip
def test_state(writers: list[WriterFacts], state: str, exit_code: int | None) -> None:
    verdict = judge(writers, now_micros=NOW, server_start_micros=0)
    assert (verdict.state, verdict.exit_code) == (state, exit_code)


OOM = "torch.OutOfMemoryError: CUDA out of memory"


@pytest.mark.parametrize(
    ("writers", "reason"),
    [
        ([exited()], None),
        ([writer()], None),
        ([exited(code=1)], None),
        ([exited(code=1, exit_reason=OOM)], OOM),
        # The rank that failed first is the cause; the others were ended for it.
        ([exited(code=1, exit_reason="NCCL timeout"),
          exited("rank1", code=1, exit_reason=OOM, exit_micros=NOW - 2 * MINUTE),
          exited("rank2", code=143, exit_state="killed", exit_micros=NOW - 3 * MINUTE)], OOM),
        ([exited(code=137)], "killed by signal 9 (SIGKILL)"),
        ([exited(code=-11)], "killed by signal 11 (SIGSEGV)"),
        ([exited(code=130, exit_state="killed")], "interrupted (SIGINT)"),
        ([exited(code=-(2**63))], None),
        ([exited(code=255)], None),
        ([exited(preempting=True, code=143, exit_state="killed")],
         "preempted: killed by signal 15 (SIGTERM)"),
        ([writer(preempting=True, **SILENT)], "preempted"),
        ([writer(**SILENT)], "no heartbeat for 5 minutes"),
        ([writer(), exited("sidecar", parent="main", code=None, exit_state="crashed")],
         "the process ended without an exit code, as after kill -9 or when memory ran out"),
        ([exited(code=1, exit_reason=OOM, exit_micros=NOW - 50 * MINUTE),
          exited("again", resumed=True, start_micros=NOW - 20 * MINUTE)], None),
    ],
)  # fmt: skip
def test_reason(writers: list[WriterFacts], reason: str | None) -> None:
    assert judge(writers, now_micros=NOW, server_start_micros=0).reason == reason


def test_a_started_server_waits_before_it_calls_a_run_crashed() -> None:
    silent = [writer(beat_micros=NOW - 900 * MINUTE, seen_micros=NOW - 900 * MINUTE)]
    assert judge(silent, now_micros=NOW, server_start_micros=NOW - MINUTE).state == "running"
    assert judge(silent, now_micros=NOW, server_start_micros=NOW - 6 * MINUTE).state == "crashed"


def test_a_run_ends_when_its_last_writer_did() -> None:
    early, late = exited(exit_micros=NOW - 9), exited("rank1", exit_micros=NOW - 5)
    verdict = judge([late, early], now_micros=NOW, server_start_micros=0)
    assert verdict.ended_micros == NOW - 5


def test_a_run_was_resumed_after_each_of_its_lives() -> None:
    def resumed(name: str, minutes: int, **values: Any) -> WriterFacts:
        return writer(name, resumed=True, start_micros=NOW - minutes * MINUTE, **values)

    writers = [
        writer(beat_micros=NOW - 60 * MINUTE),
        # A sidecar notices late that its script has died.
        exited("sidecar", parent="main", code=None, exit_state="crashed"),
        resumed("second", 50, preempting=True, exit_micros=NOW - 40 * MINUTE, exit_code=143),
        # Another rank of the same life, and a file worker of the last one.
        resumed("rank1", 49, exit_micros=NOW - 41 * MINUTE, exit_code=0),
        resumed("third", 30),
        writer("worker", parent="third", start_micros=NOW - 29 * MINUTE),
    ]
    resumptions = [
        (
            entry.before.state,
            entry.before.ended_micros,
            entry.before.exit_code,
            entry.resumed.writer,
        )
        for entry in find_resumptions(writers)
    ]
    assert resumptions == [
        ("crashed", NOW - 50 * MINUTE, None, "second"),
        ("preempted", NOW - 40 * MINUTE, 143, "third"),
    ]
    assert find_resumptions([writer(), resumed("joins", 5)]) == []
    assert find_resumptions([resumed("alone", 5)]) == []


def test_resumptions_of_many_ranks_read_each_writer_a_few_times() -> None:
    class Counted(list[WriterFacts]):
        n_readings = 0

        def __iter__(self) -> Iterator[WriterFacts]:
            self.n_readings += 1
            return super().__iter__()

    writers = Counted([exited(exit_micros=NOW - 90 * MINUTE)])
    for life in range(3):
        start = NOW - (80 - 20 * life) * MINUTE
        writers += [
            exited(
                f"{life}.{rank}",
                resumed=True,
                start_micros=start + rank,
                exit_micros=start + MINUTE,
            )
            for rank in range(100)
        ]
    # Each belongs to the one before it.
    writers += [exited(f"c{n}", parent=f"c{n - 1}" if n else "2.0") for n in range(100)]
    writers.n_readings = 0
    assert [entry.resumed.writer for entry in find_resumptions(writers)] == ["0.0", "1.0", "2.0"]
    assert writers.n_readings < 10


def test_offsets_follow_a_clock_that_is_proved_to_differ() -> None:
    def after(present: int | None, least: int, most: int) -> int:
        return ClockOffset(present).see(OffsetBounds(least, most))

    assert after(None, 1_800_000, 1_900_000) == 0
    assert after(None, 5_000_000, 5_200_000) == 5_100_000
    assert after(5_000_000, 6_000_000, 6_000_000) == 5_000_000
    assert after(5_000_000, -60_000_000, -60_000_000) == -60_000_000
    assert after(-60_000_000, -1000, 1000) == 0


def test_slow_exchanges_are_no_wrong_clock() -> None:
    clock = ClockOffset(None)
    for delay in (30_000_000, 1000, 600_000_000):
        assert clock.see(OffsetBounds(-1000, delay)) == 0
        assert clock.see(OffsetBounds(-delay, 1000)) == 0


def test_a_servers_clock_follows_only_steps_that_last() -> None:
    boot, ahead = 0, NOW
    clock = SteadyClock(wall=lambda: boot + ahead, boot=lambda: boot)
    for step in (3_600_000_000, -3_600_000_000, 10**14, -(10**14)):
        ahead = NOW + step
        for _ in range(10):
            boot += LASTING_MICROS // 15
            assert clock() == NOW + boot
        ahead = NOW
        boot += 1
        assert clock() == NOW + boot
    ahead = NOW - 3_600_000_000
    clock()
    boot += LASTING_MICROS
    assert clock() == ahead + boot


def test_many_writers_are_told_to_wait() -> None:
    pace = Pace()
    pauses = [pace.pause_millis(NOW) for _ in range(1000)]
    assert pauses[:200] == [0] * 200
    assert pauses[-1] == 1248
    assert pace.pause_millis(NOW + 6_000_000) == 0


def test_writers_that_came_at_once_come_one_after_the_other_from_then_on() -> None:
    pace = Pace()
    due = sorted((NOW + 1000 * pace.pause_millis(NOW), nth) for nth in range(2000))
    for _ in range(5):
        due = sorted((micros + 1000 * pace.pause_millis(micros), nth) for micros, nth in due)
        by_second = Counter((micros - due[0][0]) // 1_000_000 for micros, _ in due)
        assert max(by_second.values()) <= 1.01 * UPLOADS_PER_SEC
        assert len({nth for _, nth in due}) == 2000


def test_turns_are_longer_while_uploads_wait() -> None:
    pace = Pace()
    now = NOW
    for secs, longest in ((0.0, 1248), (1.0, 2497), (2.0, 3746), (3600.0, 4995), (0.01, 1260)):
        pace.note_wait(secs)
        now += 60_000_000
        assert [pace.pause_millis(now) for _ in range(1000)][-1] == longest


def test_a_writer_runs_for_sure_while_its_beats_come() -> None:
    quiet = NOW - RUNNING_MICROS
    writers = [
        writer("beats"),
        writer("late", beat_micros=quiet + 1),
        writer("quiet", beat_micros=quiet),
        writer("never", beat_micros=None),
        exited("gone"),
        writer("child", parent="gone"),
    ]
    assert running_writers(writers, now_micros=NOW, server_start_micros=0) == ["beats", "late"]
    running = running_writers(writers, now_micros=NOW, server_start_micros=NOW - 1)
    assert running == ["beats", "late", "quiet"], "nobody was heard while the server was down"
    assert judge(writers, now_micros=NOW, server_start_micros=0).state == "running"
