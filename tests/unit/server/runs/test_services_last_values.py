"""Last values of runs, from metadata or from the points, whichever has them."""

from __future__ import annotations

import math
from typing import Any

from service_uploads import SECOND, START, Clock, WriterLog
from weft.records.record import MetricDefinition, Run, Summary
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.metrics.last_values import last_values
from weft.server.services.opening.services import Services, open_services
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.summaries.projection import clean_quiet_runs, project_summaries

PROJECT = ProjectPath("local", "p")
ROW = {
    "loss": 0.25,
    "steps": 7,
    "big": 2**60,
    "nan": math.nan,
    "inf": -math.inf,
    "val.acc": 0.5,
    "text": "a" * 5000,
    "image": {"_type": "image-file", "path": "b" * 5000},
    "mixed": 3,
}
KEYS = [*ROW, "never"]


def upload(services: Services, run: str, log: WriterLog, *records: Any, **rest: Any) -> None:
    services.ingest.apply_upload(LOCAL, PROJECT.run(run), log.upload(*records, **rest))


def is_dirty(services: Services, run: str) -> bool:
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        return run in store.dirty_runs()


def checked(services: Services, *runs: str) -> dict[str, dict[str, Any]]:
    """Last values, which are those of the points."""
    project_id = services.stores.find_project(PROJECT)
    lineage = lineage_of(services.stores, project_id, runs)
    with services.stores.metrics.use(project_id) as store:
        by_run = store.latest_of(runs, KEYS, lineage=lineage)
    expected = {run: {point.key: point.value for point in by_run[run]} for run in by_run}
    values = last_values(services.stores, PROJECT, runs, KEYS)
    # Texts, as NaN is not equal to itself.
    assert {run: repr(sorted(values[run].items())) for run in values} == {
        run: repr(sorted(expected[run].items())) for run in runs if run in expected
    }
    return values


def settle(services: Services, clock: Clock) -> None:
    """Write all summaries, and let the runs be quiet for so long that their marks are cleared."""
    while not project_summaries(services.stores, at_end=True):
        pass
    clock.forward(61)
    clean_quiet_runs(services.stores)


def test_last_values_are_those_of_the_points_before_and_after_they_are_projected(
    services: Services, clock: Clock
) -> None:
    log, other = WriterLog("w1"), WriterLog("w2")
    upload(services, "a", log, Run("a", "p", start_micros=START), rows=[ROW])
    upload(services, "b", other, Run("b", "p", start_micros=START), rows=[{"mixed": "text"}])
    assert list(checked(services, "b", "missing", "a")) == ["b", "a"]
    settle(services, clock)
    assert not is_dirty(services, "a")
    assert checked(services, "a", "b")["a"].keys() == ROW.keys()
    upload(services, "a", log, rows=[{"loss": 0.125, "never": 1}], secs=9)
    assert checked(services, "a")["a"]["never"] == 1
    settle(services, clock)
    assert checked(services, "a")["a"]["loss"] == 0.125
    services.metrics.delete(LOCAL, PROJECT.run("a"), "loss")
    assert "loss" not in checked(services, "a")["a"]


def test_a_value_that_a_script_set_and_an_aggregate_do_not_take_the_last_values_place(
    services: Services, clock: Clock
) -> None:
    log, other = WriterLog("w1"), WriterLog("w2")
    own = Summary(START + 99 * SECOND, [(["loss"], 8), (["steps", "of"], 9)])
    least = MetricDefinition("loss", summary=["min"], micros=START)
    upload(services, "a", log, Run("a", "p", start_micros=START), own, rows=[ROW])
    upload(services, "b", other, Run("b", "p", start_micros=START), least, rows=[ROW])
    upload(services, "b", other, rows=[{"loss": 4}], secs=5)
    for _ in range(2):
        values = checked(services, "a", "b")
        assert (values["a"]["loss"], values["a"]["steps"], values["b"]["loss"]) == (0.25, 7, 4)
        settle(services, clock)


def test_forks_and_rewinds_change_last_values(services: Services, clock: Clock) -> None:
    log, fork, again = (
        WriterLog("w1"),
        WriterLog("c1"),
        WriterLog("w2", anchor=START + 60 * SECOND),
    )
    rows = [{"loss": 10 - i} for i in range(5)]
    upload(services, "a", log, Run("a", "p", start_micros=START), rows=rows)
    forked = Run("f", "p", fork_run="a", fork_step=1, start_micros=START, sources=[("a", "w1", 1)])
    upload(services, "f", fork, forked)
    assert checked(services, "a", "f") == {"a": {"loss": 6}, "f": {"loss": 9}}
    settle(services, clock)
    assert checked(services, "a", "f") == {"a": {"loss": 6}, "f": {"loss": 9}}
    rewound = Run(
        "a", "p", resume="rewind", fork_run="a", fork_step=2,
        start_micros=START + 60 * SECOND, sources=[("a", "w1", 2)],
    )  # fmt: skip
    upload(services, "a", again, rewound)
    assert checked(services, "a")["a"] == {"loss": 8}
    settle(services, clock)
    assert checked(services, "a")["a"] == {"loss": 8}


def test_a_server_that_starts_reads_what_was_not_projected(tmp_path: Any, clock: Clock) -> None:
    log = WriterLog("w1")
    services = open_services(tmp_path, now=clock, jobs=False)
    upload(services, "a", log, Run("a", "p", start_micros=START), rows=[ROW])
    settle(services, clock)
    upload(services, "a", log, rows=[{"loss": 0.125}], secs=9)
    services.close()
    services = open_services(tmp_path, now=clock, jobs=False)
    try:
        assert checked(services, "a")["a"]["loss"] == 0.125
    finally:
        services.close()
