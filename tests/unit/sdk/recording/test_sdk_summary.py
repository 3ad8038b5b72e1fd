"""`run.summary`: what was logged, what was set over it, and what was deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sdk_script import logs_in, records_of
from weft.records.merge import join_path, nest
from weft.records.record import Summary as SummaryRecord
from weft.runlog.header import make_header
from weft.runlog.writer import LogWriter
from weft.sdk.dicts.summary import Summary
from weft.sdk.guard import Guard
from weft.sdk.rows.beginning import Beginning
from weft.sdk.rows.history import History
from weft.sdk.rows.metric import checked_definition


class Run:
    """A history and a summary over a real log."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.guard = Guard(silent=True)
        self.history = History(self._open, self.guard, lambda: None, **options)
        self.summary = Summary(self._changed, self.guard.warn_value, self.history)

    def _open(self) -> tuple[LogWriter, int]:
        header = make_header("ab12cd34")
        return LogWriter(self.folder / "run-ab12cd34.w.weft", header), header.boot_micros

    def _changed(self, values: list[Any], removed: list[Any]) -> None:
        self.history.append_record(lambda micros: SummaryRecord(micros, values, removed))

    def log(self, **values: Any) -> None:
        self.history.append(values, None, None)

    def told(self) -> list[SummaryRecord]:
        return records_of(logs_in(self.folder)[0], SummaryRecord)

    def set_values(self) -> dict[str, Any]:
        """Values that the log says were set, as its reader has them."""
        leaves: dict[str, Any] = {}
        for record in self.told():
            for path in record.removed:
                leaves.pop(join_path(path), None)
            for path, value in record.values:
                leaves[join_path(path)] = value
        return nest(leaves.items())


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path)
    run.log(loss=0.5, acc=0.25)
    return run


def test_the_last_values_show_until_the_script_sets_one(run: Run) -> None:
    assert dict(run.summary) == {"loss": 0.5, "acc": 0.25}
    run.summary["acc"] = 0.9
    run.summary.best = {"epoch": 3}
    run.log(acc=0.1, loss=0.4)
    assert run.summary.acc == 0.9
    assert run.summary["best"]["epoch"] == 3
    best: Any = run.summary.best
    assert best.epoch == 3
    assert run.set_values() == {"acc": 0.9, "best": {"epoch": 3}}
    assert run.summary.as_dict() == {"loss": 0.4, "acc": 0.9, "best": {"epoch": 3}}
    assert len(run.summary) == 3
    assert run.summary.get("never", 7) == 7
    assert "acc" in run.summary
    assert "never" not in run.summary
    assert not hasattr(run.summary, "never")
    with pytest.raises(KeyError, match="no summary value 'never'"):
        print(run.summary.never)


def test_what_is_deleted_shows_again_once_it_is_logged_or_set_again(run: Run) -> None:
    run.summary["mine"] = 1
    run.summary["acc"] = 2
    del run.summary["mine"]
    del run.summary["loss"]
    del run.summary.acc
    assert dict(run.summary) == {}
    assert [record.removed for record in run.told()[2:]] == [[["mine"]], [["loss"]], [["acc"]]]
    del run.summary["loss"]  # what is not there is no error, as in W&B
    assert len(run.told()) == 5
    with pytest.raises(KeyError):
        run.summary.pop("loss")
    run.log(loss=0.125)
    assert dict(run.summary) == {"loss": 0.125}
    run.summary["acc"] = 0.9
    assert run.summary["acc"] == 0.9


def test_an_update_is_one_change_and_a_dict_replaces_what_was_set(run: Run) -> None:
    run.summary.update({"a": 1, "b": {"c": 2, "d": 3}})
    assert len(run.told()) == 1
    run.summary.update({"b": {"c": 4}})
    assert run.summary["b"] == {"c": 4}
    assert run.set_values() == {"a": 1, "b": {"c": 4}}


def test_a_nested_update_changes_one_leaf(run: Run) -> None:
    run.summary["a"] = {"b": 1, "c": 2}
    run.summary["a"]["b"] = 3
    run.summary.a.update(d=4)
    del run.summary["a"]["c"]
    assert run.summary["a"] == {"b": 3, "d": 4}
    assert run.summary["a.b"] == 3
    assert run.set_values() == {"a": {"b": 3, "d": 4}}


def test_a_branch_that_lost_its_last_item_is_gone_and_hides_nothing(run: Run) -> None:
    run.summary["train"] = {"top": {"k": 1}}
    del run.summary["train"]["top"]["k"]
    assert "train" not in run.summary
    assert run.set_values() == {}
    run.log(train={"loss": 1.0})
    assert run.summary["train"] == {"loss": 1.0}
    run.summary["train"] = {"note": 2}
    run.summary["train"]["note"] = 3
    assert run.summary["train"] == {"loss": 1.0, "note": 3}


