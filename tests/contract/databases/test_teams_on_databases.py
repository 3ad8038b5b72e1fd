"""Teams, access to projects and moves of projects, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from at_length import engines_at_length
from postgres_cluster import share_disk
from service_uploads import Clock, WriterLog
from weft.errors import ConfigError, Conflict, Forbidden, Gone, Moved, NotFound
from weft.records.record import Config, Run
from weft.server.services.access.actors import LOCAL, SYSTEM, Actor, SeenAs
from weft.server.services.access.paths import ProjectPath, RegistryPath
from weft.server.services.access.permissions import Action, may
from weft.server.services.access.roles import Role
from weft.server.services.artifacts.linking import find_registry
from weft.server.services.opening.services import Services, open_services
from weft.server.services.removal.trash import expire
from weft.server.services.stores.people import People
from weft.server.services.users.audit import AuditQuery
from weft.wire.artifacts.registries import RegistryEdit
from weft.wire.projects.access import ProjectAccessEdit, ProjectMove, ProjectMoves
from weft.wire.server.accounts import AccountEdit
from weft.wire.server.keys import ServiceAccountAddition
from weft.wire.server.teams import Membership, TeamAddition, TeamEdit

DAY_MICROS = 86_400_000_000
RUNS = ProjectPath("lab", "runs")

Sign = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def zoe(lab: None, services: Services) -> None:
    """An administrator besides the team `lab`."""
    services.users.add_user(LOCAL, "zoe", is_admin=True)


@pytest.fixture
def sign(services: Services) -> Sign:
    def actor(name: str) -> Actor:
        account = services.users.account(SYSTEM, name)
        assert account is not None
        return account

    return actor


def log_run(services: Services, path: ProjectPath, run: str, by: Actor = LOCAL) -> WriterLog:
    log = WriterLog("w1")
    upload = log.upload(Run(run, path.project), Config(0, [(["lr"], 0.1)]), rows=[{"loss": 1.0}])
    services.ingest.apply_upload(by, path.run(run), upload)
    return log


def seen(services: Services, actor: Actor) -> list[str]:
    return sorted(f"{row.entity}/{row.project}" for row in services.projects.list(actor))


def test_roles_of_a_team_decide_at_once(services: Services, sign: Sign) -> None:
    log_run(services, RUNS, "r1", sign("bob"))
    with pytest.raises(Forbidden, match="that takes the role member"):
        log_run(services, RUNS, "r2", sign("eve"))
    eve = sign("eve")
    assert seen(services, eve) == ["lab/runs"]
    assert seen(services, sign("dan")) == []
    services.teams.put_member(sign("ada"), "lab", "dan", Membership(role="member"))
    log_run(services, RUNS, "r3", sign("dan"))
    with pytest.raises(Forbidden):
        services.teams.put_member(sign("bob"), "lab", "zoe", Membership(role="viewer"))
    services.teams.remove_member(eve, "lab", "eve")  # one leaves oneself
    assert seen(services, eve) == []
    with pytest.raises(Forbidden):
        services.teams.remove_member(sign("bob"), "lab", "dan")


def test_users_are_found_by_a_part_of_their_name(services: Services, sign: Sign) -> None:
    for user, display_name, email in (
        ("dan", "Ada_lie Daniels", "dan@ada.example"),
        ("eve", "Eve Adams", "eve@lab.example"),
    ):
        edit = AccountEdit(display_name=display_name, email=email)
        services.accounts.edit(LOCAL, user, edit)
    services.accounts.edit(LOCAL, "eve", AccountEdit(is_disabled=True))
    services.service_accounts.add_service_account(
        LOCAL, "lab", ServiceAccountAddition(name="bot-ada")
    )

    def names(who: str, search: str, limit: int = 10) -> list[str]:
        return [
            user.name for user in services.users.match(sign(who), search=search, limit=limit).users
        ]

    assert names("zoe", "ADA") == ["ada", "dan", "eve", "bot-ada"], "beginnings of words first"
    assert names("zoe", "ada", limit=2) == ["ada", "dan"]
    assert names("zoe", "lab.example") == ["eve"], "administrators also search mail addresses"
    assert names("zoe", "e_l") == [], "no character stands for others"
    assert len(names("zoe", "")) == 6
    assert names("bob", "ada") == ["ada", "eve", "bot-ada"], "others find members of their teams"
    assert names("bob", "lab.example") == []
    assert names("dan", "") == ["dan"]
    eve, bot = services.users.match(sign("ada"), search="a", limit=10).users[-2:]
    assert (eve.is_disabled, bot.team) == (True, "lab")
    listed = services.users.list(LOCAL, search=" ADA", limit=2)
    assert ([user.name for user in listed.users], listed.n_users) == (["ada", "bot-ada"], 4)
    assert services.users.list(LOCAL, search="e_l").n_users == 0
    assert services.users.list(LOCAL).n_users == 6


@engines_at_length("postgresql")
def test_the_last_admin_stays(services: Services, sign: Sign) -> None:
    ada = sign("ada")
    for refused in (
        lambda: services.teams.remove_member(ada, "lab", "ada"),
        lambda: services.teams.put_member(ada, "lab", "ada", Membership(role="member")),
        lambda: services.accounts.edit(LOCAL, "ada", AccountEdit(is_disabled=True)),
        lambda: services.users.remove(LOCAL, "ada"),
    ):
        with pytest.raises(Conflict, match="last admin of the team lab"):
            refused()
    for refused in (
        lambda: services.accounts.edit(LOCAL, "zoe", AccountEdit(is_disabled=True)),
        lambda: services.users.remove(LOCAL, "zoe"),
    ):
        with pytest.raises(Conflict, match="last administrator"):
            refused()
    services.teams.put_member(ada, "lab", "bob", Membership(role="admin"))
    services.accounts.edit(LOCAL, "bob", AccountEdit(is_disabled=True))
    with pytest.raises(Conflict, match="last admin"):  # a disabled admin does not count
        services.teams.remove_member(ada, "lab", "ada")
    services.accounts.edit(LOCAL, "bob", AccountEdit(is_disabled=False))
    services.teams.remove_member(ada, "lab", "ada")


@engines_at_length("postgresql")
def test_a_service_account_is_no_admin_who_is_left(services: Services, sign: Sign) -> None:
    services.service_accounts.add_service_account(
        LOCAL, "lab", ServiceAccountAddition(name="lab-ci")
    )
    services.teams.put_member(LOCAL, "lab", "lab-ci", Membership(role="admin"))
    with pytest.raises(Conflict, match="last admin"):
        services.teams.remove_member(sign("ada"), "lab", "ada")


def test_of_the_last_two_admins_who_leave_at_once_one_stays(
    services: Services, url: str | None, tmp_path: Path
) -> None:
    """And of the last two administrators; on PostgreSQL in two server processes."""
    services.users.add_user(LOCAL, "yan", is_admin=True)
    share_disk(tmp_path, tmp_path / "other")
    others = services if url is None else open_services(tmp_path / "other", url, jobs=False)

    def at_once(*calls: Callable[[], object]) -> list[str]:
        barrier = threading.Barrier(len(calls))

        def run(call: Callable[[], object]) -> str:
            barrier.wait()
            try:
                call()
            except Conflict as error:
                return str(error)
            return "done"

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(run, calls))

    is_disabled = AccountEdit(is_disabled=True)
    for _ in range(5):
        services.teams.put_member(LOCAL, "lab", "ada", Membership(role="admin"))
        services.teams.put_member(LOCAL, "lab", "bob", Membership(role="admin"))
        results = at_once(
            lambda: services.teams.remove_member(LOCAL, "lab", "ada"),
            lambda: others.teams.remove_member(LOCAL, "lab", "bob"),
        )
        assert sum(result == "done" for result in results) == 1, results
        assert any("last admin of the team lab" in result for result in results)
        results = at_once(
            lambda: services.accounts.edit(LOCAL, "yan", is_disabled),
            lambda: others.accounts.edit(LOCAL, "zoe", is_disabled),
        )
        assert sum(result == "done" for result in results) == 1, results
        assert any("last administrator" in result for result in results)
        for name in ("yan", "zoe"):
            services.accounts.edit(LOCAL, name, AccountEdit(is_disabled=False))
    if others is not services:
        others.close()


@engines_at_length("postgresql")
def test_names_that_look_alike_or_are_reserved_are_refused(services: Services) -> None:
    for name in ("Lab", "l-a-b", "1ab", "Iab", "ADA", "b0b", "dan."):
        with pytest.raises(Conflict, match="looks like"):
            services.teams.add_team(LOCAL, TeamAddition(name=name, members={"ada": "admin"}))
        with pytest.raises(Conflict, match="looks like"):
            services.users.add_user(LOCAL, name)
    for name in ("settings", "API", "docs", "local", "registry", "teams"):
        with pytest.raises(ConfigError):
            services.teams.add_team(LOCAL, TeamAddition(name=name, members={"ada": "admin"}))
    with pytest.raises(Conflict, match="already"):
        services.users.add_user(LOCAL, "lab")
    with pytest.raises(ConfigError):
        services.teams.add_team(LOCAL, TeamAddition(name="lаb2"))  # Cyrillic


@engines_at_length("postgresql")
def test_a_newcomer_takes_over_no_work_of_the_name_unless_that_is_asked_for(
    services: Services, sign: Sign
) -> None:
    log_run(services, ProjectPath("dan", "private"), "r1", sign("dan"))
    services.users.remove(LOCAL, "dan")
    with pytest.raises(Conflict, match=r"'dan' is there already, with 1 project.*--take-over"):
        services.users.add_user(LOCAL, "dan")
    team = TeamAddition(name="dan", members={"ada": "admin"})
    with pytest.raises(Conflict, match="with 1 project"):
        services.teams.add_team(LOCAL, team)
    assert "dan" not in {user.name for user in services.users.list(LOCAL).users}
    services.users.add_user(LOCAL, "dan", take_over=True)
    assert seen(services, sign("dan")) == ["dan/private"]


@engines_at_length("postgresql")
def test_members_of_a_named_team_have_its_role_in_a_project(
    services: Services, sign: Sign
) -> None:
    log_run(services, RUNS, "r1")
    services.teams.add_team(LOCAL, TeamAddition(name="guests", members={"dan": "admin"}))
    services.access.edit(
        sign("ada"), RUNS, ProjectAccessEdit(visibility="restricted", teams={"guests": "viewer"})
    )
    dan = sign("dan")
    assert seen(services, dan) == ["lab/runs"]
    assert "members of the team guests" in services.access.explain(dan, RUNS, "dan").reason
    with pytest.raises(Forbidden, match="that takes the role member"):
        log_run(services, RUNS, "r2", dan)
    services.access.edit(sign("ada"), RUNS, ProjectAccessEdit(teams={"guests": "member"}))
    log_run(services, RUNS, "r2", dan)
    for refused, error in (({"absent": "viewer"}, NotFound), ({"lab": "viewer"}, Conflict)):
        with pytest.raises(error):
            services.access.edit(sign("ada"), RUNS, ProjectAccessEdit(teams=refused))  # type: ignore[arg-type]
    services.teams.delete(LOCAL, "guests")
    assert services.access.get(sign("ada"), RUNS).teams == {}
    assert seen(services, dan) == []
    services.teams.undelete(LOCAL, "guests")
    services.access.edit(sign("ada"), RUNS, ProjectAccessEdit(teams={"guests": None}))
    assert seen(services, dan) == []


@engines_at_length("postgresql")
def test_a_restricted_registry_does_not_exist_for_others(services: Services, sign: Sign) -> None:
    ada, bob, dan = sign("ada"), sign("bob"), sign("dan")
    path = RegistryPath("secret")
    secret = services.registries.put(ada, path, RegistryEdit(visibility="restricted"))
    assert (secret.visibility, secret.members) == ("restricted", {"ada": "admin"})
    services.registries.put(dan, RegistryPath("shared"), RegistryEdit())
    assert [row.name for row in services.registries.list(bob)] == ["shared"]
    for refused in (
        lambda: services.registries.get(bob, path),
        lambda: services.registries.edit(bob, path, RegistryEdit(description="new")),
        lambda: services.access.get(bob, ProjectPath("registry", "secret")),
        lambda: services.artifacts.list(bob, ProjectPath("registry", "secret"), limit=1),
    ):
        with pytest.raises(NotFound):
            refused()
    with services.stores.metadata.read() as tx:
        for name in ("secret", "absent"):
            with pytest.raises(NotFound, match="there are model, dataset, shared;"):
                find_registry(services.stores, tx, bob, name)
    with pytest.raises(Conflict, match="is taken"):
        services.registries.put(bob, path, RegistryEdit())
    services.registries.edit(ada, path, RegistryEdit(teams={"lab": "viewer"}))
    assert services.registries.get(bob, path).role == "viewer"
    with pytest.raises(NotFound):
        services.registries.get(dan, path)
    services.registries.edit(ada, path, RegistryEdit(visibility="open", default_role="viewer"))
    assert services.registries.get(dan, path).role == "viewer"
    with pytest.raises(Conflict, match="make it restricted"):
        services.registries.edit(ada, path, RegistryEdit(visibility="private"))


@engines_at_length("postgresql")
def test_visibility_and_why(services: Services, sign: Sign) -> None:
    log_run(services, RUNS, "r1")
    ada, eve, dan = sign("ada"), sign("eve"), sign("dan")
    with pytest.raises(Forbidden):
        services.access.edit(eve, RUNS, ProjectAccessEdit(visibility="public"))
    services.access.edit(ada, RUNS, ProjectAccessEdit(visibility="restricted"))
    assert seen(services, eve) == []
    why = services.access.explain(ada, RUNS, "eve")
    assert (why.role, why.may) == (None, [])
    assert "restricted" in why.reason
    with pytest.raises(NotFound):  # what one may not see does not exist
        services.access.explain(eve, RUNS, "eve")
    services.access.edit(ada, RUNS, ProjectAccessEdit(members={"dan": "member"}))
    why = services.access.explain(dan, RUNS, "dan")
    assert (why.role, why.reason) == ("member", "named in the project as member")
    assert why.may == ["read", "log", "write", "share", "delete"]
    with pytest.raises(Forbidden):
        services.access.explain(dan, RUNS, "bob")
    services.access.edit(
        ada, RUNS, ProjectAccessEdit(visibility="open", open_role="viewer", members={"dan": None})
    )
    assert seen(services, dan) == ["lab/runs"]
    assert services.access.get(dan, RUNS).role == "viewer"
    with pytest.raises(Conflict, match="lab are open or public: runs"):
        services.teams.edit(ada, "lab", TeamEdit(is_closed=True))
    services.access.edit(ada, RUNS, ProjectAccessEdit(visibility="private"))
    services.teams.edit(ada, "lab", TeamEdit(is_closed=True))
    with pytest.raises(Conflict, match="is closed"):
        services.access.edit(ada, RUNS, ProjectAccessEdit(visibility="public"))
    assert services.access.explain(ada, RUNS, "bob").may == ["read", "log", "write", "delete"]
    assert services.projects.get(ada, RUNS).is_closed
    assert [project.is_closed for project in services.projects.list(ada)] == [True]


@engines_at_length("postgresql")
def test_new_projects_get_the_visibility_of_their_team(services: Services, sign: Sign) -> None:
    services.teams.edit(sign("ada"), "lab", TeamEdit(default_visibility="restricted"))
    log_run(services, RUNS, "r1")
    assert seen(services, sign("eve")) == []


@engines_at_length("postgresql")
def test_an_admin_looks_as_another_role(services: Services, sign: Sign) -> None:
    from dataclasses import replace

    log_run(services, RUNS, "r1")
    log_run(services, ProjectPath("dan", "own"), "r1")
    zoe = sign("zoe")
    as_viewer = replace(zoe, seen_as=SeenAs(Role.VIEWER))
    as_stranger = replace(zoe, seen_as=SeenAs())
    assert may(as_viewer, Action.READ, RUNS)
    assert seen(services, as_stranger) == []
    with pytest.raises(Forbidden, match="as a viewer"):
        services.projects.delete(as_viewer, RUNS)
    services.access.edit(LOCAL, RUNS, ProjectAccessEdit(visibility="restricted"))
    assert not may(as_viewer, Action.READ, RUNS)
    # What one does not manage is shown as to all who are signed in.
    bob = replace(sign("bob"), seen_as=SeenAs(Role.MEMBER))
    services.access.edit(LOCAL, RUNS, ProjectAccessEdit(visibility="private"))
    assert not may(bob, Action.READ, RUNS)
    services.access.edit(LOCAL, RUNS, ProjectAccessEdit(visibility="open"))
    assert may(bob, Action.READ, RUNS)


def test_a_project_moves_with_all_that_it_has(
    services: Services, sign: Sign, clock: Clock
) -> None:
    ada, dan = sign("ada"), sign("dan")
    old, new = ProjectPath("ada", "mnist"), ProjectPath("lab", "digits")
    log = log_run(services, old, "r1", ada)
    log_run(services, old, "r2", ada)
    log_run(services, old, "deleted", ada)
    log_run(services, old, "gone", ada)
    services.runs.delete(ada, old.run("deleted"))
    services.runs.delete(ada, old.run("gone"), permanently=True)
    before = services.runs.get(ada, old.run("r1"))
    with pytest.raises(Forbidden):
        services.moves.move(dan, old, ProjectMove(entity="dan"))
    with pytest.raises(Forbidden):  # ada may not put it into another's entity
        services.moves.move(ada, old, ProjectMove(entity="dan"))
    with pytest.raises(ConfigError):
        services.moves.move(ada, old, ProjectMove())
    moved = services.moves.move(ada, old, ProjectMove(entity="lab", project="digits"))
    assert (moved.entity, moved.project, moved.n_runs) == ("lab", "digits", 2)
    after = services.runs.get(ada, new.run("r1"))
    assert (after.created_micros, after.name, after.config) == (
        before.created_micros, before.name, before.config
    )  # fmt: skip
    # Old links lead on for those who may see it, and only for them.
    with pytest.raises(Moved) as raised:
        services.runs.get(sign("bob"), old.run("r1"))
    assert raised.value.path == "lab/digits/r1"
    with pytest.raises(Forbidden):
        services.runs.get(dan, old.run("r1"))
    # Late uploads arrive, of runs that were there and of new ones.
    ack = services.ingest.apply_upload(ada, old.run("r1"), log.upload(rows=[{"loss": 0.5}]))
    assert ack.entity == "lab"
    log_run(services, old, "r4", ada)
    assert seen(services, ada) == ["lab/digits"]
    assert services.projects.get(ada, new).n_runs == 3
    for path in (old.run("gone"), new.run("gone")):
        with pytest.raises(Gone):
            log_run(services, path.of_project, "gone", ada)
    services.runs.undelete(ada, new.run("deleted"))
    assert services.projects.get(ada, new).n_runs == 4
    # And back, under the old name.
    services.moves.move(ada, new, ProjectMove(entity="ada", project="mnist"))
    assert services.projects.get(ada, old).n_runs == 4
    with pytest.raises(Moved):
        services.projects.get(ada, new)
    services.ingest.apply_upload(ada, new.run("r1"), log.upload(rows=[{"loss": 0.4}]))
    assert services.runs.get(ada, old.run("r1")).state == before.state


@engines_at_length("postgresql")
def test_a_name_that_is_taken_is_refused(services: Services, sign: Sign) -> None:
    ada = sign("ada")
    log_run(services, ProjectPath("ada", "mnist"), "r1", ada)
    log_run(services, ProjectPath("lab", "mnist"), "r1", ada)
    with pytest.raises(Conflict, match="already"):
        services.moves.move(ada, ProjectPath("ada", "mnist"), ProjectMove(entity="lab"))
    with pytest.raises(ConfigError):
        services.moves.move(ada, ProjectPath("ada", "mnist"), ProjectMove(project="a/b"))


def test_projects_move_together_or_not_at_all(services: Services, sign: Sign) -> None:
    ada = sign("ada")
    logs = {
        name: log_run(services, ProjectPath("ada", name), "r1", ada)
        for name in ("mnist", "cifar", "svhn", "taken")
    }
    log_run(services, ProjectPath("lab", "taken"), "r1", ada)
    log_run(services, ProjectPath("dan", "own"), "r1", sign("dan"))
    every = [*(f"ada/{name}" for name in logs), "dan/own", "ada/absent"]
    request = ProjectMoves(projects=every, entity="lab", dry_run=True)
    report = services.moves.move_many(ada, request)
    refusals = {move.project: move.refusal or "" for move in report.moves}
    assert not report.is_moved
    assert [refusals[f"ada/{name}"] for name in ("mnist", "cifar", "svhn")] == ["", "", ""]
    assert "there is a project lab/taken already" in refusals["ada/taken"]
    assert "belongs to dan" in refusals["dan/own"]
    assert refusals["ada/absent"] == "no project ada/absent"
    with pytest.raises(Conflict, match="lab/taken already"):
        services.moves.move_many(ada, ProjectMoves(projects=every, entity="lab"))
    assert "ada/mnist" in seen(services, ada), "none was moved"
    both = ProjectMoves(projects=["ada/taken", "lab/taken"], entity="dan", dry_run=True)
    assert [m.refusal is None for m in services.moves.move_many(LOCAL, both).moves] == [
        True,
        False,
    ]
    with pytest.raises(Forbidden, match="not a member of dan"):
        services.moves.move_many(ada, ProjectMoves(projects=["ada/mnist"], entity="dan"))
    with pytest.raises(ConfigError, match="not an ENTITY/PROJECT"):
        services.moves.move_many(ada, ProjectMoves(projects=["mnist"], entity="lab"))
    before = services.runs.get(ada, ProjectPath("ada", "mnist").run("r1"))
    report = services.moves.move_many(ada, ProjectMoves(projects=every[:3], entity="lab"))
    assert [move.to for move in report.moves] == ["lab/mnist", "lab/cifar", "lab/svhn"]
    for name in ("mnist", "cifar", "svhn"):
        old, new = ProjectPath("ada", name).run("r1"), ProjectPath("lab", name).run("r1")
        assert services.runs.get(ada, new).created_micros > 0
        with pytest.raises(Moved):
            services.runs.get(ada, old)
        services.ingest.apply_upload(ada, old, logs[name].upload(rows=[{"loss": 0.5}]))
    after = services.runs.get(ada, ProjectPath("lab", "mnist").run("r1"))
    assert (after.created_micros, after.name) == (before.created_micros, before.name)
    page = services.audit.page(LOCAL, AuditQuery(action="project.move"))
    assert [entry.object for entry in page.entries] == ["ada/svhn", "ada/cifar", "ada/mnist"]


def test_a_user_leaves_and_hands_the_work_over(services: Services, sign: Sign) -> None:
    for project in ("mnist", "cifar"):
        log_run(services, ProjectPath("dan", project), "r1", sign("dan"))
    log_run(services, ProjectPath("lab", "mnist"), "r9", sign("ada"))
    services.accounts.edit(LOCAL, "dan", AccountEdit(is_disabled=True))
    assert services.users.account(SYSTEM, "dan") is None
    with pytest.raises(NotFound):
        services.users.remove(LOCAL, "dan", hand_to="nobody-there")
    removal = services.users.remove(LOCAL, "dan", hand_to="lab")
    assert {(move.project, str(move.moved_to)) for move in removal.projects} == {
        ("mnist", "lab/dan-mnist"),
        ("cifar", "lab/cifar"),
    }
    assert seen(services, sign("eve")) == ["lab/cifar", "lab/dan-mnist", "lab/mnist"]
    with pytest.raises(Moved):
        services.projects.get(sign("eve"), ProjectPath("dan", "mnist"))


@engines_at_length("postgresql")
def test_a_deleted_team_is_in_the_trash(services: Services, sign: Sign, clock: Clock) -> None:
    log_run(services, RUNS, "r1")
    services.access.edit(LOCAL, RUNS, ProjectAccessEdit(visibility="public"))
    ada, bob = sign("ada"), sign("bob")
    with pytest.raises(Forbidden):
        services.teams.delete(bob, "lab")
    services.teams.delete(ada, "lab")
    assert seen(services, bob) == []
    assert services.users.anyone(SYSTEM) is None
    assert services.teams.list(ada) == []
    with pytest.raises(Conflict):
        services.users.add_user(LOCAL, "lab")
    assert [team.name for team in services.teams.list(ada, trashed=True)] == ["lab"]
    assert services.teams.list(bob, trashed=True) == []
    with pytest.raises(Forbidden):
        services.teams.undelete(bob, "lab")
    services.teams.undelete(ada, "lab")
    assert seen(services, bob) == ["lab/runs"]
    services.teams.delete(ada, "lab")
    clock.micros += 31 * DAY_MICROS
    expire(services.stores)
    assert services.teams.list(ada, trashed=True) == []
    assert seen(services, LOCAL) == []
    services.users.add_user(LOCAL, "lab", take_over=True)


def test_a_second_process_sees_changes(services: Services, sign: Sign) -> None:
    other = People(services.stores.metadata)
    services.stores.metadata.projects.on_shared = services.stores.people.reload
    services.teams.remove_member(sign("ada"), "lab", "bob")
    assert "bob" in other.current.teams["lab"].members
    other.refresh()
    assert "bob" not in other.current.teams["lab"].members
