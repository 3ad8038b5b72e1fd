"""Log lines about a metadata database that goes away and comes back."""

from __future__ import annotations

import time

import pytest

from weft.server.storage.metadata.database.outage import Outage

AWAY = "the database is not available: it hangs"
BACK = "the database is available again"


@pytest.fixture
def outage() -> Outage:
    """Of a database that was there."""
    outage = Outage("the database")
    outage.end()
    return outage


def test_an_outage_is_told_once_and_its_end(
    outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        outage.begin("it hangs", time.monotonic())
    outage.end()
    outage.end()
    outage.begin("it  hangs", time.monotonic())
    assert caplog.messages == [AWAY, BACK, AWAY]


def test_who_began_before_the_end_of_an_outage_tells_no_other(
    outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    early = time.monotonic()
    outage.begin("it hangs", early)
    outage.end()
    # its time limit comes when the database answers others again
    outage.begin("it hangs", early)
    assert caplog.messages == [AWAY, BACK]
    outage.begin("it hangs", time.monotonic())
    assert caplog.messages == [AWAY, BACK, AWAY]


def test_a_database_that_was_never_there_has_no_outage(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage("the database")
    outage.begin("it hangs", time.monotonic())
    outage.end()
    assert caplog.messages == []
