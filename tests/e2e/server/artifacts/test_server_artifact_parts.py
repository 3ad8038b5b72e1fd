"""Versions that get files of others, over HTTP: parts of several runs, and incremental ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest

from made_artifacts import add_artifact, send_artifact, send_contents, sha256
from run_log_bytes import HandMadeLog
from server_process import ServerProcess
from stored_blobs import stored_blobs
from weft.records.files.artifacts import ManifestEntry
from weft.records.record import Artifact, File

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def lab(server: ServerProcess, project: str) -> Iterator[Lab]:
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        yield Lab(client, project)


class Lab:
    """A project of the test's own, and runs that log parts there."""

    def __init__(self, client: httpx.Client, project: str) -> None:
        self.client = client
        self.project = project
        self.address = f"/api/v1/projects/local/{project}"

    def announce(
        self,
        run: str,
        files: Mapping[str, bytes],
        *,
        action: str = "log",
        distributed_id: str = "",
        **named: Any,
    ) -> tuple[HandMadeLog, bytes]:
        """Announce a version or a part by a run of its own; its log and its manifest."""
        log = HandMadeLog(run=run, writer=f"writer{run}", project=self.project)
        manifest = add_artifact(
            log, 1, files, action=action, distributed_id=distributed_id, **named
        )
        log.upload(self.client).raise_for_status()
        return log, manifest

    def store(self, run: str, files: Mapping[str, bytes], **named: Any) -> dict[str, Any]:
        """Log a version or a part with all of its contents; what became of it."""
        log, manifest = self.announce(run, files, **named)
        self.send(log, manifest, list(files.values()))
        return self.logged(run)

    def send(self, log: HandMadeLog, manifest: bytes, contents: Sequence[bytes]) -> None:
        send_artifact(self.client, f"local/{self.project}", log, manifest, contents)

    def logged(self, run: str) -> dict[str, Any]:
        logged = self.get(f"/runs/{run}/artifacts", folder="artifacts/0001")["logged"]
        return logged[0] if logged else {}

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self.client.get(self.address + path, params=query).raise_for_status().json()

    def contents(self, version: str, name: str = "data") -> dict[str, bytes]:
        files = self.get(f"/artifacts/{name}/versions/{version}/files")["files"]
        return {file["path"]: self.client.get(file["url"]).content for file in files}


def test_a_version_gets_the_files_of_all_parts(lab: Lab, server: ServerProcess) -> None:
    part = {"action": "part", "distributed_id": "night"}
    first = lab.store("one", {"a": b"of one", "same": b"same"}, **part)
    assert (first["state"], first["version"]) == ("part", None)
    lab.store("two", {"b": b"of two", "same": b"same"}, **part)
    lab.store("other", {"x": b"of another group"}, action="part", distributed_id="day")
    assert lab.client.get(f"{lab.address}/artifacts/data/versions/latest").status_code == 404
    last = lab.store("last", {"c": b"of the last"}, distributed_id="night", aliases=["whole"])
    assert (last["version"], last["aliases"]) == ("v0", ["latest", "whole"])
    assert lab.contents("v0") == {
        "a": b"of one", "b": b"of two", "c": b"of the last", "same": b"same",
    }  # fmt: skip
    version = lab.get("/artifacts/data/versions/v0")
    assert (version["n_files"], version["n_bytes"]) == (4, 27)
    assert lab.logged("one")["version"] == "v0"  # its part has become that version
    again = lab.store("again", {"d": b"later"}, distributed_id="night")
    assert again["version"] == "v1"  # the parts were taken
    assert lab.contents("v1") == {"d": b"later"}
    assert sha256(b"of another group") in stored_blobs(server.data)


def test_a_version_waits_for_parts_that_are_still_sent(lab: Lab) -> None:
    part = {"action": "part", "distributed_id": "night"}
    log, manifest = lab.announce("slow", {"a": b"slow"}, **part)
    last = lab.store("last", {"b": b"last"}, distributed_id="night")
    assert last["state"] == "awaited"
    lab.send(log, manifest, [b"slow"])
    assert lab.contents("v0") == {"a": b"slow", "b": b"last"}


