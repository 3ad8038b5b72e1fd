"""`config`, and the dict that tells of its changes leaf by leaf."""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import ConfigError, WrongType
from weft.records.limits import MAX_KEY_BYTES, MAX_NESTING
from weft.records.merge import join_path, nest
from weft.records.value import with_ints
from weft.sdk.dicts.config import Config
from weft.sdk.dicts.tree import Tree
from weft.sdk.recording.run_files import yaml_text


def test_programs_that_look_inside_find_the_items() -> None:
    config = Config(lambda values, removed: None, print)
    config.update({"lr": 0.1, "model": {"depth": 2}})
    assert vars(config)["_items"] == config._items == {"lr": 0.1, "model": {"depth": 2}}
    assert vars(pickle.loads(pickle.dumps(config))) == vars(copy.copy(config)) == vars(config)
    assert json.loads(json.dumps(config)) == {"lr": 0.1, "model": {"depth": 2}}


class ChangeLog:
    """Collects changes, and holds the leaves as a reader of the log would."""

    def __init__(self) -> None:
        self.changes: list[tuple[list[Any], list[Any]]] = []
        self.leaves: dict[str, Any] = {}

    def __call__(self, values: list[Any], removed: list[Any]) -> None:
        self.changes.append((values, removed))
        for path in removed:
            self.leaves.pop(join_path(path), None)
        for path, value in values:
            self.leaves[join_path(path)] = value

    def as_dict(self) -> dict[str, Any]:
        return nest(self.leaves.items())


class Complaints(list[tuple[str, str]]):
    """Warnings: keys and sentences."""

    def __call__(self, key: str, complaint: str) -> None:
        self.append((key, complaint))


@pytest.fixture
def change_log() -> ChangeLog:
    return ChangeLog()


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def summary_tree(change_log: ChangeLog, complaints: Complaints) -> Tree:
    return Tree(change_log, complaints)


@pytest.fixture
def config(change_log: ChangeLog, complaints: Complaints) -> Config:
    return Config(change_log, complaints)


def test_items_and_attributes_are_the_same_at_any_depth(config: Config) -> None:
    config.update({"lr": 0.1, "model": {"depth": 2}})
    config.seed = 7
    assert (config.lr, config["seed"], config.model.depth) == (0.1, 7, 2)
    config.model.width = 64
    assert config["model"] == {"depth": 2, "width": 64}
    assert config.get("missing") is None
    with pytest.raises(AttributeError, match="no entry 'missing'"):
        _ = config.missing


def test_changes_are_told_as_leaf_paths(config: Config, change_log: ChangeLog) -> None:
    config.update({"lr": 0.1, "model": {"depth": 2, "heads": [1, 2]}})
    assert change_log.changes == [
        ([(["lr"], 0.1), (["model", "depth"], 2), (["model", "heads"], [1, 2])], [])
    ]


def test_a_value_that_is_there_is_not_changed_silently(config: Config) -> None:
    config.update({"lr": 0.1})
    config.lr = 0.1
    with pytest.raises(ConfigError, match="allow_val_change=True"):
        config.lr = 0.2
    with pytest.raises(ConfigError):
        config.update({"lr": True})
    config.update({"lr": 0.2}, allow_val_change=True)
    assert config.lr == 0.2


def test_one_bad_item_changes_nothing(config: Config, change_log: ChangeLog) -> None:
    config.update({"lr": 0.1})
    with pytest.raises(ConfigError):
        config.update({"new": 1, "lr": 0.2})
    assert config == {"lr": 0.1}
    assert len(change_log.changes) == 1


def test_init_may_allow_changes(change_log: ChangeLog) -> None:
    config = Config(change_log, Complaints(), allow_change=True)
    config["a"] = 1
    config["a"] = {"b": 2}
    config["a"] = 3
    assert change_log.as_dict() == {"a": 3}


def test_setdefaults_sets_what_is_missing(config: Config) -> None:
    config.update({"lr": 0.1})
    config.setdefaults({"lr": 0.5, "seed": 1})
    assert config == {"lr": 0.1, "seed": 1}


