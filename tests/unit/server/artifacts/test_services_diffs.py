"""Differences between two versions, by path, a page at a time."""

from __future__ import annotations

from typing import Any

import pytest

from service_artifacts import PROJECT, ArtifactLog
from weft.errors import ConfigError, NotFound
from weft.server.services.access.actors import LOCAL
from weft.server.services.opening.services import Services
from weft.wire.artifacts.files import ArtifactDiff, ChangeCounts
from weft.wire.artifacts.registries import NewLink

COUNTS = ChangeCounts(added=1, removed=1, changed=1, same=1)


@pytest.fixture(autouse=True)
def log(services: Services) -> ArtifactLog:
    log = ArtifactLog(services, "train")
    log.log("net", {"same": b"1", "gone": b"2", "edited": b"3"})
    log.log("net", {"same": b"1", "edited": b"33", "New": b"4"})
    return log


def diff(services: Services, before: str, ref: str = "v1", **query: Any) -> ArtifactDiff:
    return services.artifact_diffs.of_versions(LOCAL, PROJECT, "net", ref, before=before, **query)


def changes(page: ArtifactDiff) -> dict[str, str]:
    return {file.path: file.change for file in page.files}


def test_files_are_added_removed_and_changed(services: Services) -> None:
    page = diff(services, "v0")
    assert changes(page) == {"New": "added", "edited": "changed", "gone": "removed"}
    assert (page.before.version, page.after.version, page.counts) == ("v0", "v1", COUNTS)
    sizes = [
        (file.before and file.before.n_bytes, file.after and file.after.n_bytes)
        for file in page.files
    ]
    assert sizes == [(None, 1), (1, 2), (1, None)]
    back = diff(services, "v1", "v0")
    assert changes(back) == {"New": "removed", "edited": "changed", "gone": "added"}


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ("all", ["New", "edited", "gone", "same"]),
        ("same", ["same"]),
        ("added", ["New"]),
        ("removed", ["gone"]),
        ("changed", ["edited"]),
    ],
)
def test_one_kind_of_change_is_listed(services: Services, change: Any, paths: list[str]) -> None:
    page = diff(services, "v0", change=change)
    assert list(changes(page)) == paths
    assert page.counts == COUNTS, "of all kinds"


def test_pages_follow_one_another_and_the_first_alone_counts(services: Services) -> None:
    first = diff(services, "v0", limit=2)
    assert list(changes(first)) == ["New", "edited"]
    second = diff(services, "v0", limit=2, cursor=first.cursor)
    assert (list(changes(second)), second.counts, second.cursor) == (["gone"], None, None)


def test_a_search_ignores_case_and_counts_what_it_found(services: Services) -> None:
    page = diff(services, "v0", search="NE")
    assert list(changes(page)) == ["New", "gone"]
    assert page.counts == ChangeCounts(added=1, removed=1, changed=0, same=0)


def test_versions_of_other_collections_and_links_are_compared(
    services: Services, log: ArtifactLog
) -> None:
    log.log("other", {"same": b"1", "x": b"5"})
    assert changes(diff(services, "other:latest", change="same")) == {"same": "same"}
    services.artifacts.link(
        LOCAL, PROJECT, "net", "v0", NewLink(target="registry/model/digits", aliases=["best"])
    )
    page = diff(services, "registry/model/digits:best")
    assert changes(page) == changes(diff(services, "v0"))
    with pytest.raises(NotFound):
        diff(services, "v7")
    with pytest.raises(ConfigError):
        diff(services, "v0", cursor="none")
