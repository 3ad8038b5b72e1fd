"""Keys, their limits, and service accounts, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from at_length import engines_at_length
from service_uploads import START
from weft.errors import ConfigError, Conflict, Forbidden, NotFound
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import EntityPath, ProjectPath
from weft.server.services.access.permissions import SERVER, Action, may
from weft.server.services.opening.services import Services, open_services
from weft.server.storage.metadata import AuditFilter
from weft.wire.projects.projects import ProjectEdit
from weft.wire.server.keys import KeyAddition, KeyEdit, ServiceAccountAddition

pytestmark = pytest.mark.usefixtures("ticking")

DAY = 86_400_000_000


def with_key(services: Services, key: str) -> Actor:
    actor = services.users.owner(LOCAL, key)
    assert actor is not None
    return actor


def add_user(services: Services, name: str) -> Actor:
    """A user in a browser."""
    services.users.add_user(LOCAL, name)
    actor = services.users.account(LOCAL, name)
    assert actor is not None
    return actor


def add_team(services: Services, name: str, admin: str) -> None:
    with services.stores.people.write() as tx:
        connection = tx.connection
        connection.execute(
            text("INSERT INTO team (name, created_micros) VALUES (:name, 1)"), {"name": name}
        )
        connection.execute(
            text(
                "INSERT INTO entity (name, created_micros, team_id)"
                " SELECT name, 1, id FROM team WHERE name = :name"
            ),
            {"name": name},
        )
        services.stores.metadata.accounts.join_team(tx, admin, name, "admin", 1)


@engines_at_length("postgresql")
def test_a_key_may_what_its_scope_and_limit_allow(services: Services) -> None:
    ada = add_user(services, "ada")
    add_team(services, "lab", "ada")
    for path in (ProjectPath("ada", "mnist"), ProjectPath("lab", "cifar")):
        services.projects.put(LOCAL, path, ProjectEdit())
    new = services.keys.create(ada, KeyAddition(name=" nightly  run ", scope="log", days=2))
    assert new.name == "nightly run"
    assert new.api_key.startswith(new.prefix)
    limited = services.keys.create(ada, KeyAddition(entity="lab", scope="write"))
    narrow = services.keys.create(ada, KeyAddition(entity="lab", project="cifar", scope="admin"))
    assert [key.id for key in services.keys.list(ada)][:3] == [narrow.id, limited.id, new.id]

    log, team, project = (with_key(services, key.api_key) for key in (new, limited, narrow))
    assert may(log, Action.LOG, ProjectPath("ada", "mnist"))
    assert not may(log, Action.WRITE, ProjectPath("ada", "mnist"))
    assert may(team, Action.WRITE, ProjectPath("lab", "cifar"))
    assert not may(team, Action.READ, ProjectPath("ada", "mnist"))
    assert project.entity == "lab"
    assert may(project, Action.ADMIN, ProjectPath("lab", "cifar"))
    assert not may(project, Action.READ, ProjectPath("lab", "other"))
    assert not may(project, Action.ADMIN, EntityPath("lab"))
    for key, message in (
        (KeyAddition(project="cifar"), "name its entity"),
        (KeyAddition(entity="lab", project="absent"), "no project lab/absent"),
    ):
        with pytest.raises((ConfigError, NotFound), match=message):
            services.keys.create(ada, key)
    with pytest.raises(Forbidden):
        services.keys.create(ada, KeyAddition(entity="bob"))


@engines_at_length("postgresql")
def test_a_key_makes_none_that_may_more_and_replaces_none(services: Services) -> None:
    ada = add_user(services, "ada")
    add_user(services, "bob")
    add_team(services, "lab", "ada")
    whole, ending, lesser, limited = (
        with_key(services, services.keys.create(ada, new).api_key)
        for new in (
            KeyAddition(scope="admin"),
            KeyAddition(scope="admin", days=2),
            KeyAddition(scope="write"),
            KeyAddition(scope="admin", entity="ada"),
        )
    )
    assert services.keys.create(whole, KeyAddition(scope="admin")).scope == "admin"
    assert services.keys.create(ending, KeyAddition(days=1)).scope == "write"
    for days in (None, 3):
        with pytest.raises(Forbidden, match="end later than"):
            services.keys.create(ending, KeyAddition(scope="read", days=days))
    for actor in (lesser, limited):
        with pytest.raises(Forbidden):
            services.keys.create(actor, KeyAddition(scope="read", entity="ada", days=1))
        with pytest.raises(Forbidden):
            services.users.change_key(actor, "ada")
    services.service_accounts.add_service_account(ada, "lab", ServiceAccountAddition(name="ci"))
    of_lab = with_key(
        services, services.keys.create(ada, KeyAddition(scope="admin", entity="lab")).api_key
    )
    with pytest.raises(Forbidden, match="allow more than"):
        services.keys.create(of_lab, KeyAddition(scope="read"), "ci")
    assert services.keys.create(of_lab, KeyAddition(entity="lab"), "ci").entity == "lab"
    with pytest.raises(Forbidden, match="bob is a person"):
        services.keys.create(LOCAL, KeyAddition(), "bob")
    with pytest.raises(Forbidden, match="only administrators"):
        services.keys.list(ada, "bob")


@engines_at_length("postgresql")
def test_a_revoked_key_and_what_it_signed_end(services: Services) -> None:
    ada = add_user(services, "ada")
    add_user(services, "bob")
    new = services.keys.create(ada, KeyAddition(scope="log"))
    seal = services.users.seal(LOCAL, "ada")
    bob = services.users.account(LOCAL, "bob")
    assert bob is not None
    for call in (
        lambda: services.keys.revoke(bob, new.id),
        lambda: services.keys.edit(bob, new.id, KeyEdit(name="mine")),
        lambda: services.keys.revoke(bob, 10**6),
    ):
        with pytest.raises(NotFound, match="no key"):
            call()
    assert services.keys.edit(ada, new.id, KeyEdit(name="job")).name == "job"
    # A key that leaked may take itself away, though its scope is small.
    services.keys.revoke(with_key(services, new.api_key), new.id)
    assert services.users.owner(LOCAL, new.api_key) is None
    assert services.users.seal(LOCAL, "ada") != seal


def test_an_expired_key_is_refused(tmp_path: Path) -> None:
    now = START
    services = open_services(tmp_path, now=lambda: now)
    ada = add_user(services, "ada")
    key = services.keys.create(ada, KeyAddition(days=1)).api_key
    now += DAY - 1
    assert services.users.owner(LOCAL, key) is not None
    now += 1
    assert services.users.owner(LOCAL, key) is None
    assert "has ended" in (services.users.key_refusal(LOCAL, key) or "")
    services.close()


def test_a_key_of_a_project_goes_with_it(services: Services) -> None:
    ada = add_user(services, "ada")
    path = ProjectPath("ada", "mnist")
    services.projects.put(LOCAL, path, ProjectEdit())
    key = services.keys.create(ada, KeyAddition(entity="ada", project="mnist")).api_key
    services.projects.delete(LOCAL, path, permanently=True)
    services.background.resume()
    assert services.users.owner(LOCAL, key) is None
    services.stores.people.reload()
    assert services.users.owner(LOCAL, key) is None


def test_the_last_use_is_written_later_and_rarely(services: Services) -> None:
    ada = add_user(services, "ada")
    new = services.keys.create(ada, KeyAddition(scope="read"))
    stores = services.stores
    for address in ("192.0.2.7", "192.0.2.8"):
        services.keys.used(replace(with_key(services, new.api_key), address=address))
    assert services.keys.list(ada)[0].used_micros is None
    stores.key_uses.save(stores.metadata)
    key = services.keys.list(ada)[0]
    assert key.used_address == "192.0.2.7"
    assert key.used_micros is not None


@engines_at_length("postgresql")
def test_a_service_account_logs_to_its_team(services: Services) -> None:
    ada = add_user(services, "ada")
    bob = add_user(services, "bob")
    add_team(services, "lab", "ada")
    services.service_accounts.add_service_account(
        ada, "lab", ServiceAccountAddition(name="lab-ci")
    )
    assert [each.name for each in services.service_accounts.list(ada, "lab")] == ["lab-ci"]
    for name in ("lab-ci", "LAB", "bob"):
        with pytest.raises(Conflict, match="already" if name != "LAB" else "looks like"):
            services.service_accounts.add_service_account(
                ada, "lab", ServiceAccountAddition(name=name)
            )
    with pytest.raises(Forbidden):
        services.service_accounts.add_service_account(
            bob, "lab", ServiceAccountAddition(name="bobs")
        )
    key = services.keys.create(ada, KeyAddition(scope="log"), "lab-ci")
    assert [each.id for each in services.keys.list(ada, "lab-ci")] == [key.id]
    robot = with_key(services, key.api_key)
    assert robot.entity == "lab"
    assert may(robot, Action.LOG, ProjectPath("lab", "mnist"))
    assert not may(robot, Action.LOG, ProjectPath("ada", "mnist"))
    assert not may(robot, Action.ADMIN, SERVER)
    with pytest.raises(Forbidden, match="keys and no password"):
        services.accounts.set_password(LOCAL, "lab-ci", "correct horse battery")
    # To a stranger the account is a name like any other.
    with pytest.raises(Forbidden, match="only administrators"):
        services.keys.list(bob, "lab-ci")
    with pytest.raises(NotFound, match="no service account 'ada'"):
        services.service_accounts.remove(ada, "lab", "ada")
    services.service_accounts.remove(ada, "lab", "lab-ci")
    assert services.users.owner(LOCAL, key.api_key) is None
    with services.stores.metadata.read() as tx:
        rows = services.stores.metadata.audit.page(
            tx, AuditFilter(entities=["lab"]), before_id=None, limit=9
        )
    assert [row.action for row in rows] == [
        "service_account.remove",
        "key.add",
        "service_account.add",
    ]
    assert not any(key.api_key in f"{row}" for row in rows)