@dataclasses.dataclass
class Optimizer:
    lr: float = 0.1


@dataclasses.dataclass
class Training:
    seed: int = 1
    optimizer: Optimizer = dataclasses.field(default_factory=Optimizer)


def test_update_and_setdefaults_take_what_init_takes(config: Config, tmp_path: Path) -> None:
    config.update(argparse.Namespace(lr=0.1, _private=1))
    config.update(Training())
    (tmp_path / "more.yaml").write_text("steps: 10\nlr: 5\n")
    config.setdefaults(tmp_path / "more.yaml")
    config.update(None, depth=2)
    assert config == {
        "lr": 0.1, "seed": 1, "optimizer": {"lr": 0.1}, "steps": 10, "depth": 2
    }  # fmt: skip
    with pytest.raises(WrongType, match="give a dict or other mapping"):
        config.update(5)


def test_dashes_around_a_name_are_taken_off(config: Config) -> None:
    config.update({"--batch-size": 8, "-v-": True, "--": 1})
    config["--lr"] = 0.1
    config.setdefaults({"--lr": 5})
    assert config == {"batch-size": 8, "v": True, "--": 1, "lr": 0.1}
    with pytest.raises(ConfigError):
        config.update({"--lr": 0.2})


@pytest.mark.parametrize(
    ("before", "again", "is_same"),
    [
        (math.nan, math.nan, True), (1, 1.0, True), (1, True, True), (False, 0, True),
        ([1, [2]], (1, (2,)), True), ([1, 2], [1, 2, 3], False), ([math.nan], [math.nan], True),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, True), ({"a": 1}, {"a": 1, "b": 2}, False),
        (2**70, 2**70, True), (2**63, 2**63 + 1, False), ("1", 1, False), (None, 0, False),
        (np.array([1, 2]), [1, 2], True),
    ],
)  # fmt: skip
def test_the_same_value_may_be_set_again(
    config: Config, before: Any, again: Any, is_same: bool
) -> None:
    config["x"] = before
    if is_same:
        config["x"] = again
    else:
        with pytest.raises(ConfigError, match="allow_val_change"):
            config["x"] = again


def test_a_nested_dict_replaces_the_one_that_was_there(
    config: Config, change_log: ChangeLog
) -> None:
    config.update({"model": {"depth": 2, "width": 3}})
    config.update({"model": {"depth": 4}}, allow_val_change=True)
    assert config == change_log.as_dict() == {"model": {"depth": 4}}
    config.model.update(width=5)
    assert config == change_log.as_dict() == {"model": {"depth": 4, "width": 5}}


def test_ints_of_any_size_come_back_as_ints(config: Config, change_log: ChangeLog) -> None:
    config.update({"seed": 2**70, "seeds": [2**64, 1], "deep": {"seed": -(2**90)}})
    assert (config.seed, config.seeds, config.deep.seed) == (2**70, [2**64, 1], -(2**90))
    assert json.loads(json.dumps(config))["seed"] == 2**70
    assert change_log.as_dict()["seed"] == {"_type": "int", "value": str(2**70)}
    assert str(2**70) in yaml_text(config.as_dict())


# -- items that a sweep has set ---


def test_what_a_sweep_sets_goes_over_what_was_there_and_stays(
    config: Config, change_log: ChangeLog, complaints: Complaints
) -> None:
    config.update({"lr": 0.1, "model": {"depth": 2}, "seed": 1})
    config.update_locked({"lr": 0.5, "model": {"depth": 8}})
    config.lr = 0.1
    config.update({"lr": 0.2, "seed": 2}, allow_val_change=True)
    config.model.depth = 1
    config.model.update(width=3)
    del config["lr"]
    config.pop("model")
    config.setdefaults({"lr": 7})
    assert config == change_log.as_dict() == {"lr": 0.5, "model": {"depth": 8}, "seed": 2}
    assert {key for key, _ in complaints} == {"lr", "model", "model.depth", "model.width"}
    assert {complaint for _, complaint in complaints} == {
        "was set by the sweep; the change was ignored"
    }
    config.clear()
    assert config == change_log.as_dict() == {"lr": 0.5, "model": {"depth": 8}}


