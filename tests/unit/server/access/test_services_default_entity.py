"""The entity of runs that name none: a team of the user, for as long as they are in it."""

from __future__ import annotations

import pytest

from weft.errors import ConfigError
from weft.server.services.access import LOCAL, SYSTEM, Actor
from weft.server.services.opening import Services
from weft.wire.server.accounts import AccountEdit
from weft.wire.server.teams import TeamAddition


@pytest.fixture(autouse=True)
def lab(services: Services) -> None:
    for name in ("ada", "bob"):
        services.users.add_user(LOCAL, name)
    services.teams.add_team(
        LOCAL, TeamAddition(name="lab", members={"ada": "admin", "bob": "member"})
    )


def actor(services: Services, name: str) -> Actor:
    account = services.users.account(SYSTEM, name)
    assert account is not None
    return account


def test_runs_that_name_no_entity_go_to_the_default_one(services: Services) -> None:
    bob = actor(services, "bob")
    assert bob.entity == "bob"
    edited = services.accounts.edit(bob, "bob", AccountEdit(default_entity="lab"))
    assert edited.default_entity == "lab"
    assert actor(services, "bob").named("local") == "lab"
    services.teams.remove_member(actor(services, "ada"), "lab", "bob")
    assert actor(services, "bob").entity == "bob", "the user has left the team"


def test_only_a_team_of_the_user_can_be_it(services: Services) -> None:
    bob = actor(services, "bob")
    with pytest.raises(ConfigError, match="bob is in no team 'absent'"):
        services.accounts.edit(bob, "bob", AccountEdit(default_entity="absent"))
    services.accounts.edit(bob, "bob", AccountEdit(default_entity="lab"))
    services.accounts.edit(bob, "bob", AccountEdit(default_entity=None))
    assert actor(services, "bob").entity == "bob"
