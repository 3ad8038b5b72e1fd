"""Quotas of entities and projects: what waits, the warning before, and usage by project."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from weft.errors import Forbidden, NotFound, StorageFull
from weft.records.record import Exit
from weft.server.services.access import LOCAL, Actor, ProjectPath, RunPath
from weft.server.services.ingest import Upload
from weft.server.services.opening import Services
from weft.wire.server.teams import TeamAddition
from weft.wire.server.usage import QuotaEdit

PROJECT = ProjectPath("ada", "p")


@pytest.fixture(autouse=True)
def ada(services: Services) -> None:
    services.users.add_user(LOCAL, "ada")


def log(services: Services, run: str, project: str = "p") -> str | None:
    path = RunPath("ada", project, run)
    return services.ingest.apply_upload(LOCAL, path, Upload("w", "w", 0, 10, live=True)).warning


def test_new_runs_wait_beyond_the_quota_and_running_ones_go_on(services: Services) -> None:
    for run in "abcd":
        log(services, run)
    services.usage.set_entity_quota(LOCAL, "ada", QuotaEdit(quota_runs=5))
    assert "5 of the 5 runs" in (log(services, "e") or "")
    with pytest.raises(StorageFull, match="ada has no room for 1 new run within its quota of 5"):
        log(services, "f")
    more = Upload("w", "w", 10, 20, live=True)
    assert services.ingest.apply_upload(LOCAL, PROJECT.run("a"), more).position == 20
    services.usage.set_entity_quota(LOCAL, "ada", QuotaEdit(quota_runs=None))
    log(services, "f")


def test_a_project_has_a_part_of_its_entitys_room(services: Services) -> None:
    log(services, "a")
    ada = Actor("user", "ada", people=services.stores.people)
    usage = services.usage.set_project_quota(
        ada, PROJECT, QuotaEdit(quota_bytes=1_000_000, quota_runs=7)
    )
    (project,) = usage.projects
    assert (project.project, project.n_runs, project.quota_runs) == ("p", 1, 7)
    upload = services.files.upload(LOCAL, PROJECT.run("a"), "large.bin")
    with pytest.raises(StorageFull, match=r"ada/p has no room for .* within its quota of 1\.0 MB"):
        upload.write(bytes(1_500_000))
    upload.abort()
    log(services, "a", "other")
    other = services.files.upload(LOCAL, RunPath("ada", "other", "a"), "large.bin")
    other.write(bytes(1_500_000))
    other.commit()
    usage = services.usage.get(ada, "ada")
    (first, _) = usage.projects
    assert (first.project, first.file_bytes) == ("other", 1_500_000)
    *earlier, week = usage.weeks
    assert (week.n_runs, week.file_bytes, week.artifact_bytes) == (2, 1_500_000, 0)
    assert {(week.n_runs, week.file_bytes) for week in earlier} == {(0, 0)}
    starts = [datetime.fromtimestamp(week.start_micros / 1e6, UTC) for week in usage.weeks]
    assert len(starts) == 26
    assert {(start.strftime("%a %H:%M")) for start in starts} == {"Mon 00:00"}


def test_from_80_percent_on_people_are_warned(services: Services) -> None:
    log(services, "a")
    services.usage.set_entity_quota(LOCAL, "ada", QuotaEdit(quota_bytes=2_000_000))
    assert services.projects.get(LOCAL, PROJECT).warnings == []
    file = services.files.upload(LOCAL, PROJECT.run("a"), "large.bin")
    file.write(bytes(1_700_000))
    file.commit()
    (warning,) = services.projects.get(LOCAL, PROJECT).warnings
    assert warning.startswith("ada has used 1.")
    assert warning.endswith("when all are used, uploads wait on the client")
    assert services.usage.get(LOCAL, "ada").warning == warning
    services.usage.set_entity_quota(LOCAL, "ada", QuotaEdit(quota_bytes=1_000_000, quota_runs=1))
    (warning,) = services.projects.get(LOCAL, PROJECT).warnings
    assert "1.0 MB that are allowed; uploads wait on the client" in warning, "the fullest of both"


def test_a_script_is_warned_as_its_run_ends(services: Services) -> None:
    services.usage.set_entity_quota(LOCAL, "ada", QuotaEdit(quota_bytes=2_000_000))
    assert log(services, "a") is None
    file = services.files.upload(LOCAL, PROJECT.run("a"), "large.bin")
    file.write(bytes(1_700_000))
    file.commit()
    row = Upload("w", "w", 10, 20, live=True)
    assert services.ingest.apply_upload(LOCAL, PROJECT.run("a"), row).warning is None
    last = Upload("w", "w", 20, 30, [(30, Exit(micros=1, exit_code=0))], live=True)
    warning = services.ingest.apply_upload(LOCAL, PROJECT.run("a"), last).warning
    assert warning is not None
    assert warning.startswith("ada has used 1.")


def test_a_warning_tells_members_nothing_of_projects_that_they_do_not_see(
    services: Services,
) -> None:
    services.users.add_user(LOCAL, "bob")
    services.teams.add_team(
        LOCAL, TeamAddition(name="lab", members={"bob": "member", "ada": "admin"})
    )
    services.usage.set_entity_quota(LOCAL, "lab", QuotaEdit(quota_runs=1))
    upload = Upload("w", "w", 0, 10, live=True)
    services.ingest.apply_upload(LOCAL, RunPath("lab", "p", "a"), upload)
    people = services.stores.people
    of_admin = services.usage.get(Actor("user", "ada", people=people), "lab").warning or ""
    assert "1 of the 1 runs" in of_admin
    bob = Actor("user", "bob", people=people)
    masked = "lab has used most of its quota; uploads may wait on the client"
    assert services.usage.get(bob, "lab").warning == masked
    path = ProjectPath("lab", "p")
    assert services.projects.get(bob, path).warnings == [masked]
    services.usage.set_entity_quota(LOCAL, "lab", QuotaEdit(quota_runs=2))
    assert services.ingest.apply_upload(bob, path.run("b"), upload).warning == masked
    services.usage.set_project_quota(LOCAL, path, QuotaEdit(quota_runs=1))
    (own,) = services.projects.get(bob, path).warnings
    assert own.startswith("lab/p has used 2 of the 1 runs"), "of what they see, all amounts"


def test_who_may_set_quotas(services: Services) -> None:
    ada = Actor("user", "ada", people=services.stores.people)
    with pytest.raises(Forbidden):
        services.usage.set_entity_quota(ada, "ada", QuotaEdit(quota_bytes=None))
    with pytest.raises(Forbidden):
        services.usage.get(Actor("user", "bob", people=services.stores.people), "ada")
    with pytest.raises(NotFound, match="no project ada/absent"):
        services.usage.set_project_quota(ada, ProjectPath("ada", "absent"), QuotaEdit())
