"""Columns that are read with one statement have the values of columns that are read alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from weft.records.merge import Stamp
from weft.server.services.access.actors import LOCAL
from weft.server.services.columns.cache import ColumnCache
from weft.server.storage.metadata import FieldChange, LoggedPut, MetadataStore, NewRun

N_RUNS = 1_010
N_METRICS = 12
METRICS = [f"summary.m{nth}" for nth in range(N_METRICS)]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MetadataStore]:
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    else:
        url = f"sqlite:///{tmp_path / 'metadata.db'}"
    store = MetadataStore(url)
    for project, n_runs in ((1, N_RUNS), (2, 20)):
        with store.write() as tx:
            store.projects.make(tx, "local", f"p{project}", 1)
        fill(store, project, n_runs)
    yield store
    store.close()


def fill(store: MetadataStore, project: int, n_runs: int) -> None:
    """Runs of which each tenth lacks half of the metrics, and each seventh set one by hand."""
    names = [f"r{project}-{nth}" for nth in range(n_runs)]
    with store.write() as tx:
        runs = [NewRun(name, name, "running", 1, 1, 1, color=1) for name in names]
        created = store.runs.create(tx, "local", f"p{project}", project, runs)
        row_ids = [created[name].row_id for name in names]
        stamp = Stamp(1, "w", 0)
        store.fields.put_logged(
            tx,
            [
                LoggedPut(
                    row_id,
                    {
                        f"m{metric}": FieldChange(project * nth + metric / 4, stamp)
                        for metric in range(N_METRICS)
                        if nth % 10 or metric % 2
                    },
                )
                for nth, row_id in enumerate(row_ids)
            ],
        )
        for row_id in row_ids[::7]:
            store.fields.put(tx, row_id, "set", {"m3": FieldChange("by hand", stamp)})


def values(cache: ColumnCache, names: list[str]) -> dict[str, list[Any]]:
    view = cache.view(LOCAL, 1, names)
    return {
        name: [view.columns[name].value(slot) for slot in range(len(view.runs.row_ids))]
        for name in names
    }


def test_columns_read_together_equal_columns_read_alone(store: MetadataStore) -> None:
    cache = ColumnCache(store, lambda: 0)
    together = values(cache, [*METRICS, "name", "summary.nothing"])
    for name in METRICS:
        assert values(ColumnCache(store, lambda: 0), [name])[name] == together[name]
    assert together["summary.m3"][:3] == ["by hand", 1.75, 2.75]

    # of a column in memory, only what has changed is read, and the others beside it
    row_id = int(cache.view(LOCAL, 1, ()).runs.row_ids[5])
    with store.write() as tx:
        change = {"m1": FieldChange(-1.0, Stamp(2, "w", 0))}
        store.fields.put_logged(tx, [LoggedPut(row_id, change)])
    store.read_changes()
    expected = [*together["summary.m1"][:5], -1.0, *together["summary.m1"][6:]]
    assert values(cache, METRICS)["summary.m1"] == expected
    assert values(cache, METRICS)["summary.m2"] == together["summary.m2"]