def test_setting_a_locked_item_to_its_own_value_is_no_trouble(
    config: Config, complaints: Complaints
) -> None:
    config.update_locked({"lr": 0.5, "seed": 2**70}, user="launch job")
    config.update({"lr": 0.5, "seed": 2**70})
    assert complaints == []
    config.update_locked({"lr": 0.6})
    assert config.lr == 0.6
    config.lr = 0.7
    config.seed = 1
    assert [complaint.split(";")[0] for _, complaint in complaints] == [
        "was set by the sweep", "was set by the launch job"
    ]  # fmt: skip


def test_a_branch_can_be_emptied_around_a_locked_item(
    config: Config, change_log: ChangeLog
) -> None:
    config.update({"a": 1, "b": {"c": 2}})
    config.update_locked({"a": 1})
    config.clear()
    assert config == change_log.as_dict() == {"a": 1}


# -- what a config is to others ---


def test_config_is_a_dict_to_everybody_else(config: Config) -> None:
    config.update({"model": {"depth": 2}})
    assert json.loads(json.dumps(config)) == {"model": {"depth": 2}}
    assert dict(**config) == {"model": {"depth": 2}}
    assert isinstance(config.model, dict)


def test_entries_are_offered_for_completion(config: Config) -> None:
    config.update({"learning_rate": 0.1, "model": {"depth": 2}})
    assert {"learning_rate", "update"} <= {*dir(config)}
    assert "depth" in dir(config.model)
    with pytest.raises(AttributeError, match="no entry 'learningrate'") as raised:
        _ = config.learningrate
    assert (raised.value.name, raised.value.obj) == ("learningrate", config)
    assert not hasattr(config, "never")


def test_an_entry_can_be_deleted_as_item_and_as_attribute(
    config: Config, change_log: ChangeLog
) -> None:
    config.update({"a": 1, "b": 2, "c": {"d": 3}})
    del config["a"]
    del config.b
    del config.c.d
    assert config == change_log.as_dict() == {"c": {}}
    with pytest.raises(KeyError):
        del config["a"]
    with pytest.raises(AttributeError):
        del config.b


@pytest.mark.parametrize(
    "copy_of", [copy.deepcopy, copy.copy, lambda config: pickle.loads(pickle.dumps(config))]
)
def test_a_copy_is_a_config_that_tells_nobody(
    config: Config, change_log: ChangeLog, copy_of: Any
) -> None:
    config.update({"model": {"depth": 2, "layers": [1, 2]}, "seed": 2**70})
    n_changes = len(change_log.changes)
    other = copy_of(config)
    assert isinstance(other, Config)
    assert other == config
    other.model.depth = 3
    other.model.layers.append(3)
    other.seed = 5
    other.update({"new": 1})
    assert config == {"model": {"depth": 2, "layers": [1, 2]}, "seed": 2**70}
    assert len(change_log.changes) == n_changes


def test_plain_copies_hold_plain_dicts(config: Config, change_log: ChangeLog) -> None:
    config.update({"model": {"depth": 2, "layers": [1, 2]}})
    n_changes = len(change_log.changes)
    branches = [copy.copy(config.model), copy.deepcopy(config.model)]
    for other in (config.as_dict(), config.copy(), *({"model": branch} for branch in branches)):
        assert type(other["model"]) is dict
        other["model"]["depth"] = 3
        other["model"]["layers"].append(3)
    assert config.model == {"depth": 2, "layers": [1, 2]}
    assert len(change_log.changes) == n_changes


def test_a_pickled_branch_is_what_torch_loads_without_trust(config: Config) -> None:
    config.update({"model": {"depth": 2, "head": {"n": 4}}})
    branch = pickle.loads(pickle.dumps(config.model))
    assert type(branch) is OrderedDict
    assert branch == {"depth": 2, "head": {"n": 4}}
    assert type(branch["head"]) is dict


