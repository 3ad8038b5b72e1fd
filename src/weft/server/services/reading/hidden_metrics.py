"""Metrics that `define_metric(hidden=True)` excludes from pages by default.

Used by `services.metrics` and `services.selecting`. Reads the definitions from the metadata, and
the metrics that each run has logged from the metric store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from weft.records.definition import definition_of
from weft.records.record import MetricDefinition
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import HiddenMetrics

_ALL: Final = 1_000_000
"""A limit that no project reaches, so that all metrics are returned."""

_Rules = Mapping[str, MetricDefinition]


def hidden_metrics(
    stores: Stores, project_id: int, runs: Sequence[str] | None = None
) -> frozenset[str]:
    """The metrics hidden by every run, of the project or of `runs`, that has logged them.

    A metric is shown if any run shows it, so that no run loses a metric that it wants shown.

    Cost: one query if no run hides anything; otherwise the names are also listed twice.
    """
    with stores.metadata.read() as tx:
        by_run = stores.metadata.definitions.of_hiding_runs(tx, project_id)
    if runs is not None:
        by_run = {run: by_run[run] for run in runs if run in by_run}
    if not by_run:
        return frozenset()
    hiding: dict[HiddenMetrics, list[str]] = {}
    for run, defined in by_run.items():
        hiding.setdefault(defined, []).append(run)
    rules = {defined: _rules(defined) for defined in hiding}

    def is_hidden(key: str) -> bool:
        return _hides(rules.values(), key)

    lineage = lineage_of(stores, project_id, runs)
    n_hiding: Counter[str] = Counter()
    with stores.metrics.use(project_id) as store:
        for defined, hiding_runs in hiding.items():
            own = [rules[defined]]
            page = store.search_keys(
                hiding_runs,
                lineage=lineage,
                matches=lambda key, own=own: _hides(own, key),
                limit=_ALL,
            )
            n_hiding.update({total.key: total.n_runs for total in page.keys})
        every = store.search_keys(runs, lineage=lineage, matches=is_hidden, limit=_ALL)
    return frozenset(total.key for total in every.keys if n_hiding[total.key] == total.n_runs)


def _rules(defined: HiddenMetrics) -> _Rules:
    return {name: MetricDefinition(name, hidden=hidden) for name, hidden in defined}


def _hides(rules: Iterable[_Rules], key: str) -> bool:
    definitions = (definition_of(key, by_name) for by_name in rules)
    return any(definition is not None and definition.hidden is True for definition in definitions)
