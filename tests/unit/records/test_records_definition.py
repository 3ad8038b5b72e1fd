"""Merging of `define_metric` calls, and the definition that applies to a metric."""

from __future__ import annotations

import pytest

from weft.records.definition import aggregates_of, definition_of, merged, step_metric_of
from weft.records.record import MetricDefinition


def made(*calls: MetricDefinition) -> MetricDefinition:
    definition = None
    for call in calls:
        definition = merged(definition, call)
    assert definition is not None
    return definition


def rules(*names: str) -> dict[str, MetricDefinition]:
    return {name: MetricDefinition(name) for name in names}


def test_what_a_later_call_leaves_out_stays() -> None:
    definition = made(
        MetricDefinition("loss", step_metric="epoch", goal="maximize", hidden=True),
        MetricDefinition("loss", summary=["best"]),
    )
    assert (definition.step_metric, definition.goal, definition.hidden) == (
        "epoch",
        "maximize",
        True,
    )
    assert definition.summary == ["best"]


def test_overwrite_forgets_what_was_there() -> None:
    definition = made(
        MetricDefinition("loss", step_metric="epoch", summary=["min"], hidden=True),
        MetricDefinition("loss", summary=["max"], overwrite=True),
    )
    assert (definition.step_metric, definition.step_sync, definition.hidden) == (None, None, None)
    assert definition.summary == ["max"]


def test_RL45_a_written_definition_is_whole_so_that_the_latest_counts_alone() -> None:
    definition = made(MetricDefinition("a", summary=["min"]), MetricDefinition("a", hidden=True))
    assert merged(MetricDefinition("a", step_metric="x"), definition) == definition


@pytest.mark.parametrize(
    ("calls", "synced"),
    [
        ([MetricDefinition("a", step_metric="x")], True),
        ([MetricDefinition("a", step_metric="x", step_sync=False)], False),
        ([MetricDefinition("a", step_metric="x"), MetricDefinition("a", step_sync=False)], False),
        ([MetricDefinition("a", step_sync=False), MetricDefinition("a", step_metric="x")], False),
        ([MetricDefinition("a", summary=["min"])], None),
    ],
)
def test_step_sync_is_on_with_a_step_metric_until_it_is_switched_off(
    calls: list[MetricDefinition], synced: bool | None
) -> None:
    assert made(*calls).step_sync is synced


@pytest.mark.parametrize(
    ("summaries", "shown"),
    [
        ([[]], None),
        ([["copy"]], None),
        ([["min"], ["max"]], ("min", "max")),
        ([["min"], ["min", "last"]], ("min", "last")),
        ([["min"], ["none"]], ()),
        ([["min"], ["none"], ["mean"]], ("min", "mean")),
        ([["none"], ["copy"]], None),
    ],
)
def test_summaries_add_up_and_none_hides_until_another_call(
    summaries: list[list[str]], shown: tuple[str, ...] | None
) -> None:
    calls = [MetricDefinition("a", summary=summary) for summary in summaries]
    assert aggregates_of(made(*calls)) == shown


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("loss", "loss"),
        ("val/loss", "val/*"),
        ("val/top/1", "val/top*"),
        ("other", "*"),
        ("_private", None),
        ("_named", "_named"),
    ],
)
def test_RL45_a_name_wins_over_globs_and_the_longest_glob_over_shorter_ones(
    key: str, name: str | None
) -> None:
    for names in (["*", "val/*", "val/top*", "loss", "_named"], ["val/top*", "_named", "val/*"]):
        definitions = rules(*names, "loss", "*")
        definition = definition_of(key, definitions)
        assert (definition.name if definition else None) == name


def test_no_metric_is_its_own_step_metric() -> None:
    every = MetricDefinition("*", step_metric="epoch")
    assert step_metric_of("epoch", every) is None
    assert step_metric_of("loss", every) == "epoch"
    assert step_metric_of("loss", None) is None
