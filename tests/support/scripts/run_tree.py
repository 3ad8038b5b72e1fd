"""Random families of runs (new, resumed, forked, rewound), with a model of what each shows."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Step = int | float

SCRIPT = """
    import json, sys, weft
    for one in json.loads({plan!r}):
        run = weft.init(project="tree", config=one["config"], **one["init"])
        assert run.id == one["id"], (run.id, one)
        assert run.step == one["first_step"], (run.step, one)
        if one["defines"]:
            run.define_metric("n0", summary="min,max,mean")
        assert dict(run.config) == one["config_then"], (dict(run.config), one)
        for step, value in one["rows"]:
            run.log({{"n": value, f"n{{value % 3}}": value}}, step, commit=True)
        if one["best"] is not None:
            run.summary["best"] = one["best"]
        assert run.summary.get("best") == one["best_then"], (dict(run.summary), one)
        run.finish()
"""


@dataclass
class Shown:
    """The state that a run shows.

    Attributes:
        rows: (step, value); the value rises with time.
        superseded: rows of its own that it showed once.
        own: values that were logged to this run.
    """

    rows: list[tuple[Step, int]] = field(default_factory=list[tuple[Step, int]])
    superseded: list[tuple[Step, int]] = field(default_factory=list[tuple[Step, int]])
    own: set[int] = field(default_factory=set[int])
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    best: int | None = None
    defined: bool = False

    @property
    def last_step(self) -> Step | None:
        return max((step for step, _ in self.rows), default=None)

    @property
    def next_step(self) -> int:
        return 0 if self.last_step is None else math.floor(self.last_step) + 1

    def rows_to(self, step: Step | None) -> list[tuple[Step, int]]:
        return [row for row in self.rows if step is None or row[0] <= step]

    def summary_to(self, step: Step | None = None) -> dict[str, int]:
        """The last value of each metric."""
        values: dict[str, int] = {}
        for value in self.values_to(step):
            values["n"] = values[f"n{value % 3}"] = value
        return values

    def values_to(self, step: Step | None = None) -> list[int]:
        """The logged values, in order."""
        return sorted(value for _, value in self.rows_to(step))

    def aggregates_to(self, step: Step | None = None) -> dict[str, float]:
        """Of `n0`."""
        values = [value for value in self.values_to(step) if value % 3 == 0]
        if not values or not self.defined:
            return {}
        mean = sum(values) / len(values)
        return {"min": min(values), "max": max(values), "mean": mean}


class Family:
    """A plan of runs made one after another, and what is to be seen of them after it."""

    def __init__(self, seed: int, n_runs: int, modes: Sequence[str] = ("offline",)) -> None:
        self._modes = modes
        self.random = random.Random(seed)
        self.runs: dict[str, Shown] = {}
        self.plan: list[dict[str, Any]] = []
        self._n_rows = 0
        for number in range(n_runs):
            self._add(number)

    def script(self) -> str:
        return SCRIPT.format(plan=json.dumps(self.plan))

    def steps_of(self, run_id: str) -> list[Step | None]:
        """Steps at which it is worth looking at a run."""
        steps = sorted({step for step, _ in self.runs[run_id].rows})
        chosen = self.random.sample(steps, min(3, len(steps)))
        return [None, *chosen, *(step + 0.25 for step in chosen)]

    def _add(self, number: int) -> None:
        ids = list(self.runs)
        way = self.random.choice(["new", "resume", "fork", "fork", "rewind", "rewind"])
        way = way if ids else "new"
        run_id = f"run{number}"
        init: dict[str, Any] = {"id": run_id}
        if way == "new":
            shown = self.runs[run_id] = Shown()
            first_step = 0
            shown.defined = self.random.random() < 0.5
        elif way == "resume":
            run_id = self.random.choice(ids)
            init = {"id": run_id, "resume": self.random.choice(["allow", "must"])}
            shown = self.runs[run_id]
            first_step = shown.next_step
        else:
            parent = self.random.choice(ids)
            before = self.runs[parent]
            step = self._some_step(before)
            moment = parent if step is None else f"{parent}?_step={step}"
            first_step = before.next_step if step is None else math.floor(step) + 1
            rows_before = before.rows_to(step)
            if way == "fork":
                init["fork_from"] = moment
                shown = Shown(rows_before, config=dict(before.config), best=before.best)
                shown.defined = before.defined
                self.runs[run_id] = shown
            else:
                run_id, init = parent, {"resume_from": moment}
                shown = before
                cut = [row for row in shown.rows if row not in rows_before]
                shown.superseded += [row for row in cut if row[1] in shown.own]
                shown.rows = rows_before
        init["mode"] = self.random.choice(self._modes)
        config = {f"by{number}": number}
        shown.config.update(config)
        rows = self._some_rows(shown, first_step)
        best = number if self.random.random() < 0.4 else None
        shown.best = shown.best if best is None else best
        self.plan.append(
            {
                "id": run_id,
                "init": init,
                "defines": way == "new" and shown.defined,
                "config": config,
                "config_then": dict(shown.config),
                "first_step": first_step,
                "rows": rows,
                "best": best,
                "best_then": shown.best,
            }
        )

    def _some_step(self, shown: Shown) -> Step | None:
        last = shown.last_step
        if last is None or self.random.random() < 0.2:
            return None
        step = self.random.choice([step for step, _ in shown.rows] + [last])
        return max(0, step - 0.25) if self.random.random() < 0.2 else step

    def _some_rows(self, shown: Shown, first_step: int) -> list[tuple[Step | None, int]]:
        """Mostly steps of their own; some fractions, some that were there before."""
        rows: list[tuple[Step | None, int]] = []
        following = first_step
        for _ in range(self.random.choice([0, 1, 3, 10])):
            value = self._n_rows
            self._n_rows += 1
            step: Step | None = None
            if self.random.random() < 0.1:
                step = following + 0.5
            elif self.random.random() < 0.1:
                step = self.random.randrange(following + 1)
            placed = following if step is None else step
            if rows and rows[-1][0] == step and step is not None:
                step, placed = None, following  # the same step twice would be one row
            shown.rows.append((placed, value))
            shown.own.add(value)
            rows.append((step, value))
            following = max(following, math.floor(placed) + 1)
        return rows