def test_a_logged_dict_is_found_by_its_joined_name_and_by_its_parts(run: Run) -> None:
    run.log(train={"loss": 1.0, "top": {"k": 5}})
    assert run.summary["train.loss"] == run.summary["train"]["loss"] == 1.0
    assert run.summary.train.top.k == 5
    assert json.loads(json.dumps(run.summary["train"])) == {"loss": 1.0, "top": {"k": 5}}
    assert run.summary.as_dict()["train.loss"] == 1.0
    assert "train" in run.summary


def test_setting_a_part_of_a_logged_dict_sets_that_metric(run: Run) -> None:
    run.log(train={"loss": 1.0, "acc": 0.5})
    run.summary["train"]["loss"] = 7
    run.summary["train"]["note"] = "best"
    run.log(train={"loss": 2.0, "acc": 0.75})
    assert run.summary["train.loss"] == run.summary["train"]["loss"] == 7
    assert run.summary["train"] == {"loss": 7, "acc": 0.75, "note": "best"}
    run.summary.update({"train": {"acc": 1.0, "more": {"x": 1}}})
    assert run.summary["train"] == {"loss": 7, "acc": 1.0, "more": {"x": 1}}
    assert run.set_values() == {
        "train.loss": 7,
        "train.acc": 1.0,
        "train": {"more": {"x": 1}},
    }


def test_a_logged_dict_can_be_deleted_whole_or_in_parts(run: Run) -> None:
    run.log(train={"loss": 1.0, "acc": 0.5, "top": {"k": 5}})
    del run.summary["train"]["loss"]
    assert run.summary["train"] == {"acc": 0.5, "top": {"k": 5}}
    del run.summary["train"]
    assert "train" not in run.summary
    assert [record.removed for record in run.told()] == [
        [["train.loss"]],
        [["train.acc"]],
        [["train.top.k"]],
    ]


def test_media_are_leaves_and_arrays_are_kept_as_in_log(run: Run) -> None:
    image = {"_type": "image-file", "path": "media/x.png", "nested": {"a": 1}}
    run.summary["image"] = image
    run.summary["scalar"] = np.float32(0.5)
    run.summary["few"] = np.array([1, 2, 3])
    assert run.told()[0].values == [(["image"], image)]
    assert run.summary["image"] == image
    assert run.summary["scalar"] == 0.5
    assert run.summary["few"] == [1, 2, 3]


def test_aggregates_are_a_dict_that_lies_under_what_is_set(run: Run) -> None:
    run.history.define(checked_definition("loss", summary="min,max"))
    run.log(loss=0.25)
    run.log(loss=0.75)
    assert run.summary["loss"] == {"min": 0.25, "max": 0.75}
    hint = r"'loss' is a dict with 'min', 'max', not a number: use \['loss'\]\['min'\]"
    with pytest.raises(TypeError, match=hint):
        assert run.summary["loss"] > 0.5
    with pytest.raises(TypeError, match=hint):
        assert 0.5 <= run.summary["loss"]  # noqa: SIM300  the other side's comparison
    with pytest.raises(TypeError, match=hint):
        f"{run.summary['loss']:.2f}"
    assert f"{run.summary['loss']}" == "{'min': 0.25, 'max': 0.75}"
    assert run.summary.loss.min == 0.25
    run.summary["loss"]["min"] = 0.0
    assert run.summary["loss"] == {"min": 0.0, "max": 0.75}
    assert run.set_values() == {"loss": {"min": 0.0}}
    assert run.summary.as_dict()["loss"] == {"min": 0.0, "max": 0.75}
    run.summary["loss"] = "mine"
    assert run.summary["loss"] == run.summary.as_dict()["loss"] == "mine"


def test_one_aggregate_cannot_be_deleted_without_the_others(run: Run) -> None:
    run.history.define(checked_definition("loss", summary="min,max"))
    del run.summary["loss"]["min"]
    assert "loss" not in run.summary
    run.log(loss=9.0)
    assert run.summary["loss"] == {"min": 0.5, "max": 9.0}


def test_a_run_that_is_gone_on_with_has_what_was_set_and_logged(tmp_path: Path) -> None:
    run = Run(tmp_path, beginning=Beginning(last_values={"loss": 0.5, "acc": 0.25}))
    run.summary._load_set({"acc": 0.9, "best": {"epoch": 3}})
    assert run.told() == []
    run.log(acc=0.1)
    assert dict(run.summary) == {"loss": 0.5, "acc": 0.9, "best": {"epoch": 3}}


def test_keys_of_any_kind_become_text(run: Run) -> None:
    run.summary.update({1: "a", "b": {2: "c"}})
    assert run.set_values() == {"1": "a", "b": {"2": "c"}}
    other: Any = run.summary
    assert other[1] == "a"
    assert 3 not in other
    del other[1], other[3]
    assert dict(other).keys() == {"loss", "acc", "b"}
    assert run.guard.n_warnings == 0
    run.summary.update({1.5: "a"})
    assert run.guard.n_warnings == 1
