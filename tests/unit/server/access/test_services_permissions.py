"""Roles, visibility and limits of keys decide together who may do what."""

from __future__ import annotations

import pytest

from weft.errors import Forbidden, NotFound
from weft.server.services.access.actors import ANYONE, Actor, SeenAs
from weft.server.services.access.directory import (
    Directory,
    DirectoryHolder,
    KeyEntry,
    ProjectEntry,
    TeamEntry,
    UserEntry,
)
from weft.server.services.access.paths import EntityPath, ProjectPath, RegistryPath
from weft.server.services.access.permissions import (
    SERVER,
    Action,
    grant,
    may,
    project_roles,
    require,
)
from weft.server.services.access.roles import Role

PEOPLE = DirectoryHolder(
    Directory(
        users={name: UserEntry(name) for name in ("ada", "bob", "eve", "fay", "dan")},
        teams={
            "lab": TeamEntry(
                {"ada": Role.ADMIN, "bob": Role.MEMBER, "eve": Role.VIEWER, "fay": Role.MEMBER}
            )
        },
        projects={
            ("lab", "secret"): ProjectEntry("restricted", members={"bob": Role.VIEWER}),
            ("lab", "shared"): ProjectEntry("open", Role.MEMBER),
            ("lab", "paper"): ProjectEntry("public"),
            ("lab", "cut"): ProjectEntry("private", members={"fay": Role.VIEWER}),
            ("lab", "narrow"): ProjectEntry("open", Role.MEMBER, members={"eve": Role.VIEWER}),
            ("dan", "notes"): ProjectEntry("open", members={"eve": Role.ADMIN}),
            ("registry", "hidden"): ProjectEntry("restricted", members={"bob": Role.MEMBER}),
            ("registry", "model"): ProjectEntry("open", Role.MEMBER),
        },
        has_public=True,
    )
)


def user(name: str, **attributes: object) -> Actor:
    return Actor("user", name, people=PEOPLE, **attributes)  # type: ignore[arg-type]


# project: the roles of ada (admin), bob (member), eve (viewer), dan (a stranger), anyone
ROLES = {
    ("lab", "runs"): (Role.ADMIN, Role.MEMBER, Role.VIEWER, None, None),
    ("lab", "secret"): (Role.ADMIN, Role.VIEWER, None, None, None),
    ("lab", "shared"): (Role.ADMIN, Role.MEMBER, Role.MEMBER, Role.MEMBER, None),
    ("lab", "paper"): (Role.ADMIN, Role.MEMBER, Role.VIEWER, Role.VIEWER, Role.VIEWER),
    ("dan", "notes"): (Role.VIEWER, Role.VIEWER, Role.ADMIN, Role.ADMIN, None),
    ("dan", "private"): (None, None, None, Role.ADMIN, None),
}


@pytest.mark.parametrize("path", ROLES)
def test_the_role_in_a_project(path: tuple[str, str]) -> None:
    anyone = Actor("anyone", people=PEOPLE)
    actors = [user("ada"), user("bob"), user("eve"), user("dan"), anyone]
    assert tuple(grant(actor, ProjectPath(*path)).role for actor in actors) == ROLES[path]
    for actor, role in zip(actors, ROLES[path], strict=True):
        least = {Action.READ: 1, Action.ADMIN: 3}
        for action in Action:
            assert may(actor, action, ProjectPath(*path)) == ((role or 0) >= least.get(action, 2))


def test_roles_for_lists_are_those_of_single_decisions() -> None:
    keys = [
        KeyEntry(1, "bob", "weft_1", "read", *limit, None)
        for limit in ((None, None), ("lab", None), ("lab", "secret"))
    ]
    actors = [
        Actor("anyone", people=PEOPLE),
        Actor("local", people=PEOPLE),
        user("root", is_admin=True),
        user("root", is_admin=True, seen_as=SeenAs(Role.VIEWER)),
        user("ada", seen_as=SeenAs(user="bob")),
        user("ada", share="ab12"),
        *(user("bob", key=key) for key in keys),
        *map(user, ("ada", "bob", "eve", "fay", "dan")),
    ]
    paths = [ProjectPath(*path) for path in (*PEOPLE.current.projects, *ROLES)]
    for actor in actors:
        role_in = project_roles(actor)
        for path in paths:
            may_read = may(actor, Action.READ, path)
            assert role_in(*path) == (grant(actor, path).role if may_read else None), (actor, path)


def test_a_service_account_has_no_projects_of_its_own() -> None:
    accounts = {"ada": UserEntry("ada"), "bot": UserEntry("bot", team="lab")}
    teams = {"lab": TeamEntry({"ada": Role.ADMIN, "bot": Role.MEMBER})}
    people = DirectoryHolder(Directory(users=accounts, teams=teams))
    bot = Actor("user", "bot", people=people)
    require(bot, Action.WRITE, ProjectPath("lab", "runs"))
    with pytest.raises(Forbidden, match=r"no projects of its own: .* its team lab alone"):
        require(bot, Action.WRITE, ProjectPath("bot", "runs"))


def test_a_role_in_the_project_counts_instead_of_that_in_the_team() -> None:
    assert grant(user("fay"), ProjectPath("lab", "cut")).role is Role.VIEWER
    assert grant(user("fay"), ProjectPath("lab", "runs")).role is Role.MEMBER


