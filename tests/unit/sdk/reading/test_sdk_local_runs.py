from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from run_logs import LogMaker
from weft.records.aggregates.first import First
from weft.records.merge import Stamp
from weft.records.record import Exit, MetricDefinition, Summary, System
from weft.runlog.platform import boot_id, process_start_time
from weft.sdk.continuing import local_runs
from weft.sdk.continuing.local_logs import read_facts
from weft.sdk.continuing.local_runs import FRESH_SECS, LocalRuns, belongs_to, is_sent
from weft.sdk.rows import logged_folds
from weft.sync.addresses.server_address import ServerAddress
from weft.sync.uploading.marker import Marker, write_marker


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def local(tmp_path: Path, notes: list[str]) -> LocalRuns:
    return LocalRuns([tmp_path / "weft"], "local", "tests", notes.append)


# -- one log ---


def test_of_rows_up_to_a_step_the_newest_value_of_each_metric_counts(tmp_path: Path) -> None:
    log = LogMaker(tmp_path)
    for step in range(10):
        log.row(step, loss=step / 2, **({"acc": step} if step % 3 == 0 else {}))
    log.kill()
    facts = read_facts(log.path, 7)
    assert facts.last_step == 7
    assert {key: value for key, (_, _, value) in facts.values.items()} == {"loss": 3.5, "acc": 6}
    assert facts.last_micros == log.header.wall_micros + 7_000_000


def test_rows_have_the_numbers_that_the_server_gives_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []

    class Noted(First):
        def add(self, value: float, at: Stamp, /) -> None:
            rows.append(at.position)
            super().add(value, at)

    monkeypatch.setattr(logged_folds, "ALL_FOLDS", [Noted])
    log = LogMaker(tmp_path)
    for step in range(3):
        log.row(step, loss=1.0)
    logged_folds.read_folds(log.path, None, lambda _key: True)
    assert rows == [0, 1, 2]


def test_an_earlier_time_does_not_win_by_a_later_place(tmp_path: Path) -> None:
    log = LogMaker(tmp_path).row(0, 5_000_000, x=1).row(1, 4_000_000, x=2).kill()
    facts = read_facts(log.path)
    assert facts.values["x"][2] == 1
    assert facts.last_step == 1


def test_steps_may_fall_and_be_fractions(tmp_path: Path) -> None:
    log = LogMaker(tmp_path).row(9, x=1).row(2.5, 10_000_000, x=2).row(4, 11_000_000, x=3).kill()
    assert read_facts(log.path).last_step == 9
    facts = read_facts(log.path, 3)
    assert (facts.last_step, facts.values["x"][2]) == (2.5, 2)


def test_ever_new_keys_are_kept_to_the_last(tmp_path: Path) -> None:
    log = LogMaker(tmp_path)
    for number in range(10_000):
        log.row(number, **{f"k{number}": number, "same": -number})
    log.kill()
    values = read_facts(log.path).values
    assert values["k0"][2] == 0
    assert values["k9999"][2] == 9999
    assert values["same"][2] == -9999


def test_samples_of_the_machine_are_no_rows(tmp_path: Path) -> None:
    log = LogMaker(tmp_path).row(1, x=1).append(System(0, 2_000_000, 500, [1])).row(2, x=2).kill()
    facts = read_facts(log.path)
    assert (facts.last_step, facts.values["x"][1]) == (2, 2)


def test_a_torn_tail_and_damage_in_the_middle_cost_only_their_own_rows(tmp_path: Path) -> None:
    log = LogMaker(tmp_path)
    ends: list[int] = []
    for step in range(50):
        log.row(step, x=step)
        ends.append(log.path.stat().st_size)
    log.kill()
    data = bytearray(log.path.read_bytes())
    data[ends[20] + 12] ^= 0xFF
    log.path.write_bytes(data[:-3])
    facts = read_facts(log.path)
    assert (facts.last_step, facts.values["x"][2]) == (48, 48)
    assert read_facts(log.path, 21).values["x"][2] == 20


