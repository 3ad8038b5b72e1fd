"""`config`, and the dict that tells of its changes leaf by leaf."""

from __future__ import annotations

import argparse
import copy
import json
import pickle
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import ConfigError, WrongType
from weft.records.limits import MAX_KEY_BYTES, MAX_NESTING
from weft.records.merge import join_path, nest
from weft.sdk.config import Config, yaml_text
from weft.sdk.tree import Tree


class Told:
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
    """What could not be kept as it was: keys and sentences."""

    def __call__(self, key: str, what: str) -> None:
        self.append((key, what))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def summary_tree(told: Told, complaints: Complaints) -> Tree:
    return Tree(told, complaints)


@pytest.fixture
def config(told: Told, complaints: Complaints) -> Config:
    return Config(told, complaints)


def test_items_and_attributes_are_the_same_at_any_depth(config: Config) -> None:
    config.update({"lr": 0.1, "model": {"depth": 2}})
    config.seed = 7
    assert (config.lr, config["seed"], config.model.depth) == (0.1, 7, 2)
    config.model.width = 64
    assert config["model"] == {"depth": 2, "width": 64}
    assert config.get("missing") is None
    with pytest.raises(AttributeError, match="no entry 'missing'"):
        _ = config.missing


def test_changes_are_told_as_leaf_paths(config: Config, told: Told) -> None:
    config.update({"lr": 0.1, "model": {"depth": 2, "heads": [1, 2]}})
    assert told.changes == [
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


def test_one_bad_item_changes_nothing(config: Config, told: Told) -> None:
    config.update({"lr": 0.1})
    with pytest.raises(ConfigError):
        config.update({"new": 1, "lr": 0.2})
    assert config == {"lr": 0.1}
    assert len(told.changes) == 1


def test_init_may_allow_changes(told: Told) -> None:
    config = Config(told, Complaints(), allow_change=True)
    config["a"] = 1
    config["a"] = {"b": 2}
    config["a"] = 3
    assert told.as_dict() == {"a": 3}


def test_setdefaults_sets_what_is_missing(config: Config) -> None:
    config.update({"lr": 0.1})
    config.setdefaults({"lr": 0.5, "seed": 1})
    assert config == {"lr": 0.1, "seed": 1}


def test_a_namespace_is_taken_by_its_attributes(config: Config) -> None:
    config.update(argparse.Namespace(lr=0.1, _private=1))
    assert config == {"lr": 0.1}


def test_config_is_a_dict_to_everybody_else(config: Config) -> None:
    config.update({"model": {"depth": 2}})
    assert json.loads(json.dumps(config)) == {"model": {"depth": 2}}
    assert dict(**config) == {"model": {"depth": 2}}
    assert isinstance(config.model, dict)


def test_copies_tell_nobody(config: Config, told: Told) -> None:
    config.update({"model": {"depth": 2}})
    n_changes = len(told.changes)
    for other in (copy.deepcopy(config), pickle.loads(pickle.dumps(config)), config.as_dict()):
        other["model"]["depth"] = 3
    assert config.model.depth == 2
    assert len(told.changes) == n_changes


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


@given(st.lists(edits, max_size=12))
def test_the_told_leaves_always_make_the_same_tree(sequence: list[Any]) -> None:
    told = Told()
    tree = Tree(told, Complaints())
    for edit, *rest in sequence:
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
    assert told.as_dict() == tree.as_dict()


def test_paths_stay_within_what_a_log_may_hold(
    config: Config, told: Told, complaints: Complaints
) -> None:
    deep: dict[str, Any] = {"leaf": 1}
    for _ in range(MAX_NESTING - 1):
        deep = {"d": deep}
    config.update({"deep": deep, "lr": 0.1})
    (path, value), (other, _) = told.changes[0][0]
    assert len(path) == MAX_NESTING
    assert value == "{'leaf': 1}"
    assert other == ["lr"]
    assert [what for _, what in complaints] == ["is nested more than 32 deep; it is kept as text"]


def test_a_path_does_not_grow_beyond_what_a_log_may_hold(
    config: Config, told: Told, complaints: Complaints
) -> None:
    branch: Any = config
    for _ in range(MAX_NESTING):
        branch["d"] = {}
        branch = branch["d"]
    n_changes = len(told.changes)
    branch["leaf"] = 1
    assert len(told.changes) == n_changes
    assert "left out" in complaints[0][1]


LONG = "k" * (MAX_KEY_BYTES + 1)


@pytest.mark.parametrize("tree", ["config", "summary_tree"])
@pytest.mark.parametrize(
    ("given", "kept"),
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
    told: Told,
    complaints: Complaints,
    tree: str,
    given: dict[str, Any],
    kept: dict[str, Any],
) -> None:
    request.getfixturevalue(tree).update(given)
    assert told.as_dict() == kept
    assert len(complaints) == 1
    assert "left out" in complaints[0][1]


def test_keys_that_are_no_strings_become_text(
    config: Config, told: Told, complaints: Complaints
) -> None:
    config.update({1: "a", "b": {2: "c"}})
    config[3] = "d"  # pyright: ignore[reportArgumentType]
    config.setdefaults({1: "z"})  # pyright: ignore[reportArgumentType]
    assert told.as_dict() == {"1": "a", "b": {"2": "c"}, "3": "d"}
    assert [key for key, _ in complaints] == ["1", "b", "3"]
    with pytest.raises(ConfigError):
        config.update({1: "other"})


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


@pytest.mark.parametrize("given", ["x", 5, [1, 2]])
def test_update_with_no_mapping_names_the_remedy(
    config: Config, summary_tree: Tree, given: Any
) -> None:
    config["model"] = {"depth": 2}
    for tree in (config.model, summary_tree):
        with pytest.raises(WrongType, match=r"update\(\) takes a mapping"):
            tree.update(given)


def test_yaml_text_is_yaml() -> None:
    values = {
        "lr": 0.1, "name": "x: y # z", "none": None, "flag": True, "list": [1, "two"],
        "nested": {"a": {"b": 2}}, "inf": float("inf"), "key with: colon": 1, "empty": {},
    }  # fmt: skip
    assert yaml.safe_load(yaml_text(values)) == values
    assert yaml.safe_load(yaml_text({})) == {}
