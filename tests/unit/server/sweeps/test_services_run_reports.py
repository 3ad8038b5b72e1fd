"""Reports about runs of trials: pending, running, ended with their summary, deleted, absent."""

from __future__ import annotations

from typing import Any

import pytest

from service_sweeps import PROJECT
from service_uploads import START, Clock, WriterLog
from weft.records.record import Exit, Preempting, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.opening.services import Services
from weft.server.services.sweeps.run_reports import report_runs
from weft.sweeps.outcomes import RunCheck, RunReport
from weft.sweeps.trials import Trial
from weft.wire.projects.projects import ProjectEdit


@pytest.fixture(autouse=True)
def project(services: Services) -> None:
    services.projects.put(LOCAL, PROJECT, ProjectEdit())


def report(
    services: Services, run: str, ended_as: Any = None, *, is_lost: bool = False, **ended: int
) -> RunReport:
    check = RunCheck(Trial(0, {}, "given", run=run), ended_as, is_lost)
    project_id = services.stores.find_project(PROJECT)
    ((_, answer),) = report_runs(services.stores, PROJECT, project_id, [check], ended)
    return answer


def log_run(services: Services, run: str, *ends: Any, rows: Any = ({"loss": 0.5},)) -> None:
    upload = WriterLog(f"w-{run}").upload(
        Run(run, PROJECT.project, start_micros=START), *ends, rows=rows
    )
    services.ingest.apply_upload(LOCAL, PROJECT.run(run), upload)


def test_a_run_runs_until_its_end_has_its_summary(services: Services) -> None:
    log_run(services, "r")
    assert report(services, "r") == RunReport("running")
    log_run(services, "ended", Exit(START + 5, 3))
    ended = report(services, "ended")
    assert (ended.state, ended.summary, ended.exit_code) == ("failed", {"loss": 0.5}, 3)
    assert ended.ended_micros == START + 5


def test_a_run_that_a_person_stopped_says_who(services: Services) -> None:
    log_run(services, "r")
    services.runs.stop(LOCAL, PROJECT.run("r"))
    log = WriterLog("w-r")
    log.position, log.n_rows = 200, 1
    services.ingest.apply_upload(LOCAL, PROJECT.run("r"), log.upload(Exit(START + 5, 255)))
    assert report(services, "r").stopped_by is not None


def test_a_preempted_run_is_to_go_on(services: Services) -> None:
    log_run(services, "r", Preempting(START), Exit(START, 1, "preempted"))
    assert report(services, "r", "failed") == RunReport("preempted")


def test_a_run_that_was_deleted_is_no_absent_one(services: Services) -> None:
    for run in ("trash", "gone"):
        log_run(services, run, Exit(START, 0))
        services.runs.delete(LOCAL, PROJECT.run(run), permanently=run == "gone")
        assert report(services, run, "finished") == RunReport("deleted")


@pytest.mark.parametrize(
    ("ended_as", "is_lost", "state"),
    [
        (None, False, "absent"),
        ("running", False, "absent"),
        ("absent", False, "absent"),
        ("finished", False, "pending"),
        ("failed", False, "pending"),
        ("finished", True, "absent"),
    ],
)
def test_records_may_come_after_an_agent_told_of_the_end(
    services: Services, ended_as: Any, is_lost: bool, state: Any
) -> None:
    assert report(services, "new", ended_as, is_lost=is_lost) == RunReport(state)


def test_records_are_waited_for_a_minute(services: Services, clock: Clock) -> None:
    since = clock()
    clock.forward(59)
    assert report(services, "new", "finished", new=since) == RunReport("pending")
    clock.forward(1)
    assert report(services, "new", "finished", new=since) == RunReport("absent")


def test_rows_on_their_way_are_waited_for(services: Services, clock: Clock) -> None:
    log_run(services, "r", Exit(START, 0))
    entry = services.stores.registry.peek(PROJECT.run("r"))
    assert entry is not None
    with entry.lock:
        entry.n_appending = 1
    assert report(services, "r") == RunReport("running")
    with entry.lock:
        entry.n_appending = 0
        (writer,) = entry.writers.values()
        stored, writer.stored_record_position = writer.stored_record_position, None
    assert report(services, "r") == RunReport("running")
    clock.forward(11)
    assert report(services, "r").state == "finished", "they come no more"
    with entry.lock:
        writer.stored_record_position = stored
    assert report(services, "r").state == "finished"


def test_no_checks_need_no_database(services: Services) -> None:
    assert report_runs(services.stores, PROJECT, 99, [], {}) == []