names = st.sampled_from(["a", "b", "c.d"])
trees = st.recursive(st.integers(), lambda inner: st.dictionaries(names, inner, max_size=2))
edits = st.one_of(
    st.tuples(st.just("set"), names, trees),
    st.tuples(st.just("update"), st.dictionaries(names, trees, max_size=2)),
    st.tuples(st.just("del"), names),
    st.tuples(st.just("nested"), names, names, trees),
    st.tuples(st.just("pop"), names),
    st.tuples(st.just("clear")),
)


def edited(tree: Tree, edit: str, rest: list[Any]) -> None:
    if edit == "set":
        tree[rest[0]] = rest[1]
    elif edit == "update":
        tree.update(rest[0])
    elif edit == "clear":
        tree.clear()
    elif edit == "pop":
        tree.pop(rest[0], None)
    elif edit == "del" and rest[0] in tree:
        del tree[rest[0]]
    elif edit == "nested" and isinstance(tree.get(rest[0]), Tree):
        tree[rest[0]][rest[1]] = rest[2]


@given(st.lists(edits, max_size=12))
def test_the_told_leaves_always_make_the_same_tree(sequence: list[Any]) -> None:
    change_log = ChangeLog()
    tree = Tree(change_log, Complaints())
    for edit, *rest in sequence:
        edited(tree, edit, rest)
    assert with_ints(change_log.as_dict()) == tree.as_dict()


@given(
    st.lists(edits, max_size=6),
    st.dictionaries(names, trees, min_size=1, max_size=2),
    st.lists(edits, max_size=12),
)
def test_no_edit_changes_what_a_sweep_has_set(
    before: list[Any], locked: dict[str, Any], after: list[Any]
) -> None:
    change_log = ChangeLog()
    config = Config(change_log, Complaints(), allow_change=True)
    for edit, *rest in before:
        edited(config, edit, rest)
    config.update_locked(locked)
    for edit, *rest in after:
        edited(config, edit, rest)
    assert {name: config.as_dict()[name] for name in locked} == locked
    assert with_ints(change_log.as_dict()) == config.as_dict()


def test_paths_stay_within_what_a_log_may_hold(
    config: Config, change_log: ChangeLog, complaints: Complaints
) -> None:
    deep: dict[str, Any] = {"leaf": 1}
    for _ in range(MAX_NESTING - 1):
        deep = {"d": deep}
    config.update({"deep": deep, "lr": 0.1})
    (path, value), (other, _) = change_log.changes[0][0]
    assert len(path) == MAX_NESTING
    assert value == "{'leaf': 1}"
    assert other == ["lr"]
    assert [complaint for _, complaint in complaints] == [
        "is nested more than 32 deep; it is kept as text"
    ]


def test_a_path_does_not_grow_beyond_what_a_log_may_hold(
    config: Config, change_log: ChangeLog, complaints: Complaints
) -> None:
    branch: Any = config
    for _ in range(MAX_NESTING):
        branch["d"] = {}
        branch = branch["d"]
    n_changes = len(change_log.changes)
    branch["leaf"] = 1
    assert len(change_log.changes) == n_changes
    assert "left out" in complaints[0][1]


LONG = "k" * (MAX_KEY_BYTES + 1)


