"""Statements of clients before they name a run are kept in memory, within a share of each user."""

from __future__ import annotations

import pytest

from weft.errors import LimitExceeded, NotFound
from weft.server.services.access import Actor, RunPath
from weft.wandb_gateway.artifacts.runless import MAX_NOTES_BYTES, RunlessDrafts
from weft.wandb_gateway.artifacts.user_shares import UserShares

ADA, BOB = Actor("user", "ada"), Actor("user", "bob")


def test_one_user_does_not_push_out_another_ones_drafts() -> None:
    drafts = RunlessDrafts()
    drafts.put(ADA, "first", b"of ada")
    notes = bytes(MAX_NOTES_BYTES)
    for number in range(100):
        drafts.put(BOB, f"bob{number}", notes)
        drafts.adopt(BOB, f"old{number}", RunPath("bob", "p", "r"))
    assert drafts.notes("first") == b"of ada"
    assert drafts.notes("bob99") == notes
    with pytest.raises(NotFound, match="log it again"):
        drafts.notes("bob0")
    with pytest.raises(LimitExceeded, match="more than 4 MB"):
        drafts.put(BOB, "large", bytes(MAX_NOTES_BYTES + 1))
    drafts.adopt(ADA, "first", RunPath("ada", "p", "r"))
    with pytest.raises(NotFound):
        drafts.notes("first")
    assert drafts.run_of("first") == RunPath("ada", "p", "r")


def test_all_users_together_have_a_bound_which_takes_from_who_has_most() -> None:
    shares = UserShares[int](most_per_user=4, most=10)
    for number in range(3):
        shares.put("ada", f"a{number}", number)
    for user in ("bob", "cy"):
        for number in range(4):
            shares.put(user, f"{user}{number}", number)
    assert [shares.get(f"a{number}") for number in range(3)] == [0, 1, 2]
    handles = [shares.get(f"{user}{number}") for user in ("bob", "cy") for number in range(4)]
    assert handles.count(None) == 1
    assert shares.get("bob0") is None
    # a value that is replaced counts once, and may change its user
    shares.put("ada", "cy3", 7, size=2)
    assert (shares.get("cy3"), shares.get("a0"), shares.get("cy0")) == (7, None, 0)
    shares.remove("cy3")
    shares.remove("cy3")
    assert shares.get("cy3") is None