# -- a run ---


def test_a_run_is_found_by_id_and_project_and_entity(tmp_path: Path, local: LocalRuns) -> None:
    LogMaker(tmp_path, "a").row(1, x=1).exit()
    LogMaker(tmp_path, "b", run={"project": "other"}).row(1, x=1).exit()
    LogMaker(tmp_path, "c", run={"entity": "team"}).row(1, x=1).exit()
    LogMaker(tmp_path, "x-a").row(5, x=5).exit()
    assert local.read("nobody") is local.read("b") is local.read("c") is None
    run = local.read("a")
    assert run is not None
    assert (run.last_step, run.state, run.running) == (1, "finished", [])


def test_lives_and_forked_processes_are_one_run(tmp_path: Path, local: LocalRuns) -> None:
    first = LogMaker(tmp_path, run={"name": "mine", "tags": ["a"], "group": "g"})
    first.config(lr=0.1, depth=2).row(1, x=1).row(5, x=5).summary(best=5).exit(6_000_000, 1)
    child = LogMaker(tmp_path, start_secs=1_000_000_003.0, parent_writer=first.writer)
    child.row(9, 1_000_000, y=9).exit(2_000_000)
    second = LogMaker(
        tmp_path,
        start_secs=1_000_100_000.0,
        run={"resume": "allow", "runtime_micros": 6_000_000, "notes": "again"},
    )
    second.config(lr=0.2).row(10, 1_500_000, x=10).exit(2_000_000)
    run = local.read("ab12cd34")
    assert run is not None
    assert run.last_step == 10
    assert run.config == {"lr": 0.2, "depth": 2}
    assert run.summary == {"x": 10, "y": 9}
    assert run.summary_set == {"best": 5}
    assert (run.name, run.tags, run.group, run.notes) == ("mine", ["a"], "g", "again")
    assert run.runtime_micros == 8_000_000
    assert run.state == "finished"
    writers = {first.writer, child.writer, second.writer}
    assert set(run.sources) == {("ab12cd34", writer, None) for writer in writers}
    at_five = local.read("ab12cd34", 5)
    assert at_five is not None
    assert (at_five.last_step, at_five.summary) == (5, {"x": 5})
    assert at_five.runtime_micros == 5_000_000


def test_a_rewind_cuts_writers_and_their_children(tmp_path: Path, local: LocalRuns) -> None:
    first = LogMaker(tmp_path).row(1, x=1).row(5, x=5).exit()
    child = LogMaker(tmp_path, parent_writer=first.writer).row(2, y=2).row(6, y=6).exit()
    LogMaker(
        tmp_path,
        start_secs=1_000_100_000.0,
        run={"resume": "rewind", "sources": [("ab12cd34", first.writer, 3)]},
    ).row(4, x=4).exit()
    run = local.read("ab12cd34")
    assert run is not None
    assert (run.last_step, run.summary) == (4, {"x": 4, "y": 2})
    assert ("ab12cd34", child.writer, 3) in run.sources


def test_of_a_fork_whose_parent_does_not_lie_here_the_step_is_known(
    tmp_path: Path, local: LocalRuns
) -> None:
    LogMaker(tmp_path, run={"sources": [("elsewhere", "w" * 12, 100)]}).config(lr=1).exit()
    run = local.read("ab12cd34")
    assert run is not None
    assert (run.last_step, run.config) == (100, {"lr": 1})
    assert run.sources == [("elsewhere", "w" * 12, 100)]


def test_of_copies_of_a_log_the_longest_counts(tmp_path: Path, local: LocalRuns) -> None:
    log = LogMaker(tmp_path).row(1, x=1)
    copy = tmp_path / "weft" / "run-20300101_000000-ab12cd34" / log.path.name
    copy.parent.mkdir()
    copy.write_bytes(log.path.read_bytes())
    log.row(2, x=2).kill()
    run = local.read("ab12cd34")
    assert run is not None
    assert run.last_step == 2
    assert len(run.sources) == 1


