"""Aliases of a collection: those that a change moves, and changes of an earlier state."""

from __future__ import annotations

import pytest

from weft.errors import Outdated
from weft.server.services.artifacts.aliases import check_expected, moved_aliases

NOW = {"latest": 2, "best": 1}


def test_only_aliases_that_get_another_version_move() -> None:
    assert moved_aliases(NOW, 2, added=["latest", "best", "new"], removed=[]) == {"best", "new"}
    assert moved_aliases(NOW, 2, added=[], removed=["latest", "best", "none"]) == {"latest"}


@pytest.mark.parametrize("expected", [{}, {"best": "v1"}, {"best": "v1", "new": None}])
def test_a_change_of_the_present_state_is_made(expected: dict[str, str | None]) -> None:
    check_expected(expected, NOW)


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"best": "v0"}, "alias 'best' is at v1 by now, not at v0"),
        ({"best": None}, "alias 'best' is at v1 by now, not at no version"),
        ({"latest": "v2", "gone": "v0"}, "alias 'gone' is at no version by now, not at v0"),
    ],
)
def test_a_change_of_an_earlier_state_is_refused(
    expected: dict[str, str | None], message: str
) -> None:
    with pytest.raises(Outdated, match=message):
        check_expected(expected, NOW)