@pytest.mark.parametrize("tree", ["config", "summary_tree"])
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"lr": 0.1, "": 1}, {"lr": 0.1}),
        ({"lr": 0.1, LONG: 1}, {"lr": 0.1}),
        ({"lr": 0.1, "prompts": {LONG: 1, "a": 2}}, {"lr": 0.1, "prompts": {"a": 2}}),
        ({"lr": 0.1, "prompts": {"": 1}}, {"lr": 0.1, "prompts": {}}),
        ({"lr": 0.1, "é" * 513: 1}, {"lr": 0.1}),
    ],
)
def test_a_key_that_no_log_takes_costs_only_its_own_entry(
    request: pytest.FixtureRequest,
    change_log: ChangeLog,
    complaints: Complaints,
    tree: str,
    values: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    request.getfixturevalue(tree).update(values)
    assert change_log.as_dict() == expected
    assert len(complaints) == 1
    assert "left out" in complaints[0][1]


def test_keys_that_are_no_strings_become_text(
    config: Config, change_log: ChangeLog, complaints: Complaints
) -> None:
    config.update({1.5: "a", "b": {None: "c"}})
    config[(3,)] = "d"
    config.setdefaults({1.5: "z"})
    assert change_log.as_dict() == {"1.5": "a", "b": {"None": "c"}, "(3,)": "d"}
    assert [key for key, _ in complaints] == ["1.5", "b", "(3,)"]
    with pytest.raises(ConfigError):
        config.update({1.5: "other"})


def test_ints_as_keys_become_text_without_a_word(config: Config, complaints: Complaints) -> None:
    config.update({"id2label": {0: "cat", 1: "dog"}, 2: "x"})
    assert config == {"id2label": {"0": "cat", "1": "dog"}, "2": "x"}
    assert complaints == []


def test_what_is_taken_out_of_a_config_is_plain_at_any_depth(config: Config) -> None:
    config.update({"model": {"depth": 2, "head": {"n": 4}}})
    config.model.head.n = 8
    config["model"]["width"] = 16
    del config.model["depth"]
    plain = {"model": {"head": {"n": 8}, "width": 16}}
    for out in (dict(config), {**config}, dict(config.items()), config | {}, dict(config)):
        assert out == plain
        assert type(out["model"]) is type(out["model"]["head"]) is dict
        assert yaml.safe_load(yaml.safe_dump(out)) == plain
    assert dict(config.model) == plain["model"]


def test_a_branch_is_one_thing_however_it_is_reached(
    config: Config, change_log: ChangeLog
) -> None:
    config.update({"model": {"head": {"n": 4}}})
    head, model = config.model.head, config["model"]
    assert config.get("model") is model is config.model
    head.n = 5
    model.head["m"] = 6
    assert config == {"model": {"head": {"n": 5, "m": 6}}} == change_log.as_dict()
    model.clear()
    assert config == {"model": {}} == change_log.as_dict()
    model.head = {"n": 1}
    assert config.model.head.n == dict(config)["model"]["head"]["n"] == 1


def test_scripts_that_reach_into_the_official_config_find_its_items(config: Config) -> None:
    config.update({"lr": 0.1, "model": {"depth": 2}})
    assert config._items == config._as_dict() == {"lr": 0.1, "model": {"depth": 2}}


def test_a_change_that_is_refused_changes_nothing(complaints: Complaints) -> None:
    refused: list[Any] = []

    def changed(values: list[Any], removed: list[Any]) -> None:
        if refused:
            raise refused[0]

    tree = Tree(changed, complaints)
    tree["a"] = {"b": 1}
    refused.append(OSError())
    for change in (
        lambda: tree.update({"a": 2, "c": 3}),
        lambda: tree.pop("a"),
        lambda: tree["a"].update({"b": 2}),
        tree.clear,
    ):
        with pytest.raises(OSError):
            change()
    assert tree.as_dict() == {"a": {"b": 1}}


@pytest.mark.parametrize("values", ["x", 5, [1, 2]])
def test_update_with_no_mapping_names_the_remedy(
    config: Config, summary_tree: Tree, values: Any
) -> None:
    config["model"] = {"depth": 2}
    for tree in (config.model, summary_tree):
        with pytest.raises(WrongType, match=r"update\(\) takes a mapping"):
            tree.update(values)


@given(st.floats() | st.integers() | st.booleans())
def test_numbers_are_numbers_in_the_yaml_that_others_read(number: float) -> None:
    for value in (number, [number], {"a": number}):
        loaded = yaml.safe_load(yaml_text({"x": value}))["x"]
        assert repr(loaded) == repr(value)


def test_yaml_text_is_yaml() -> None:
    values = {
        "lr": 0.1, "name": "x: y # z", "none": None, "flag": True, "list": [1, "two"],
        "nested": {"a": {"b": 2}}, "inf": float("inf"), "key with: colon": 1, "empty": {},
    }  # fmt: skip
    assert yaml.safe_load(yaml_text(values)) == values
    assert yaml.safe_load(yaml_text({})) == {}
