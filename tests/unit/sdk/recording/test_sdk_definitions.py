"""`define_metric`: what it takes, which step metrics rows get, what the summary keeps."""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from at_length import at_length
from sdk_script import log_rows, logs_in, records_of, same
from weft.errors import UsageError, WrongType
from weft.records.limits import MAX_KEY_BYTES
from weft.records.record import Exit, MetricDefinition
from weft.runlog.header import make_header
from weft.runlog.writer import LogWriter
from weft.sdk.guard import Guard
from weft.sdk.rows.beginning import Beginning
from weft.sdk.rows.definitions import Definitions
from weft.sdk.rows.history import History
from weft.sdk.rows.metric import Metric


class Run:
    """A history over a real log, and its definitions."""

    def __init__(self, folder: Path, beginning: Beginning = Beginning()) -> None:  # noqa: B008
        self.folder = folder
        self.definitions = Definitions(self._define, beginning.definitions)
        guard = Guard(silent=True)
        self.history = History(
            self._open, guard, lambda: None, beginning=beginning, definitions=self.definitions
        )
        self.define = self.definitions.define

    def _define(self, definition: MetricDefinition) -> None:
        self.history.define(definition)

    def _open(self) -> tuple[LogWriter, int]:
        header = make_header("ab12cd34")
        path = self.folder / f"run-ab12cd34.{header.writer_id}.weft"
        return LogWriter(path, header), header.boot_micros

    def log(self, data: dict[str, Any], step: Any = None, commit: bool | None = None) -> None:
        self.history.append(data, step, commit)

    def rows(self, *, joined: bool = True) -> list[dict[str, Any]]:
        return log_rows(logs_in(self.folder)[0], joined=joined)

    def written(self) -> list[MetricDefinition]:
        return records_of(logs_in(self.folder)[0], MetricDefinition)

    def close(self) -> None:
        self.history.close(lambda micros: Exit(micros, 0))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


# -- the call ---


def test_a_metric_says_what_its_call_said(run: Run) -> None:
    epoch = run.define("epoch", hidden=True)
    loss = run.define("loss", step_metric=epoch, summary="Min, last", goal="maximize")
    assert isinstance(loss, Metric)
    assert (loss.name, loss.step_metric, loss.step_sync) == ("loss", "epoch", True)
    assert (loss.summary, loss.goal, loss.hidden) == (("min", "last"), "maximize", None)
    assert (epoch.step_metric, epoch.step_sync, epoch.summary, epoch.hidden) == (
        None,
        False,
        None,
        True,
    )
    assert run.define("acc", summary=["max", "max"]).summary == ("max",)
    assert run.define("a\\.b").name == "a.b"
    assert run.define("plain", step_metric="", summary="").step_metric is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "not empty"),
        ({"name": "a*b"}, "only at its end"),
        ({"name": "*/loss*"}, "only at its end"),
        ({"name": "k" * (MAX_KEY_BYTES + 1)}, f"at most {MAX_KEY_BYTES} bytes"),
        ({"name": "loss", "summary": "minimum"}, "does not know summary 'minimum': it takes best"),
        ({"name": "loss", "summary": ["min", 3]}, "does not know summary 3"),
        ({"name": "loss", "goal": "least"}, "'minimize' or 'maximize', not 'least'"),
    ],
)
def test_an_argument_that_makes_no_sense_raises_and_names_what_does(
    run: Run, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run.define(**arguments)
    assert run.written() == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": 5},
        {"name": None},
        {"name": "loss", "step_metric": 5},
        {"name": "loss", "step_metric": ["epoch"]},
        {"name": "loss", "step_sync": "yes"},
        {"name": "loss", "hidden": 1},
        {"name": "loss", "summary": 5},
        {"name": "loss", "goal": 1},
        {"name": "loss", "overwrite": "no"},
    ],
)
def test_an_argument_of_a_wrong_type_raises_and_names_it(
    run: Run, arguments: dict[str, Any]
) -> None:
    name = [*arguments][-1]
    with pytest.raises(WrongType, match=rf"define_metric\(\) takes as {name} "):
        run.define(**arguments)


