"""Activity feeds on SQLite and on a real PostgreSQL: what they tell, of whom, to whom."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from at_length import engines_at_length
from service_uploads import START, Clock, WriterLog
from weft.errors import Forbidden
from weft.records.record import Exit, Run
from weft.server.services.access.actors import LOCAL, SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.server.storage.metadata import ActivityDetails, ActivityObject
from weft.wire.projects.access import ProjectAccessEdit
from weft.wire.projects.activity import ActivityEntry
from weft.wire.projects.projects import ProjectEdit
from weft.wire.projects.shares import ShareCreate
from weft.wire.projects.views import ViewEdit
from weft.wire.runs.bulk import BulkChange, DeleteAction, MoveAction
from weft.wire.runs.runs import RunEdit
from weft.wire.server.teams import Membership
from weft.wire.sweeps import NewSweep, SweepEdit

RUNS = ProjectPath("lab", "runs")
OTHER = ProjectPath("lab", "other")
HOUR = 3600

Sign = Callable[[str], Actor]


@pytest.fixture
def sign(lab: None, services: Services) -> Sign:
    def actor(name: str) -> Actor:
        account = services.users.account(SYSTEM, name)
        assert account is not None
        return account

    return actor


def log_run(
    services: Services,
    actor: Actor,
    run: str,
    *ends: Exit,
    project: ProjectPath = RUNS,
    start: int = START,
) -> None:
    """Log a run as its user; one that has ended sends all of its log when it is over."""
    named = Run(run, project.project, name=f"the {run}", start_micros=start, user="root")
    log = WriterLog(f"w-{run}", anchor=start)
    upload = log.upload(named, *ends, rows=[{"loss": 1.0}], live=not ends)
    services.ingest.apply_upload(actor, project.run(run), upload)


def lines(entries: Any) -> list[str]:
    return [
        " ".join(
            [entry.user or "-", entry.action, str(entry.n)]
            + [item.name or item.id for item in entry.objects]
            + [text for text in (entry.to, entry.note) if text]
        )
        for entry in entries
    ]


def feed(services: Services, actor: Actor, project: ProjectPath = RUNS) -> list[str]:
    return lines(services.activity.of_project(actor, project).entries)


def test_a_days_work_is_told_once_each(services: Services, sign: Sign, clock: Clock) -> None:
    ada, bob, eve = map(sign, ("ada", "bob", "eve"))
    for n in range(3):
        log_run(services, ada, f"a{n}")
        clock.forward(60)
    log_run(services, bob, "b0", Exit(clock(), 0))
    log_run(services, bob, "b1", Exit(clock(), 1))
    yesterday = START - 24 * HOUR * 1_000_000
    log_run(services, bob, "b2", Exit(yesterday, 1), start=yesterday)
    assert services.runs.get(eve, RUNS.run("b0")).user == "bob"
    bobs = services.runs.list(eve, RUNS).runs
    assert {run.id for run in bobs if run.user == "bob"} == {"b0", "b1", "b2"}
    services.runs.edit(ada, RUNS.run("b0"), RunEdit(notes="good", add_tags=["paper"]))
    services.runs.edit(ada, RUNS.run("b0"), RunEdit(add_tags=["starred"]))
    services.runs.edit(bob, RUNS.run("b0"), RunEdit(add_tags=["starred"]))
    noted = services.runs.get(eve, RUNS.run("b0"))
    assert (noted.notes_by, noted.edited_by) == ("ada", "bob")
    assert noted.notes_micros is not None
    assert noted.notes_micros >= clock()
    services.projects.edit(ada, RUNS, ProjectEdit(description="digits"))
    assert feed(services, eve) == [
        "ada project.describe 1",
        "ada run.tags 1 the b0",
        "ada run.notes 1 the b0",
        "bob run.upload 1 the b2",
        "bob run.failed 1 the b1",
        "bob run.start 2 the b1 the b0",
        "bob run.finished 1 the b0",
        "ada run.start 3 the a2 the a1 the a0",
    ]
    first = services.activity.of_project(eve, RUNS).entries[-1]
    assert (first.since_micros, first.at_micros) == (START, START + 120_000_000)
    with pytest.raises(Forbidden):
        services.activity.of_project(sign("dan"), RUNS)

    services.projects.put(bob, OTHER, ProjectEdit())
    move = MoveAction(project="other")
    services.bulk.apply_change(bob, RUNS, BulkChange(runs=["b2", "b1"], action=move))
    services.bulk.apply_change(ada, RUNS, BulkChange(runs=["a0"], action=DeleteAction()))
    services.runs.undelete(ada, RUNS.run("a0"))
    assert feed(services, eve)[:3] == [
        "ada run.restore 1 the a0",
        "ada run.remove 1 the a0",
        "bob run.move 2 b1 b2 lab/other",
    ]
    services.access.edit(ada, OTHER, ProjectAccessEdit(visibility="restricted"))
    assert feed(services, eve)[2] == "bob run.move 2 b1 b2"
    services.bulk.apply_change(ada, RUNS, BulkChange(runs=["a0"], action=DeleteAction()))
    [started] = services.activity.of_project(eve, RUNS).entries[-1:]
    assert [item.is_gone for item in started.objects] == [False, False, True]


@engines_at_length("postgresql")
def test_views_sweeps_and_shares(services: Services, sign: Sign) -> None:
    ada, bob, eve = map(sign, ("ada", "bob", "eve"))
    log_run(services, ada, "a0")
    views = services.views
    own = views.create(bob, RUNS, kind="personal", name="mine", document={})
    assert [view.name for view in views.list(ada, RUNS)] == []
    shared = views.edit(bob, RUNS, own.id, ViewEdit(kind="shared"), own.version)
    changed = views.edit(ada, RUNS, own.id, ViewEdit(document={"x": 1}), shared.version)
    assert (changed.owner, changed.edited_by) == ("bob", "ada")
    views.put_default(ada, RUNS, {}, 0)
    views.delete(bob, RUNS, own.id)
    config = {"method": "grid", "metric": {"name": "loss"}, "parameters": {"lr": {"value": 1}}}
    new = NewSweep(config=json.dumps({**config, "name": "rates"}))
    sweep = services.sweeps.create(bob, RUNS, new)
    assert sweep.edited_by == "bob"
    edited = services.sweeps.edit(ada, RUNS, sweep.id, SweepEdit(state="cancelled"))
    assert (edited.user, edited.edited_by) == ("bob", "ada")
    share = services.sharing.create(ada, RUNS, ShareCreate(kind="run", runs=["a0"], name="paper"))
    services.sharing.revoke(ada, RUNS, share.id)
    expected = [
        "ada share.revoke 1 paper",
        "ada share.add 1 paper",
        "ada sweep.end 1 rates cancelled",
        "bob sweep.start 1 rates",
        "bob view.remove 1 mine",
        "ada view.change 1 mine",
        "bob view.add 1 mine",
        "ada run.start 1 the a0",
    ]
    assert feed(services, bob) == expected
    assert feed(services, eve) == expected[2:], "viewers don't see shares"


@engines_at_length("postgresql")
def test_a_team_is_told_of_its_members_and_of_projects_that_the_reader_sees(
    services: Services, sign: Sign, clock: Clock
) -> None:
    ada, bob, eve = map(sign, ("ada", "bob", "eve"))
    clock.forward(1)
    log_run(services, bob, "b0")
    clock.forward(1)
    log_run(services, ada, "a0", project=OTHER)
    services.access.edit(ada, OTHER, ProjectAccessEdit(visibility="restricted"))
    clock.forward(1)
    services.teams.put_member(ada, "lab", "dan", Membership(role="member"))
    services.teams.put_member(ada, "lab", "dan", Membership(role="viewer"))
    clock.forward(1)
    services.teams.remove_member(sign("dan"), "lab", "dan")
    expected = [
        "dan member.remove 1 dan",
        "ada member.add 1 dan member",
        "ada run.start 1 the a0",
        "bob run.start 1 the b0",
        "- member.add 1 eve viewer",
        "- member.add 1 bob member",
        "- member.add 1 ada admin",
    ]
    assert lines(services.activity.of_team(ada, "lab").entries) == expected
    del expected[2]
    assert lines(services.activity.of_team(eve, "lab").entries) == expected
    paged: list[ActivityEntry] = []
    cursor = None
    while True:
        page = services.activity.of_team(eve, "lab", limit=2, cursor=cursor)
        paged += page.entries
        cursor = page.cursor
        if cursor is None:
            break
    assert lines(paged) == expected
    with pytest.raises(Forbidden):
        services.activity.of_team(sign("dan"), "lab")


@engines_at_length("postgresql")
def test_entries_are_folded_for_an_hour_and_the_oldest_go(
    services: Services, sign: Sign, clock: Clock
) -> None:
    ada = sign("ada")
    for n in range(25):
        log_run(services, ada, f"a{n}")
    [entry] = services.activity.of_project(ada, RUNS).entries
    assert (entry.n, len(entry.objects), entry.objects[0].id) == (25, 20, "a24")
    clock.forward(HOUR + 1)
    log_run(services, ada, "late")
    assert [entry.n for entry in services.activity.of_project(ada, RUNS).entries] == [1, 25]
    for n in range(30):
        clock.forward(HOUR - 60)
        log_run(services, ada, f"c{n}")
    spans = [entry.n for entry in services.activity.of_project(ada, RUNS).entries]
    assert sum(spans) == 56
    assert len(spans) == 3, "a line tells of one day at most"
    metadata = services.stores.metadata
    project_id = services.stores.find_project(RUNS)
    with metadata.write() as tx:
        metadata.activity.expire(tx, project_id, n_kept=2)
    assert [entry.n for entry in services.activity.of_project(ada, RUNS).entries] == spans[:2]


def test_transactions_that_fold_the_same_entry_wait_for_none(services: Services) -> None:
    """Two at once on PostgreSQL: each adds its entry, and together they count all."""
    services.projects.put(LOCAL, ProjectPath("local", "p"), ProjectEdit())
    metadata = services.stores.metadata
    project_id = services.stores.find_project(ProjectPath("local", "p"))

    def add(name: str) -> None:
        details = ActivityDetails(1, START, [ActivityObject(name)])
        with metadata.write() as tx:
            metadata.activity.add_entry(tx, project_id, START, "ada", "run.start", details)

    add("first")
    threads = [threading.Thread(target=add, args=(f"n{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with metadata.read() as tx:
        rows = metadata.activity.page(tx, [project_id], before_id=None, limit=20)
    assert sum(row.details.n for row in rows) == 9


@engines_at_length("postgresql")
def test_a_person_alone_has_no_feed(services: Services) -> None:
    alone = ProjectPath("local", "p")
    log_run(services, LOCAL, "a0", Exit(START, 0), project=alone)
    services.runs.edit(LOCAL, alone.run("a0"), RunEdit(notes="good"))
    assert services.runs.get(LOCAL, alone.run("a0")).user == "root"
    assert feed(services, LOCAL, alone) == []