def test_what_can_not_be_read_is_left_out_and_told(
    tmp_path: Path, local: LocalRuns, notes: list[str]
) -> None:
    log = LogMaker(tmp_path).row(1, x=1).exit()
    (log.path.parent / "run-ab12cd34.broken.weft").write_bytes(b"no log at all")
    (log.path.parent / "run-ab12cd34.empty.weft").write_bytes(b"")
    run = local.read("ab12cd34")
    assert run is not None
    assert run.last_step == 1
    assert any("broken" in sentence for sentence in notes)


def test_a_value_taken_out_of_the_summary_comes_back_only_when_logged_again(
    tmp_path: Path, local: LocalRuns
) -> None:
    log = LogMaker(tmp_path).row(1, x=1, y=1)
    log.append(Summary(2_000_000, [], [["x"], ["y"]])).row(3, y=3).kill()
    run = local.read("ab12cd34")
    assert run is not None
    assert run.summary == {"y": 3}


def test_definitions_and_big_ints_read_back(tmp_path: Path, local: LocalRuns) -> None:
    big = {"_type": "int", "value": str(2**70)}
    LogMaker(tmp_path).config(seed=big).append(
        MetricDefinition("loss", summary=["max"], micros=1),
        MetricDefinition("loss", "epoch", True, ["min"], "minimize", micros=2),
    ).row(0, n=big).exit()
    run = local.read("ab12cd34")
    assert run is not None
    assert run.config == {"seed": 2**70}
    assert run.summary == {"n": 2**70}
    assert run.definitions == [
        {
            "name": "loss",
            "step_metric": "epoch",
            "step_sync": True,
            "summary": ["min"],
            "goal": "minimize",
            "hidden": None,
        }
    ]


# -- which run `auto` means ---


def test_auto_finds_the_newest_run_that_did_not_end_well(tmp_path: Path, local: LocalRuns) -> None:
    assert not [*local.unfinished()]
    LogMaker(tmp_path, "killed", start_secs=1e9).row(1, x=1).kill()
    assert next(local.unfinished()) == "killed"
    LogMaker(tmp_path, "failed", start_secs=1e9 + 10).exit(code=1)
    assert next(local.unfinished()) == "failed"
    LogMaker(tmp_path, "stopped", start_secs=1e9 + 20).exit(code=255, state="killed")
    assert next(local.unfinished()) == "stopped"
    LogMaker(tmp_path, "good", start_secs=1e9 + 30).exit()
    LogMaker(tmp_path, "other", start_secs=1e9 + 40, run={"project": "other"}).kill()
    assert next(local.unfinished()) == "stopped"


def test_auto_passes_over_a_run_that_was_resumed_and_ended_well(
    tmp_path: Path, local: LocalRuns
) -> None:
    LogMaker(tmp_path, "older", start_secs=1e9).kill()
    LogMaker(tmp_path, "newer", start_secs=1e9 + 10).kill()
    LogMaker(tmp_path, "newer", start_secs=1e9 + 20, run={"resume": "auto"}).exit()
    assert next(local.unfinished()) == "older"


def test_auto_never_takes_a_run_whose_process_runs(tmp_path: Path, local: LocalRuns) -> None:
    pid = os.getpid()
    me: dict[str, Any] = {"pid": pid, "pid_start": process_start_time(pid), "boot_id": boot_id()}
    log = LogMaker(tmp_path, "alive", **me).row(1, x=1)
    assert not [*local.unfinished()]
    run = local.read("alive")
    assert run is not None
    assert (run.state, run.running) == ("running", [log.writer])
    log.kill()


