"""The rows of a run in the forms that clients ask for: sampled, in pages, and their keys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from weft.errors import ConfigError, Unavailable
from weft.server.services.access import RunPath
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.values import json_object, json_text
from weft.wandb_gateway.pages import pages_of
from weft.wire.runs.runs import Run

HISTORY_FILE: Final = "history.parquet"
"""The last part of the address of a run's rows."""

_MAX_SAMPLES: Final = 100_000
_MAX_KEYS: Final = 10_000
_ABOUT_ROW: Final = ("_step", "_runtime", "_timestamp")


class RunHistory:
    """The rows that a run logged."""

    path: RunPath
    _run: Run

    def history(
        self,
        context: Context,
        min_step: int | None = None,
        max_step: int | None = None,
        samples: int | None = None,
    ) -> list[str]:
        """Rows as JSON: all of a range of steps, or of the whole run a sample."""
        if min_step is not None or max_step is not None:
            rows = self._rows(context, None, min_step, max_step)
        else:
            rows = self._thinned(context, None, samples)
        return [json_text(row) for row in rows]

    def events(self, context: Context, samples: int | None = None) -> list[str]:
        """Samples of the machine as JSON."""
        rows = self._thinned(context, None, samples, system=True)
        return [json_text({**row, "_wandb": True}) for row in rows]

    def sampled_history(self, context: Context, specs: Sequence[str]) -> list[list[Any]]:
        """For each specification the rows that have all of its keys."""
        return [self._sampled(context, _spec(spec)) for spec in specs]

    def _sampled(self, context: Context, spec: dict[str, Any]) -> list[Any]:
        spec_keys: list[Any] = spec.get("keys") or []
        keys = list(dict.fromkeys(str(key) for key in spec_keys))
        logged = [key for key in keys if key not in _ABOUT_ROW]
        lo, hi = spec.get("minStep"), spec.get("maxStep")
        samples = spec.get("samples")
        if lo is not None or hi is not None:
            # Here the last step is part of the range.
            stop = None if hi is None else hi + 1
            rows = self._rows(context, logged or None, lo, stop)
        else:
            rows = self._thinned(context, logged or None, samples)
        has_all = [row for row in rows if all(key in row for key in keys)]
        return [json_object({key: row[key] for key in keys} if keys else row) for row in has_all]

    def parquet_history(self, context: Context, live_keys: Sequence[str]) -> dict[str, Any]:
        """The address of the file of the rows. Without a file, all rows are read in pages."""
        try:
            file = context.history_files.find_history_file(context.actor, self.path)
        except Unavailable:
            file = None  # pages need neither room on the disk nor a turn
        if file is not None:
            return {
                "parquet_urls": [context.link("GET", "history", *self.path, HISTORY_FILE)],
                "live_data": [],
            }
        end = self.last_row(context)
        steps = [] if "_step" not in end else [{"_step": 0}, {"_step": end["_step"]}]
        return {"parquet_urls": [], "live_data": steps}

    def history_keys(self, context: Context) -> dict[str, Any]:
        """The metrics of the run, with the number of their values and the last one."""
        metrics = context.services.metrics.list(
            context.actor, self.path.of_project, [self.path.run], system=False, limit=_MAX_KEYS
        ).metrics
        context.work.add(len(metrics))
        end = self.last_row(context)
        last = self._run.summary
        keys: dict[str, Any] = {}
        for metric in metrics:
            kind = "number" if set(metric.kinds) & {"int", "float"} else "string"
            keys[metric.key] = {
                "typeCounts": [{"type": kind, "count": metric.n_points}],
                "monotonic": False,
                "previousValue": json_object(_at(last, metric.key)),
            }
        if metrics:
            for key in _ABOUT_ROW:
                count = max(metric.n_points for metric in metrics)
                keys[key] = {
                    "typeCounts": [{"type": "number", "count": count}],
                    "monotonic": True,
                    "previousValue": json_object(end.get(key, 0)),
                }
        return {"sets": [], "keys": keys, "lastStep": end.get("_step", -1)}

    def history_tail(self, context: Context) -> str:
        """The last row, as JSON in JSON."""
        end = {key: value for key, value in self.last_row(context).items() if key in _ABOUT_ROW}
        return json_text([json_text(end)] if end else [])

    def events_tail(self, context: Context) -> str:
        """The last sample of the machine, as JSON in JSON."""
        runtime = self.last_row(context).get("_runtime")
        return json_text([] if runtime is None else [json_text({"_runtime": runtime})])

    def system_metrics(self, context: Context) -> str:
        """The last value of each measurement of the machine."""
        rows = self._thinned(context, None, 2, system=True)
        last = rows[-1] if rows else {}
        return json_text({key: value for key, value in last.items() if key not in _ABOUT_ROW})

    def last_row(self, context: Context) -> dict[str, Any]:
        """The step, runtime and time of the last row; empty without rows."""
        if self._last is None:
            now = context.services.continuation.get(context.actor, self.path)
            self._last = {}
            runtime = now.runtime_micros / 1e6
            if now.last_step is not None:
                started = self._run.runtime_from_micros / 1e6
                self._last = {
                    "_step": now.last_step,
                    "_runtime": runtime,
                    "_timestamp": started + runtime,
                }
            self._last["_wandb"] = {"runtime": int(runtime)}
        return self._last

    _last: dict[str, Any] | None = None

    def _rows(
        self,
        context: Context,
        keys: Sequence[str] | None,
        lo: float | None,
        hi: float | None,
    ) -> list[dict[str, Any]]:
        """All rows of a range of steps; WorkEnded if they are too many for one answer."""
        rows: list[dict[str, Any]] = []
        for page in pages_of(
            lambda cursor: context.services.history.rows(
                context.actor,
                self.path,
                keys=keys,
                limit=_MAX_SAMPLES,
                cursor=cursor,
                step_lo=lo,
                step_hi=hi,
            )
        ):
            context.work.add_rows(page.rows)
            rows += page.rows
        return rows

    def _thinned(
        self,
        context: Context,
        keys: Sequence[str] | None,
        samples: int | None,
        *,
        system: bool = False,
    ) -> list[dict[str, Any]]:
        rows = context.services.history.thinned(
            context.actor, self.path, _limit(samples), keys=keys, system=system, complete=True
        ).rows
        context.work.add_rows(rows)
        return rows


def _limit(samples: int | None) -> int:
    return min(max(samples if samples is not None else 500, 1), _MAX_SAMPLES)


def _spec(text: str) -> dict[str, Any]:
    try:
        spec = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"specs: not JSON: {error}", field="specs") from None
    if not isinstance(spec, dict):
        raise ConfigError("specs: each must be a JSON object", field="specs")
    return spec


def _at(tree: dict[str, Any], key: str) -> Any:
    """The value at a key joined with dots. None if the key is missing."""
    node: Any = tree
    for part in key.split("."):
        if not isinstance(node, dict) or part not in node:
            return None
        node = node[part]
    return node