def test_a_hidden_project_answers_like_one_that_does_not_exist() -> None:
    def answer(actor: Actor, action: Action, project: str, entity: str = "lab") -> str:
        with pytest.raises((NotFound, Forbidden)) as raised:
            require(actor, action, ProjectPath(entity, project))
        return f"{type(raised.value).__name__} {raised.value}".replace(project, "PROJECT")

    eve, dan = user("eve"), user("dan")
    assert answer(eve, Action.READ, "secret") == "NotFound no project lab/PROJECT"
    assert answer(dan, Action.READ, "secret") == answer(dan, Action.READ, "not-there")
    assert answer(dan, Action.WRITE, "runs") == answer(dan, Action.WRITE, "not-there")
    with pytest.raises(NotFound, match="no registry 'hidden'"):
        require(eve, Action.READ, RegistryPath("hidden"))


def test_a_refusal_names_the_role_that_it_takes() -> None:
    with pytest.raises(Forbidden, match="eve may not change lab/runs: that takes the role"):
        require(user("eve"), Action.WRITE, ProjectPath("lab", "runs"))
    with pytest.raises(Forbidden, match="theirs is member"):
        require(user("bob"), Action.ADMIN, EntityPath("lab"))
    require(user("bob"), Action.WRITE, RegistryPath("model"))


def key(scope: str, entity: str | None = None, project: str | None = None) -> KeyEntry:
    return KeyEntry(1, "ada", "weft-01234", scope, entity, project, None)


@pytest.mark.parametrize(
    ("scope", "n_allowed"), [("read", 1), ("log", 2), ("write", 5), ("admin", 6)]
)
def test_a_key_allows_no_more_than_its_scope(scope: str, n_allowed: int) -> None:
    actor = user("ada", key=key(scope))
    allowed = [may(actor, action, ProjectPath("lab", "runs")) for action in Action]
    assert allowed == [True] * n_allowed + [False] * (6 - n_allowed)


def test_a_key_is_limited_to_its_entity_or_project() -> None:
    in_lab = user("ada", key=key("admin", "lab"))
    assert may(in_lab, Action.WRITE, ProjectPath("lab", "runs"))
    assert not may(in_lab, Action.READ, ProjectPath("ada", "mnist"))
    assert may(user("ada"), Action.WRITE, RegistryPath("model"))
    assert may(in_lab, Action.READ, RegistryPath("model"))
    assert not may(in_lab, Action.WRITE, RegistryPath("model"))
    in_project = user("ada", is_admin=True, key=key("admin", "lab", "runs"))
    assert may(in_project, Action.ADMIN, ProjectPath("lab", "runs"))
    assert not may(in_project, Action.READ, ProjectPath("lab", "paper"))
    assert not may(in_project, Action.ADMIN, EntityPath("lab"))
    assert not may(in_project, Action.ADMIN, SERVER)
    with pytest.raises(Forbidden, match=r"weft-01234… may not read lab/paper.*for lab/runs al"):
        require(in_project, Action.READ, ProjectPath("lab", "paper"))


def test_an_administrator_sees_a_page_as_another_role_does() -> None:
    seen = user("root", is_admin=True, seen_as=SeenAs(Role.VIEWER))
    assert not may(seen, Action.ADMIN, SERVER)
    as_viewer = user("ada", seen_as=SeenAs(Role.VIEWER))
    assert may(as_viewer, Action.READ, ProjectPath("lab", "runs"))
    assert not may(as_viewer, Action.WRITE, ProjectPath("lab", "runs"))
    # All users are members, and eve is less than them: her view is no more than she is.
    narrow = ProjectPath("lab", "narrow")
    assert grant(user("eve", seen_as=SeenAs(Role.VIEWER)), narrow).role is Role.VIEWER


def test_an_admin_of_a_team_looks_as_a_user_and_learns_nothing_of_other_teams() -> None:
    def as_user(name: str) -> Actor:
        return user("ada", seen_as=SeenAs(user=name))

    for name in ("ada", "bob", "eve", "dan", "gone"):
        entry = PEOPLE.current.users.get(name)
        for project in ("runs", "secret", "shared", "paper"):
            path = ProjectPath("lab", project)
            own = entry is not None and may(user(name), Action.READ, path)
            assert may(as_user(name), Action.READ, path) == own, (name, project)
            for action in Action:
                assert action is Action.READ or not may(as_user(name), action, path)
    assert not may(as_user("bob"), Action.READ, ProjectPath("ada", "mnist")), "ada's own"
    assert not may(as_user("bob"), Action.READ, ProjectPath("bob", "mnist")), "bob's own"
    root = user("root", is_admin=True, seen_as=SeenAs(user="bob"))
    assert may(root, Action.READ, ProjectPath("bob", "mnist"))
    assert not may(root, Action.READ, ProjectPath("ada", "mnist"))


def test_someone_who_is_not_signed_in_reads_public_projects_alone() -> None:
    anyone = Actor("anyone", people=PEOPLE)
    assert may(anyone, Action.READ, SERVER)
    assert not may(ANYONE, Action.READ, SERVER), "a server without public projects"
    assert not may(anyone, Action.WRITE, ProjectPath("lab", "paper"))
    assert not may(anyone, Action.READ, RegistryPath("model"))