def test_each_record_is_whole_and_one_that_says_nothing_new_is_not_written(run: Run) -> None:
    run.define("loss", step_metric="epoch")
    run.define("loss", summary="min")
    run.define("loss", step_metric="epoch", summary="min")
    run.define("loss", hidden=True, overwrite=True)
    whole = [
        (definition.step_metric, definition.summary, definition.hidden)
        for definition in run.written()
    ]
    assert whole == [("epoch", [], None), ("epoch", ["min"], None), (None, [], True)]
    assert all(definition.overwrite for definition in run.written())
    assert [definition.name for definition in run.definitions.whole()] == ["loss"]


def test_a_run_that_is_gone_on_with_knows_its_definitions(tmp_path: Path) -> None:
    definition = {"name": "loss", "step_metric": "epoch", "step_sync": True, "summary": ["min"],
             "goal": None, "hidden": None, "unknown": 1}  # fmt: skip
    before = {"min": 0.125, "max": 9.0, "count": 3, "mean": 4.0, "first": 9.0}
    beginning = Beginning(0, {"epoch": 7, "loss": 0.5}, {"loss": before}, [definition])
    run = Run(tmp_path, beginning)
    assert run.written() == []
    run.log({"loss": 0.25})
    assert run.rows() == [{"loss": 0.25, "epoch": 7, "_step": 0}]
    assert run.history.last_value("loss") == {"min": 0.125}
    run.define("loss", summary="max,mean,first")
    assert run.history.last_values() == {
        "epoch": 7,
        "loss": {"min": 0.125, "max": 9.0, "mean": 3.0625, "first": 9.0},
    }


def test_a_finished_run_is_defined_no_further(run: Run) -> None:
    run.close()
    with pytest.raises(UsageError, match="the run is finished"):
        run.define("loss")


# -- step metrics ---


def test_a_row_without_its_step_metric_gets_the_last_value(run: Run) -> None:
    run.define("val/*", step_metric="epoch")
    run.log({"val/loss": 1.0})
    run.log({"epoch": 3, "loss": 0.5})
    for _ in range(2):
        run.log({"val/loss": 0.5, "loss": 0.25})
    run.log({"loss": 0.125})
    run.log({"val/loss": 0.25, "epoch": 4})
    run.log({"val/acc": 0.75})
    assert [row.get("epoch") for row in run.rows()] == [None, 3, 3, 3, None, 4, 4]


def test_rows_in_any_form_get_it(run: Run) -> None:
    run.log({"epoch": 3})
    run.define("*", step_metric="epoch")
    run.log({"val": {"loss": 1.0}})
    run.log({"text": "x" * 2_000_000})
    run.log({"text": "\ud800"})
    run.log({"text": "\ud800"})
    run.log({f"key{number}": 1.0 for number in range(2000)})
    assert [row["epoch"] for row in run.rows()] == [3] * 6
    assert [row["_step"] for row in run.rows()] == [*range(6)]


@pytest.mark.parametrize(
    ("definition", "filled"),
    [
        ({"name": "loss", "step_metric": "epoch"}, True),
        ({"name": "lo*", "step_metric": "epoch"}, True),
        ({"name": "loss", "step_metric": "epoch", "step_sync": False}, False),
        ({"name": "loss", "step_metric": "_step"}, False),
        ({"name": "loss", "summary": "max"}, False),
        ({"name": "other", "step_metric": "epoch"}, False),
    ],
)
def test_only_metrics_with_a_synced_step_metric_are_filled(
    run: Run, definition: dict[str, Any], filled: bool
) -> None:
    run.define(**definition)
    run.log({"epoch": 3})
    run.log({"loss": 0.5})
    assert ("epoch" in run.rows()[1]) is filled


def test_text_and_nan_are_no_step_to_be_filled_in(run: Run) -> None:
    run.define("loss", step_metric="epoch")
    for epoch in (2, "three", math.nan, None):
        run.log({"epoch": epoch})
    run.log({"loss": 0.5})
    assert run.rows()[-1]["epoch"] == 2


