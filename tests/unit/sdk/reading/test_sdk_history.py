"""Rows, steps, fragments, time: what `History` writes for what `log()` is given."""

from __future__ import annotations

import math
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from at_length import at_length
from sdk_script import log_rows, logs_in, records_of, same
from weft.errors import UsageError, WrongType
from weft.records.limits import MAX_SCHEMAS, MAX_TEXT_BYTES
from weft.records.record import Exit, Key, Row, Schema
from weft.runlog.header import make_header
from weft.runlog.platform import boot_clock_nanos
from weft.runlog.writer import LogWriter
from weft.sdk.guard import Guard
from weft.sdk.rows import shapes
from weft.sdk.rows.beginning import Beginning
from weft.sdk.rows.history import History
from weft.sdk.rows.steps import checked_step


class Log:
    """A history over a real log, and what came of it."""

    def __init__(
        self,
        folder: Path,
        *,
        probe: Callable[[], None] = lambda: None,
        clock: Callable[[], int] = boot_clock_nanos,
        **options: Any,
    ) -> None:
        self.folder = folder
        self.guard = Guard(silent=True)
        self.history = History(self._open, self.guard, probe, clock=clock, **options)

    def _open(self) -> tuple[LogWriter, int]:
        header = make_header("ab12cd34")
        path = self.folder / f"run-ab12cd34.{header.writer_id}.weft"
        return LogWriter(path, header), header.boot_micros

    def log(self, data: Any, step: Any = None, commit: bool | None = None) -> None:
        self.history.append(data, step, commit)

    def close(self) -> None:
        self.history.close(lambda micros: Exit(micros, 0))

    def rows(self, *, joined: bool = True) -> list[dict[str, Any]]:
        return log_rows(logs_in(self.folder)[0], joined=joined)

    def frames(self) -> list[Row]:
        return records_of(logs_in(self.folder)[0], Row)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def test_each_call_is_a_row_with_the_next_step(log: Log) -> None:
    for value in (0.5, 0.25, 0.125):
        log.log({"loss": value})
    assert log.rows() == [
        {"loss": 0.5, "_step": 0},
        {"loss": 0.25, "_step": 1},
        {"loss": 0.125, "_step": 2},
    ]


def test_a_row_lies_in_the_file_when_log_returns(log: Log) -> None:
    log.log({"loss": 0.5})
    assert len(log.frames()) == 1


def test_values_keep_their_kind(log: Log) -> None:
    log.log({"f": 1.0, "i": 1, "b": True, "s": "x", "n": None})
    row = log.rows()[0]
    assert [type(row[key]) for key in "fibsn"] == [float, int, bool, str, type(None)]


def test_numpy_scalars_become_plain_numbers_on_the_fast_and_the_slow_way(log: Log) -> None:
    for _ in range(2):
        log.log({
            "f32": np.float32(0.5), "f64": np.float64(0.25), "i": np.int64(7),
            "u": np.uint64(2**64 - 1), "b": np.bool_(True), "f16": np.float16(2.0),
        })  # fmt: skip
    assert log.rows()[0] == log.rows()[1] | {"_step": 0}
    row = log.rows()[0]
    assert (row["f32"], row["f64"], row["i"], row["b"], row["f16"]) == (0.5, 0.25, 7, True, 2.0)
    assert type(row["b"]) is bool
    assert row["u"] == {"_type": "int", "value": str(2**64 - 1)}


@pytest.mark.parametrize("big", [2**63, -(2**63) - 1, 2**70])
def test_an_int_beyond_64_bits_keeps_its_digits(log: Log, big: int) -> None:
    log.log({"n": 1})
    log.log({"n": big})
    log.log({"n": 2})
    assert [row["n"] for row in log.rows()] == [1, {"_type": "int", "value": str(big)}, 2]


def test_nested_dicts_join_with_dots(log: Log) -> None:
    log.log({"train": {"loss": 1.0, "top": {"k": 5}}, "lr": 0.1})
    assert log.rows() == [{"train.loss": 1.0, "train.top.k": 5, "lr": 0.1, "_step": 0}]


def test_non_finite_values_are_kept(log: Log) -> None:
    log.log({"a": math.nan, "b": math.inf, "c": -math.inf})
    row = log.rows()[0]
    assert math.isnan(row["a"])
    assert (row["b"], row["c"]) == (math.inf, -math.inf)


