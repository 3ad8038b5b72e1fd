"""A person as read from the claims of a provider."""

from __future__ import annotations

from typing import Any

import pytest

from weft.server.services.users.oidc.person import Person, person_from, user_name_for
from weft.server.settings import GroupRole, OidcProvider

ISSUER = "https://id.example"


def read(claims: dict[str, Any], groups_claim: str = "groups") -> Person:
    provider = OidcProvider(name="lab", issuer=ISSUER, client_id="weft", groups_claim=groups_claim)
    return person_from({"iss": ISSUER, "sub": "7", **claims}, provider)


def test_claims_of_a_person_are_read() -> None:
    person = read(
        {
            "preferred_username": "ada",
            "name": "Ada  Lovelace",
            "email": "ada@lab.example",
            "email_verified": True,
            "groups": ["ml", 5],
        }
    )
    assert person == Person(
        ISSUER, "7", "ada", "Ada Lovelace", "ada@lab.example", True, frozenset({"ml"})
    )


@pytest.mark.parametrize("verified", [None, False, "false", 1.5, "yes", [True]])
def test_a_mail_counts_as_verified_only_if_the_provider_says_so(verified: object) -> None:
    assert not read({"email": "ada@lab.example", "email_verified": verified}).is_mail_verified
    assert read({"email": "ada@lab.example", "email_verified": "true"}).is_mail_verified


@pytest.mark.parametrize("mail", ["ada", "", "a b@c", "@x", 5, ["ada@lab.example"], "a@b@c"])
def test_a_malformed_mail_is_none(mail: object) -> None:
    assert read({"email": mail, "email_verified": True}).mail is None


@pytest.mark.parametrize(
    ("claims", "path", "groups"),
    [
        ({}, "groups", None),
        ({"groups": None}, "groups", None),
        ({"groups": []}, "groups", set()),
        ({"groups": "ml, leads"}, "groups", {"ml", "leads"}),
        ({"realm_access": {"roles": ["ml"]}}, "realm_access.roles", {"ml"}),
        ({"https://lab.example/groups": ["ml"]}, "https://lab.example/groups", {"ml"}),
        ({"realm_access": "ml"}, "realm_access.roles", None),
    ],
)
def test_groups_are_a_list_a_text_or_below_a_path(
    claims: dict[str, Any], path: str, groups: set[str] | None
) -> None:
    assert read(claims, path).groups == groups


def test_the_highest_role_of_all_groups_counts() -> None:
    roles = [
        GroupRole("all", "vision", "viewer"),
        GroupRole("leads", "vision", "admin"),
        GroupRole("ml", "vision", "member"),
        GroupRole("ml", "language", "member"),
        GroupRole("other", "audio", "admin"),
    ]
    groups = frozenset({"all", "leads", "ml"})
    assert Person(ISSUER, "7", groups=groups).roles(roles) == {
        "vision": "admin",
        "language": "member",
    }
    assert Person(ISSUER, "7", groups=None).roles(roles) == {}


@pytest.mark.parametrize(
    ("person", "name"),
    [
        (Person(ISSUER, "7", user_name="Ada.L"), "ada.l"),
        (Person(ISSUER, "7", mail="grace.hopper@lab.example"), "grace.hopper"),
        (Person(ISSUER, "7", display_name="Иван"), ""),
        (Person(ISSUER, "7", user_name="../x"), "x"),
        (Person(ISSUER, "7", user_name="__", mail="ada@lab.example"), "ada"),
    ],
)
def test_a_user_name_is_made_of_the_first_claim_that_gives_one(person: Person, name: str) -> None:
    assert user_name_for(person) == name