def test_a_row_in_pieces_is_filled_once_at_its_end(run: Run) -> None:
    run.define("*", step_metric="epoch")
    run.log({"epoch": 1})
    run.log({"a": 1}, commit=False)
    run.log({"epoch": 2}, commit=False)
    run.log({"b": 1})
    run.log({"a": 2}, commit=False)
    run.log({"c": 2})
    assert run.rows(joined=False) == [
        {"epoch": 1, "_step": 0},
        {"a": 1, "_step": 1},
        {"epoch": 2, "_step": 1},
        {"b": 1, "_step": 1},
        {"a": 2, "_step": 2},
        {"c": 2, "epoch": 2, "_step": 2},
    ]


@pytest.mark.parametrize("end", ["empty row", "other step", "close"])
def test_a_row_that_was_left_open_is_filled_however_it_ends(run: Run, end: str) -> None:
    run.define("*", step_metric="epoch")
    run.log({"epoch": 1})
    run.log({"a": 1}, commit=False)
    if end == "empty row":
        run.log({})
    elif end == "other step":
        run.log({"b": 1, "epoch": 2}, step=9)
    run.close()
    assert run.rows()[1] == {"a": 1, "epoch": 1, "_step": 1}


def test_a_row_that_the_parent_left_open_is_none_of_a_forked_childs(run: Run) -> None:
    run.define("loss", step_metric="epoch")
    run.log({"epoch": 1})
    run.log({"loss": 1}, commit=False)
    run.history.forget_writer()
    run.log({"other": 1})
    run.log({"loss": 2})
    logs = [log_rows(log) for log in logs_in(run.folder)]
    assert [{"other": 1, "_step": 0}, {"loss": 2, "epoch": 1, "_step": 1}] in logs
    assert [{"epoch": 1, "_step": 0}, {"loss": 1, "_step": 1}] in logs


calls = st.tuples(
    st.dictionaries(
        st.sampled_from(["loss", "epoch", "other"]), st.integers(0, 99), min_size=1, max_size=3
    ),
    st.sampled_from([None, None, 1, 2]),
    st.sampled_from([None, None, True, False]),
)


@given(st.lists(calls, max_size=20))
def test_any_rows_have_the_step_metric_that_the_model_gives_them(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[Any]
) -> None:
    plain, run = (Run(tmp_path_factory.mktemp(name)) for name in ("plain", "run"))
    run.define("loss", step_metric="epoch", summary="min,max,mean,first,last,best")
    for data, step, commit in sequence:
        plain.log(data, step, commit)
        run.log(data, step, commit)
    plain.close()
    run.close()
    expected = plain.rows()
    epoch = None
    for row in expected:
        if "loss" in row and "epoch" not in row and epoch is not None:
            row["epoch"] = epoch
        epoch = row.get("epoch", epoch)
    assert run.rows() == expected
    losses = [frame["loss"] for frame in run.rows(joined=False) if "loss" in frame]
    assert run.history.last_values().get("loss") == (
        {
            "min": min(losses),
            "max": max(losses),
            "mean": pytest.approx(sum(losses) / len(losses)),
            "last": losses[-1],
            "first": losses[0],
            "best": min(losses),
        }
        if losses
        else None
    )


# -- the summary ---


@pytest.mark.parametrize(
    ("summary", "goal", "shown"),
    [
        ("min", None, {"min": -2.0}),
        ("max", None, {"max": 5}),
        ("mean", None, {"mean": 1.5}),
        ("first", None, {"first": 5}),
        ("last", None, {"last": math.inf}),
        ("best", None, {"best": -2.0}),
        ("best", "maximize", {"best": 5}),
        ("min,max", None, {"min": -2.0, "max": 5}),
        ("copy", None, math.inf),
        ("copy,min", None, {"min": -2.0}),
        ("none", None, None),
        (None, None, math.inf),
    ],
)
def test_finite_values_make_the_aggregates(
    run: Run, summary: str | None, goal: str | None, shown: Any
) -> None:
    run.define("loss", summary=summary, goal=goal)
    for value in ("text", 5, -2.0, math.nan, None, True, 2, -math.inf, math.inf):
        run.log({"loss": value, "other": 1})
    assert run.history.last_values().get("loss") == shown
    if shown is None:
        with pytest.raises(KeyError):
            run.history.last_value("loss")
    else:
        assert run.history.last_value("loss") == shown