def test_keys_and_schemas_are_written_once(log: Log) -> None:
    for step in range(10):
        log.log({"a": step, "b": step})
        log.log({"b": step})
    path = logs_in(log.folder)[0]
    assert [key.name for key in records_of(path, Key)] == ["a", "b"]
    assert len(records_of(path, Schema)) == 2


def test_schemas_are_forgotten_at_the_limit_and_never_used_twice(log: Log) -> None:
    n_rows = MAX_SCHEMAS + 10
    for number in range(n_rows):
        log.log({f"k{number}": number, "all": number})
    log.log({"k0": -1, "all": -1})
    path = logs_in(log.folder)[0]
    ids = [schema.schema_id for schema in records_of(path, Schema)]
    assert len(set(ids)) == len(ids) == n_rows + 1
    assert log.rows()[-1] == {"k0": -1, "all": -1, "_step": n_rows}
    last = log.history.last_values()
    assert (last["k0"], last["k1"], last["all"]) == (-1, 1, -1)
    assert log.history.last_value("k1") == 1


# -- steps ---


def test_explicit_steps_may_repeat_fall_and_be_fractions(log: Log) -> None:
    for step in (10, 3, 2.5, 2.5, 7):
        log.log({f"at{step}": 1.0}, step)
    assert [row["_step"] for row in log.rows()] == [10, 3, 2.5, 7]
    log.log({"next": 1.0}, commit=True)
    log.log({"next": 1.0})
    assert [row["_step"] for row in log.rows()][-2:] == [7, 11]


def test_a_repeated_step_goes_on_with_its_row(log: Log) -> None:
    log.log({"loss": 1.0}, step=4)
    log.log({"acc": 0.5}, step=4)
    log.log({"loss": 0.5}, step=5)
    assert log.rows() == [
        {"loss": 1.0, "acc": 0.5, "_step": 4},
        {"loss": 0.5, "_step": 5},
    ]


def test_a_step_that_comes_back_after_another_is_a_row_of_its_own(log: Log) -> None:
    for step in (4, 5, 4):
        log.log({"loss": float(step)}, step=step)
    assert [row["_step"] for row in log.rows()] == [4, 5, 4]


def test_commit_false_writes_at_once_and_leaves_the_row_open(log: Log) -> None:
    log.log({"a": 1}, commit=False)
    assert len(log.frames()) == 1
    assert log.history.step == 0
    log.log({"b": 2}, commit=False)
    log.log({"c": 3})
    log.log({"a": 4})
    assert log.rows() == [{"a": 1, "b": 2, "c": 3, "_step": 0}, {"a": 4, "_step": 1}]
    assert [frame.flags for frame in log.frames()] == [0, 1, 1, 0]


def test_commit_true_closes_a_row_with_an_explicit_step(log: Log) -> None:
    log.log({"a": 1}, step=7, commit=True)
    assert log.history.step == 8
    log.log({"a": 2}, step=7)
    assert [row["_step"] for row in log.rows()] == [7, 7]


def test_a_row_without_step_joins_the_open_one_as_in_wandb(log: Log) -> None:
    log.log({"a": 1}, step=5)
    log.log({"b": 2})
    log.log({"c": 3})
    assert log.rows() == [{"a": 1, "b": 2, "_step": 5}, {"c": 3, "_step": 6}]


@pytest.mark.parametrize("step", [np.int64(3), np.float32(2.5), 2.0, np.array(4), True])
def test_a_step_may_be_any_kind_of_number(log: Log, step: Any) -> None:
    log.log({"a": 1.0}, step)
    log.log({"a": 1.0}, step, commit=True)
    assert log.rows()[0]["_step"] == float(step)


@pytest.mark.parametrize("step", [math.nan, math.inf, -math.inf, 2**63, 1e400])
def test_a_step_that_is_no_finite_number_raises_and_writes_nothing(log: Log, step: Any) -> None:
    log.log({"a": 1.0})
    with pytest.raises(UsageError, match="step must"):
        log.log({"a": 1.0}, step)
    assert len(log.rows()) == 1
    assert log.history.step == 1


@pytest.mark.parametrize("step", ["3", [3], None.__class__, 1j])
def test_a_step_that_is_no_number_raises_type_error(log: Log, step: Any) -> None:
    for _ in range(2):
        with pytest.raises(WrongType, match="step must be a number"):
            log.log({"a": 1.0}, step)
        log.log({"a": 1.0})
    assert len(log.rows()) == 2