def test_an_editor_of_a_run_is_no_process_that_it_waits_for(
    tmp_path: Path, local: LocalRuns
) -> None:
    pid = os.getpid()
    me: dict[str, Any] = {"pid": pid, "pid_start": process_start_time(pid), "boot_id": boot_id()}
    main = LogMaker(tmp_path).row(1, x=1).kill()
    edits = LogMaker(tmp_path, parent_writer=main.writer, **me)
    edits.append(Exit(0, 0)).config(micros=1, lr=2)
    assert next(local.unfinished()) == "ab12cd34"
    run = local.read("ab12cd34")
    assert run is not None
    assert (run.state, run.running, run.config) == ("crashed", [], {"lr": 2})
    edits.kill()


def test_ranks_of_one_job_add_nothing_to_the_step_that_each_goes_on_at(
    tmp_path: Path, local: LocalRuns
) -> None:
    pid = os.getpid()
    me: dict[str, Any] = {"pid": pid, "pid_start": process_start_time(pid), "boot_id": boot_id()}
    now = time.time()
    LogMaker(tmp_path, start_secs=now - 500).row(9, x=9).exit()
    older = LogMaker(tmp_path, start_secs=now - 100, **me).row(20, x=20)
    rank = LogMaker(tmp_path, start_secs=now - 1, **me).row(30, x=30)
    together, alone = local.read("ab12cd34", joining=True), local.read("ab12cd34")
    assert together is not None
    assert alone is not None
    assert (together.last_step, alone.last_step) == (20, 30)
    assert together.summary == alone.summary == {"x": 30}
    rank.kill()
    older.kill()


def test_of_another_machines_run_it_counts_whether_it_grew_lately(
    tmp_path: Path, local: LocalRuns
) -> None:
    log = LogMaker(tmp_path, "far", machine_id="another").row(1, x=1).kill()
    assert not [*local.unfinished()]
    then = time.time() - FRESH_SECS - 1
    for path in log.path.parent.iterdir():
        os.utime(path, (then, then))
    assert next(local.unfinished()) == "far"


# -- what was sent ---


def test_a_marker_tells_which_server_has_a_log(tmp_path: Path, local: LocalRuns) -> None:
    path = LogMaker(tmp_path).row(1, x=1).exit().path
    (log,) = local.logs("ab12cd34").values()
    here, there = ServerAddress("http://here"), ServerAddress("http://there")
    assert belongs_to(log, here)
    assert not is_sent(log, here)
    write_marker(path, Marker(path.stat().st_size, "http://here", done=True))
    assert belongs_to(log, here)
    assert is_sent(log, here)
    assert not belongs_to(log, there)
    assert not is_sent(log, there)
    write_marker(path, Marker(path.stat().st_size - 1, "http://here"))
    assert not is_sent(log, here)


class FakeTime:
    """Stands for `time` in a module: it passes only while somebody sleeps."""

    def __init__(self, on_sleep: Callable[[], object]) -> None:
        self.secs = time.time()
        self._on_sleep = on_sleep

    def time(self) -> float:
        return self.secs

    def monotonic(self) -> float:
        return self.secs

    def sleep(self, secs: float) -> None:
        self.secs += secs
        self._on_sleep()


def test_a_log_that_has_just_begun_is_waited_for(
    tmp_path: Path, local: LocalRuns, notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogMaker(tmp_path)
    log.row(0, loss=0.5)
    log.kill()
    whole = log.path.read_bytes()
    log.path.write_bytes(whole[:20])
    monkeypatch.setattr(local_runs, "time", FakeTime(lambda: log.path.write_bytes(whole)))
    assert list(local.logs(log.header.run_id)) == [log.header.writer_id]
    assert notes == []

    log.path.write_bytes(whole[:20])
    monkeypatch.setattr(local_runs, "time", FakeTime(lambda: None))
    again = LocalRuns([tmp_path / "weft"], "local", "tests", notes.append)
    assert list(again.logs(log.header.run_id)) == []
    assert len(notes) == 1
