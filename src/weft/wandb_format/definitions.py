"""Metric definitions, from `_wandb.m` of a config. Pure.

Each is a map by the field numbers of the client's protobuf message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from weft.records.record import MetricDefinition

_NAME, _GLOB, _STEP, _STEP_INDEX, _OPTIONS, _SUMMARY, _GOAL = "1", "2", "4", "5", "6", "7", "8"
_STEP_SYNC, _HIDDEN = 1, 2

_SUMMARIES: Final = {
    1: "min", 2: "max", 3: "mean", 4: "best", 5: "last", 6: "none", 7: "copy", 8: "first",
}  # fmt: skip
_GOALS: Final = {1: "minimize", 2: "maximize"}


def read_definitions(entries: Any, micros: int) -> list[MetricDefinition]:
    """The definitions of a config.

    Args:
        entries: `_wandb.m`.
        micros: when they were made, in µs since 1970.

    >>> read_definitions([{"1": "epoch"}, {"1": "loss", "5": 1, "6": [1, 3], "7": [1]}], 0)[1]
    MetricDefinition(name='loss', step_metric='epoch', step_sync=True, summary=['min'], goal=None,
        hidden=None, overwrite=True, micros=0)
    """
    if not isinstance(entries, list):
        return []
    maps = [
        cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
        for entry in cast("list[Any]", entries)
    ]
    names = [str(entry.get(_NAME) or entry.get(_GLOB) or "") for entry in maps]
    return [
        _definition(name, entry, names, micros)
        for name, entry in zip(names, maps, strict=True)
        if name
    ]


def _definition(
    name: str, entry: dict[str, Any], names: Sequence[str], micros: int
) -> MetricDefinition:
    options = _numbers(entry.get(_OPTIONS))
    index = entry.get(_STEP_INDEX)
    step = entry.get(_STEP)
    if not step and type(index) is int and 0 < index <= len(names):
        step = names[index - 1]
    return MetricDefinition(
        name=name,
        step_metric=str(step) if step else None,
        step_sync=(_STEP_SYNC in options) if step else None,
        summary=[
            _SUMMARIES[number] for number in _numbers(entry.get(_SUMMARY)) if number in _SUMMARIES
        ],
        goal=_GOALS.get(cast("int", entry.get(_GOAL))),
        hidden=True if _HIDDEN in options else None,
        overwrite=True,
        micros=micros,
    )


def _numbers(value: Any) -> list[int]:
    return (
        [number for number in cast("list[Any]", value) if type(number) is int]
        if isinstance(value, list)
        else []
    )
