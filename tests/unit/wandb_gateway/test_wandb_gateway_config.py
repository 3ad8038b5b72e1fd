"""Configs and summaries in W&B's form, and what changed in them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import ConfigError, Forbidden, NotFound
from weft.records.merge import nest
from weft.server.services.access import Actor, RunPath
from weft.wandb_gateway.ids import make_id, read_id, run_id, run_path
from weft.wandb_gateway.runs.config import changes, leaves, read_config, read_summary, same
from weft.wandb_gateway.signed_addresses import SignedAddresses

NAMES = st.text("abc.", min_size=1, max_size=3)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
)
TREES = st.recursive(
    LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
).map(lambda tree: tree if isinstance(tree, dict) else {"a": tree})


def applied(before: dict[str, Any], after: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    """The leaves of `before` once the changes to `after` are made, as the server makes them."""
    changed = dict(leaves(before))
    values, removed = changes(before, after)
    for path in removed:
        changed.pop(tuple(path), None)
    for path, value in values:
        new = tuple(path)
        changed = {
            old: value
            for old, value in changed.items()
            if old[: len(new)] != new and new[: len(old)] != old
        }
        changed[new] = value
    return changed


@given(TREES, TREES)
def test_changes_lead_from_one_tree_to_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    expected = dict(leaves(after))
    changed = applied(before, after)
    assert changed.keys() == expected.keys()
    assert all(same(changed[path], expected[path]) for path in expected)


@given(TREES)
def test_the_same_tree_has_no_changes(tree: dict[str, Any]) -> None:
    assert changes(tree, tree) == ([], [])


def test_a_config_that_is_none_is_refused() -> None:
    for text in ("no", "[1]", "1", '{"a":' * 100_000):
        with pytest.raises(ConfigError, match="config"):
            read_config(text)
    values, internal = read_config('{"a": {"value": NaN, "desc": null}, "b": 1, "_wandb": 3}')
    assert math.isnan(values["a"])
    assert (values["b"], internal) == (1, {})


def test_a_summary_is_without_what_describes_its_last_row() -> None:
    assert read_summary('{"a": {"b": 1}, "_step": 1, "_runtime": 2, "_wandb": {"x": 1}}') == {
        "a": {"b": 1}
    }


@given(st.lists(st.text("ab/ #%ä", min_size=1), min_size=3, max_size=3))
def test_ids_say_what_they_are_of(names: list[str]) -> None:
    path = RunPath(*names)
    assert run_path(run_id(path)) == path


@pytest.mark.parametrize(
    "text", ["", "x", "Unu=", make_id("Run", "v1", "a"), make_id("Sweep", "v1")]
)
def test_an_id_of_something_else_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        run_path(text)
    with pytest.raises(NotFound):
        read_id("Other", text)


def test_an_address_ends_and_is_of_one_server() -> None:
    now = [1000.0]
    addresses = SignedAddresses("secret", now_secs=lambda: now[0])
    token = addresses.make(Actor("user", "ada"), "", "GET", "run", "e", "p", "r", "a.txt")
    assert addresses.read("HEAD", token).user == "ada"
    with pytest.raises(Forbidden):
        SignedAddresses("other", now_secs=lambda: now[0]).read("GET", token)
    with pytest.raises(Forbidden):
        addresses.read("PUT", token)
    # The name at its end is for people.
    for cut in range(0, len(token.rpartition("/")[0]) - 1, 7):
        with pytest.raises(Forbidden):
            addresses.read(
                "GET", token[:cut] + "A" + token[cut + 1 :] if cut > 20 else token[:cut]
            )
    now[0] += 25 * 3600
    with pytest.raises(Forbidden, match="ended"):
        addresses.read("GET", token)


def test_nested_leaves_are_the_trees_own() -> None:
    tree = {"a": {"b": 1, "c": {}}, "d": {"_type": "image-file", "path": "x"}}
    assert nest([(".".join(path), value) for path, value in leaves(tree)]) == tree