def test_a_part_that_fails_fails_the_version_that_waits_for_it(lab: Lab) -> None:
    log = HandMadeLog(run="broken", writer="writerbroken", project=lab.project)
    path = "artifacts/0001.json"
    log.add(File(path, 0, "", 1, error="a.bin was changed after it was logged"))
    log.add(Artifact("part", "data", "dataset", path, [], 1, "night"))
    lab.store("good", {"b": b"good"}, action="part", distributed_id="night")
    log.upload(lab.client).raise_for_status()
    last = lab.store("last", {"c": b"last"}, distributed_id="night")
    assert last["state"] == "awaited"
    lab.client.get(f"{log.path}/log/{log.writer}/lacking").raise_for_status()
    last = lab.logged("last")
    assert last["state"] == "failed"
    assert last["error"] == "a part of it failed: a.bin was changed after it was logged"
    # Once that was told, the parts that are there make the next version.
    assert lab.store("again", {"c": b"last"}, distributed_id="night")["version"] == "v0"
    assert lab.contents("v0") == {"b": b"good", "c": b"last"}


def test_parts_with_different_files_at_one_path_make_no_version(lab: Lab) -> None:
    part = {"action": "part", "distributed_id": "night"}
    lab.store("one", {"a": b"one"}, **part)
    lab.store("two", {"a": b"two"}, **part)
    last = lab.store("last", {"b": b"last"}, distributed_id="night")
    assert (last["state"], last["error"]) == (
        "failed", "two parts of it have different files 'a'",
    )  # fmt: skip
    lab.store("folder", {"f/x": b"x"}, action="part", distributed_id="day")
    last = lab.store("clash", {"f": b"file"}, distributed_id="day")
    assert "the artifact has a file 'f', and 'f/x' in it" in last["error"]


def test_an_incremental_version_has_the_files_of_the_one_before(lab: Lab) -> None:
    lab.store("one", {"a": b"first", "b": b"kept"})
    version = lab.store("two", {"a": b"second", "c": b"new"}, is_incremental=True)
    assert (version["version"], version["n_files"]) == ("v1", 3)
    assert lab.contents("v1") == {"a": b"second", "b": b"kept", "c": b"new"}
    same = lab.store("three", {"c": b"new"}, is_incremental=True)
    assert same["version"] == "v1"  # nothing has changed
    assert lab.contents("v0") == {"a": b"first", "b": b"kept"}
    whole = lab.store("new", {"x": b"x"}, is_incremental=True, name="empty")
    assert whole["version"] == "v0"


def test_contents_that_a_draft_has_taken_over_are_not_sent_again(lab: Lab) -> None:
    lab.store("one", {"a": b"large", "b": b"other"})
    entry = ManifestEntry("a", 5, sha256(b"large"))
    new = ManifestEntry("c", 3, sha256(b"new"))
    log, manifest = lab.announce("two", {}, entries=[entry, new])
    send_contents(lab.client, f"local/{lab.project}", [manifest])
    lacking = lab.client.get(f"{log.path}/log/{log.writer}/lacking").json()
    assert [content["path"] for content in lacking["contents"]] == ["artifacts/0001/c"]
    send_contents(lab.client, f"local/{lab.project}", [b"new"])
    assert lab.contents("v1") == {"a": b"large", "c": b"new"}


def test_uses_of_versions_that_come_later_are_noted_then(lab: Lab) -> None:
    address = f"local/{lab.project}/data"
    for run, name, manifest in (
        ("by-version", f"{address}:v0", ""),
        ("by-alias", f"{address}:best", ""),
        ("by-latest", f"{address}:latest", ""),
        ("by-another", f"{address}:other", ""),
        ("by-folder", f"{address}:latest", "artifacts/0001.json"),
        ("by-other-folder", f"{address}:latest", "artifacts/0002.json"),
    ):
        log = HandMadeLog(run=run, writer=f"writer{run}", project=lab.project)
        log.add(Artifact("use", name, "", manifest, [], 1))
        log.upload(lab.client).raise_for_status()
        assert lab.get(f"/runs/{run}/artifacts")["used"] == []
    lab.store("made", {"a": b"a"}, aliases=["best"])

    def used(run: str) -> list[str]:
        return [used["version"] for used in lab.get(f"/runs/{run}/artifacts")["used"]]

    assert [used(run) for run in ("by-version", "by-alias", "by-latest", "by-folder")] == [
        ["v0"]
    ] * 4
    assert used("by-another") == used("by-other-folder") == []
    log = HandMadeLog(run="late", writer="writerlate", project=lab.project)
    log.add(Artifact("use", f"{address}:latest", "", "artifacts/0001.json", [], 1))
    log.upload(lab.client).raise_for_status()
    assert used("late") == ["v0"]