def test_a_huge_step_does_not_move_the_automatic_one(log: Log) -> None:
    for step in (1e300, 2**63 - 1, -(2**63)):
        log.log({"a": 1}, step, commit=True)
    log.log({"a": 1})
    assert [row["_step"] for row in log.rows()] == [1e300, 2**63 - 1, -(2**63), 0]


def test_a_fragment_has_the_very_step_of_its_row(log: Log) -> None:
    log.log({"a": 1}, step=5)
    log.log({"b": 1}, step=5.0)
    assert [(type(frame.step), frame.flags) for frame in log.frames()] == [(int, 0), (int, 1)]


def test_a_run_that_is_gone_on_with_begins_at_its_step_and_with_its_values(tmp_path: Path) -> None:
    log = Log(tmp_path, beginning=Beginning(101, {"loss": 0.5, "acc": 1}))
    assert log.history.step == 101
    log.log({"loss": 0.25})
    log.log({"loss": 0.125}, step=7)
    log.log({"loss": 0.125}, step=8)
    log.log({"loss": 0.0625}, commit=True)
    log.log({"late": 1})
    assert [row["_step"] for row in log.rows()] == [101, 7, 8, 102]
    assert log.history.last_values() == {"loss": 0.0625, "acc": 1, "late": 1}
    assert log.history.last_value("acc") == 1


def test_checked_step_keeps_ints_beyond_float_precision() -> None:
    assert checked_step(2**62 + 1) == 2**62 + 1


# -- calls that are no row ---


@pytest.mark.parametrize("data", [5, "loss", [("a", 1)], None, {1, 2}])
def test_no_mapping_raises_and_says_what_to_write(log: Log, data: Any) -> None:
    with pytest.raises(WrongType, match=r"log\(\) takes a mapping.*write log"):
        log.log(data)
    assert log.frames() == []


@pytest.mark.parametrize("key", [1, None, ("a",), b"a"])
def test_a_key_that_is_no_string_raises(log: Log, key: Any) -> None:
    with pytest.raises(WrongType, match=r"keys that are strings, not .*: write log"):
        log.log({"ok": 1.0, key: 2.0})
    assert log.frames() == []


def test_an_empty_key_costs_its_value_and_one_warning(log: Log) -> None:
    for _ in range(2):
        log.log({"": 1, "a": {"": 2, "b": 3}})
    assert [row.keys() - {"_step"} for row in log.rows()] == [{"a.b"}] * 2
    assert dict(log.guard.counts) == {"value ": 2, "value a": 2}


def test_wrong_calls_are_value_errors_and_type_errors() -> None:
    assert issubclass(WrongType, (ValueError, TypeError))


def test_any_mapping_is_a_row(log: Log) -> None:
    from collections import OrderedDict
    from types import MappingProxyType

    log.log(OrderedDict(a=1))
    log.log(MappingProxyType({"a": 2}))
    assert [row["a"] for row in log.rows()] == [1, 2]


def test_an_empty_dict_is_a_row_as_in_wandb(log: Log) -> None:
    log.log({})
    log.log({"a": 1})
    assert log.rows() == [{"_step": 0}, {"a": 1, "_step": 1}]


def test_an_empty_dict_opens_and_ends_rows(log: Log) -> None:
    log.log({"a": 1}, step=3)
    log.log({}, commit=True)
    log.log({"b": 2})
    log.log({}, step=9)
    log.log({"c": 3})
    log.log({"d": 4})
    assert log.rows() == [
        {"a": 1, "_step": 3},
        {"b": 2, "_step": 4},
        {"c": 3, "_step": 9},
        {"d": 4, "_step": 10},
    ]


def test_a_closed_history_refuses_rows(log: Log) -> None:
    log.log({"a": 1})
    log.close()
    with pytest.raises(UsageError, match="the run is finished"):
        log.log({"a": 2})
    assert log.history.last_value("a") == 1


# -- large rows ---


@at_length
@at_length
def test_a_row_of_100_000_keys_is_one_row(log: Log) -> None:
    row = {f"layer/{number}": float(number) for number in range(100_000)}
    log.log(row)
    log.log(row)
    assert log.rows() == [row | {"_step": 0}, row | {"_step": 1}]