def test_a_metric_of_no_finite_value_has_no_aggregate_of_such(run: Run) -> None:
    run.define("loss", summary="min,max,mean,best")
    run.define("both", summary="min,last")
    run.log({"loss": math.nan, "both": math.nan})
    last = run.history.last_values()
    assert "loss" not in last
    assert same(last["both"]["last"], math.nan)
    assert [*last["both"]] == ["last"]


def test_a_later_definition_changes_what_rows_of_known_keys_do(run: Run) -> None:
    run.log({"epoch": 1, "loss": 1.0})
    run.log({"loss": 2.0})
    run.define("loss", step_metric="epoch")
    run.log({"loss": 3.0})
    run.define("loss", step_sync=False, summary="max")
    run.log({"loss": 2.5})
    assert [row.get("epoch") for row in run.rows()] == [1, None, 1, None]
    assert run.history.last_value("loss") == {"max": 3.0}


def test_a_late_definition_counts_the_rows_before_it(run: Run) -> None:
    for value in (3.0, 1.0, 5.0):
        run.log({"loss": value, "acc": value, "other": value})
    run.define("loss", summary="min,mean,first")
    run.define("a*", summary="max")
    run.log({"loss": 4.0, "acc": 4.0})
    assert run.history.last_value("loss") == {"min": 1.0, "mean": 3.25, "first": 3.0}
    assert run.history.last_value("acc") == {"max": 5.0}
    run.log({"loss": 0.5, "acc": 9.0})
    assert run.history.last_value("loss")["min"] == 0.5
    assert run.history.last_values()["acc"] == {"max": 9.0}


def test_rows_between_two_definitions_count_for_the_later_one(run: Run) -> None:
    run.log({"loss": 3.0})
    run.define("loss", summary="last")
    run.log({"loss": 1.0})
    run.define("loss", summary="min")
    run.log({"loss": 2.0})
    assert run.history.last_value("loss") == {"min": 1.0, "last": 2.0}
    run.define("loss", summary="none", overwrite=True)
    run.log({"loss": 0.5})
    run.define("loss", summary="min,mean", overwrite=True)
    run.log({"loss": 3.5})
    assert run.history.last_value("loss") == {"min": 0.5, "mean": 2.0}


def test_means_of_huge_values_stay_finite(run: Run) -> None:
    run.define("x", summary="mean")
    for value in (1.7e308, -1.7e308, 1.7e308, 1.7e308):
        run.log({"x": value})
    assert run.history.last_value("x")["mean"] == pytest.approx(0.85e308)


def test_threads_may_define_and_log_at_once(run: Run) -> None:
    def log(name: str) -> None:
        for number in range(300):
            run.log({f"{name}/{number % 50}": number, "epoch": number})
            run.log({f"{name}/late": number})

    def define() -> None:
        for number in range(50):
            for name in "abc":
                run.define(f"{name}/{number}", step_metric="epoch", summary="max")
        run.define("*", step_metric="epoch", summary="max")

    threads = [threading.Thread(target=log, args=(name,)) for name in "abc"]
    threads.append(threading.Thread(target=define))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = run.rows()
    assert [row["_step"] for row in rows] == list(range(1800))
    last = run.history.last_values()
    assert all(last[f"{name}/{number}"] == {"max": 250 + number} for name in "abc"
               for number in range(50))  # fmt: skip
    run.log({"a/late": 0})
    assert "epoch" in run.rows()[-1]


@at_length
@at_length
def test_thousands_of_definitions_beside_thousands_of_keys_cost_little(run: Run) -> None:
    run.log({f"m{number}": 0.5 for number in range(2000)})
    for number in range(2000):
        run.define(f"m{number}", summary="min")
    run.log({f"m{number}": 0.25 for number in range(2000)})
    assert run.history.last_values() == {f"m{number}": {"min": 0.25} for number in range(2000)}