def test_a_row_larger_than_a_frame_is_written_in_fragments(log: Log) -> None:
    row = {f"text{number}": f"{number:02}" * (MAX_TEXT_BYTES // 2) for number in range(40)}
    log.log(row)
    assert log.rows() == [row | {"_step": 0}]
    assert len(log.frames()) > 1


def test_a_megabyte_of_text_is_kept_and_more_is_cut(log: Log) -> None:
    log.log({"text": "x"})
    log.log({"text": "ä" * (MAX_TEXT_BYTES // 2)})
    log.log({"text": "ä" * MAX_TEXT_BYTES})
    text, cut = (row["text"] for row in log.rows()[1:])
    assert text == "ä" * (MAX_TEXT_BYTES // 2)
    assert len(cut.encode()) <= MAX_TEXT_BYTES
    assert cut.endswith("[cut]")
    assert log.guard.counts["value text"] == 1


def test_text_that_is_no_unicode_is_kept_escaped(log: Log) -> None:
    log.log({"a": "x"})
    log.log({"a": "\ud800"})
    log.log({"bad\udfffkey": 1})
    assert log.rows()[1]["a"] == "\\ud800"
    assert log.rows()[2]["bad\\udfffkey"] == 1


# -- time ---


def test_row_times_come_from_a_clock_that_a_wall_clock_jump_does_not_move(tmp_path: Path) -> None:
    now = [10**12]
    anchor = 10**9

    def opened() -> tuple[LogWriter, int]:
        return LogWriter(tmp_path / "run-x.w.weft", make_header("x")), anchor

    history = History(opened, Guard(), lambda: None, clock=lambda: now[0])
    for _ in range(3):
        history.append({"a": 1}, None, None)
        now[0] += 250_000_000
    micros = [row.micros for row in records_of(tmp_path / "run-x.w.weft", Row)]
    assert micros == [0, 250_000, 500_000]


def test_a_clock_set_back_gives_no_negative_times(tmp_path: Path) -> None:
    now = [boot_clock_nanos()]
    log = Log(tmp_path, clock=lambda: now[0])
    now[0] -= 10**15
    for loss in range(5):
        log.log({"loss": loss})
    log.log({"new": 1})
    log.close()
    assert [(row.step, row.micros) for row in log.frames()] == [(i, 0) for i in range(6)]


def test_the_probe_is_called_about_once_a_second_by_the_rows_own_clock(tmp_path: Path) -> None:
    now = [boot_clock_nanos()]
    calls: list[int] = []
    log = Log(tmp_path, probe=lambda: calls.append(now[0]), clock=lambda: now[0])
    for _ in range(100):
        now[0] += 100_000_000
        log.log({"a": 1})
    assert 8 <= len(calls) <= 10


def test_what_the_probe_raises_reaches_the_caller_after_the_row_was_written(
    tmp_path: Path,
) -> None:
    now = [boot_clock_nanos()]

    def stop() -> None:
        raise KeyboardInterrupt

    log = Log(tmp_path, probe=stop, clock=lambda: now[0])
    now[0] += 2_000_000_000
    with pytest.raises(KeyboardInterrupt):
        log.log({"a": 1})
    log.log({"a": 2})
    assert [row["a"] for row in log.rows()] == [1, 2]


# -- many at once ---


def test_threads_share_one_sequence_of_steps(log: Log) -> None:
    def work(name: str) -> None:
        for number in range(200):
            log.log({name: number, "nested": {name: number}})

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = log.rows()
    assert [row["_step"] for row in rows] == list(range(1600))
    for name in (f"t{n}" for n in range(8)):
        assert [row[name] for row in rows if name in row] == list(range(200))


def test_a_row_may_come_at_any_line_of_another_with_new_keys(log: Log) -> None:
    """As from a signal handler, which may run wherever Python calls a function."""
    n_inner = 0
    is_inner = False

    def trace(frame: FrameType, _event: str, _argument: object) -> Any:
        nonlocal n_inner, is_inner
        if is_inner or frame.f_code.co_filename != shapes.__file__:
            return trace
        is_inner = True
        n_inner += 1
        log.log({f"inner{n_inner}": n_inner, "more": 1})
        is_inner = False
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        log.log({"a": 1, "b": 2, "c": 3})
    finally:
        sys.settrace(before)
    inner = [{f"inner{nth}": nth, "more": 1} for nth in range(1, n_inner + 1)]
    for row in inner:
        log.log(row)
    rows = [{k: v for k, v in row.items() if k != "_step"} for row in log.rows()]
    assert n_inner > 20
    assert [row for row in rows if "a" not in row] == [*inner, *inner]
    assert [row for row in rows if "a" in row] == [{"a": 1, "b": 2, "c": 3}]


def test_a_signal_handler_may_log_in_the_middle_of_log(log: Log) -> None:
    n_signals = 0

    def handler(_number: int, _frame: object) -> None:
        nonlocal n_signals
        n_signals += 1
        log.log({f"signal{n_signals % 7}": n_signals})

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        number = 0
        while n_signals < 100:
            # Every other row goes the slow way.
            log.log({f"main{number % 11}": number, "all": np.array(1.0) if number % 2 else 1.0})
            number += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    rows = log.rows()
    assert sorted(row["_step"] for row in rows) == list(range(number + n_signals))
    assert sum("all" in row for row in rows) == number


def test_a_destructor_may_log_in_the_middle_of_log(log: Log) -> None:
    class Logs:
        def __del__(self) -> None:
            log.log({"gone": 1})

        def __repr__(self) -> str:
            return "it"

    for _ in range(20):
        log.log({"thing": Logs()})
    assert sum("gone" in row for row in log.rows()) == 20


# -- what was logged so far ---


def test_a_forgotten_value_shows_again_once_it_is_logged_again(log: Log) -> None:
    log.log({"a": 1, "b": 1})
    log.log({"a": 2})
    log.history.forget("a")
    assert log.history.last_values() == {"b": 1}
    with pytest.raises(KeyError):
        log.history.last_value("a")
    log.log({"c": 1})
    assert log.history.last_values() == {"b": 1, "c": 1}
    log.log({"a": 3, "b": 2})
    assert log.history.last_values() == {"a": 3, "b": 2, "c": 1}
    assert log.history.last_value("a") == 3


def test_a_forgotten_value_stays_forgotten_when_schemas_are(log: Log) -> None:
    log.log({"a": 1, "all": 0})
    log.history.forget("a")
    for number in range(MAX_SCHEMAS + 1):
        log.log({f"k{number}": number, "all": number})
    assert "a" not in log.history.last_values()
    log.log({"a": 2})
    assert log.history.last_value("a") == 2


def test_a_forked_child_shows_its_parents_last_values_until_it_logs(log: Log) -> None:
    log.log({"a": 1, "b": 1})
    log.history.forget_writer()
    log.log({"a": 2})
    assert log.history.last_values() == {"a": 2, "b": 1}


# -- against a model ---

scalars = st.one_of(
    st.floats(), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.text(max_size=5), st.none()
)
names = st.sampled_from(["a", "b", "c", "d/e", "ü"])
calls = st.tuples(
    st.dictionaries(names, scalars, max_size=4),
    st.one_of(st.none(), st.integers(-5, 5), st.sampled_from([0.5, 2.5, 2.0, 1e300])),
    st.sampled_from([None, None, True, False]),
)


def rows_of_calls(sequence: list[Any]) -> list[dict[str, Any]]:
    """The rows that calls of `log()` shall make: a model of its own."""
    rows: list[dict[str, Any]] = []
    row: dict[str, Any] | None = None  # the open one
    next_step = 0
    for data, step, commit in sequence:
        if row is None or (step is not None and step != row["_step"]):
            row = {"_step": next_step if step is None else step}
            rows.append(row)
        row.update(data)
        if row["_step"] < 2**62:
            next_step = max(next_step, math.floor(row["_step"]) + 1)
        if commit or (step is None and commit is None):
            row = None
    return rows


@given(st.lists(calls, max_size=20))
def test_any_calls_make_the_rows_of_the_model(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[Any]
) -> None:
    log = Log(tmp_path_factory.mktemp("log"))
    last: dict[str, Any] = {}
    for data, step, commit in sequence:
        log.log(data, step, commit)
        last.update(data)
    # Every value is a frame's, in the order of the calls.
    frames = log.rows(joined=False)
    assert len(frames) == len(sequence)
    for (data, step, _), frame in zip(sequence, frames, strict=True):
        written = dict(frame)
        assert step is None or written["_step"] == step
        del written["_step"]
        assert written.keys() == data.keys()
        assert all(same(written[key], data[key]) for key in data)
    # The frames join to rows.
    expected, rows = rows_of_calls(sequence), log.rows()
    assert len(rows) == len(expected)
    for row, expected_row in zip(rows, expected, strict=True):
        assert row.keys() == expected_row.keys()
        assert all(same(row[key], expected_row[key]) for key in row)
    last_values = log.history.last_values()
    assert last_values.keys() == last.keys()
    assert all(same(last_values[key], last[key]) for key in last)
    assert all(same(log.history.last_value(key), last[key]) for key in last)
    log.close()
