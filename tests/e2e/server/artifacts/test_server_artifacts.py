"""Artifacts over HTTP: announced by a log, sent by hash, numbered, aliased, deleted, collected."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from at_length import at_length
from made_artifacts import add_artifact, send_contents, sha256
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from stored_blobs import stored_blobs
from weft.records.files.artifacts import Chunk, ManifestEntry
from weft.records.record import Artifact


@pytest.fixture
def lab(server: ServerProcess, project: str) -> Iterator[Lab]:
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        yield Lab(client, project)


class Lab:
    """A project of the test's own, and runs that log artifacts there."""

    def __init__(self, client: httpx.Client, project: str) -> None:
        self.client = client
        self.project = project
        self.address = f"/api/v1/projects/local/{project}"
        self.n_logged = 0

    def log(self, run: str = "run1") -> HandMadeLog:
        return HandMadeLog(run=run, writer=f"writer{run}", project=self.project)

    def add(
        self,
        log: HandMadeLog,
        files: Mapping[str, bytes],
        *,
        name: str = "data",
        kind: str = "dataset",
        aliases: Sequence[str] = (),
        entries: Sequence[ManifestEntry] | None = None,
        **described: Any,
    ) -> bytes:
        """Add a version to a log that was not sent yet; its manifest."""
        self.n_logged += 1
        return add_artifact(
            log, self.n_logged, files,
            name=name, kind=kind, aliases=aliases, entries=entries, **described,
        )  # fmt: skip

    def store(self, files: Mapping[str, bytes], run: str = "run1", **named: Any) -> dict[str, Any]:
        """Log a version with all of its contents from a run of its own; what became of it."""
        log = self.log(run)
        manifest = self.add(log, files, **named)
        log.upload(self.client).raise_for_status()
        self.send([manifest])
        self.lacking(log)
        self.send(list(files.values()))
        assert self.lacking(log)["contents"] == []
        return self.get(f"/runs/{run}/artifacts")["logged"][-1]

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self.client.get(self.address + path, params=query).raise_for_status().json()

    def patch(self, path: str, edit: Any) -> httpx.Response:
        return self.client.patch(self.address + path, json=edit)

    def send(self, contents: Sequence[bytes]) -> dict[str, Any]:
        return send_contents(self.client, f"local/{self.project}", contents)

    def lacking(self, log: HandMadeLog, **query: Any) -> dict[str, Any]:
        answer = self.client.get(f"{log.path}/log/{log.writer}/lacking", params=query)
        return answer.raise_for_status().json()

    def beat(self, log: HandMadeLog) -> int:
        position = len(log.data)
        answer = self.client.post(f"{log.path}/log/{log.writer}?position={position}", content=b"")
        return answer.raise_for_status().json()["n_lacking"]


def paths(answer: dict[str, Any]) -> list[str]:
    return [content["path"] for content in answer["contents"]]


def assert_problem(answer: httpx.Response, status: int, detail: str) -> None:
    assert answer.status_code == status, answer.text
    assert detail in answer.json()["detail"]


def test_a_version_is_numbered_once_all_of_its_contents_are_there(
    lab: Lab, server: ServerProcess
) -> None:
    log, files = lab.log(), {"train/a.bin": os.urandom(900), "b.bin": os.urandom(300_000)}
    manifest = lab.add(log, files, aliases=["best"], metadata={"rows": 3}, tags=["clean"])
    assert log.upload(lab.client).json()["n_lacking"] == 2  # the manifest, and what it will name
    lacking = lab.lacking(log)
    assert (paths(lacking), lacking["is_more"]) == (["artifacts/0001.json"], True)
    begun = lab.get("/runs/run1/artifacts")["logged"]
    assert [(draft["name"], draft["version"], draft["state"]) for draft in begun] == [
        ("data", None, "awaited")
    ]
    lab.send([manifest])
    lacking = lab.lacking(log)
    assert (paths(lacking), lacking["is_more"]) == (
        ["artifacts/0001/b.bin", "artifacts/0001/train/a.bin"],
        False,
    )
    assert paths(lab.lacking(log, limit=1)) == ["artifacts/0001/b.bin"]
    first = lab.lacking(log, limit=1)["cursor"]
    assert paths(lab.lacking(log, cursor=first)) == ["artifacts/0001/train/a.bin"]
    lab.send([files["b.bin"]])
    assert lab.beat(log) == 1
    assert lab.client.get(f"{lab.address}/artifacts/data/versions/v0").status_code == 404
    lab.send([files["train/a.bin"]])
    assert lab.beat(log) == 0
    version = lab.get("/artifacts/data/versions/best")
    assert version["version"] == "v0"
    assert version["aliases"] == ["best", "latest"]
    assert (version["metadata"], version["tags"]) == ({"rows": 3}, ["clean"])
    assert (version["n_files"], version["n_bytes"]) == (2, 300_900)
    assert version["logged_by"]["id"] == "run1"
    assert lab.get("/artifacts/data/versions/latest") == version
    assert lab.get(f"/artifacts/data/versions/{version['digest']}") == version
    listed = lab.get("/artifacts/data/versions/v0/files")["files"]
    assert [file["path"] for file in listed] == ["b.bin", "train/a.bin"]
    assert lab.client.get(listed[1]["url"]).content == files["train/a.bin"]
    part = lab.client.get(listed[0]["url"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, files["b.bin"][10:20])
    folder = lab.get("/artifacts/data/versions/v0/folder")
    assert folder["folders"] == [{"name": "train", "n_files": 1, "n_bytes": 900}]
    assert [file["path"] for file in folder["files"]] == ["b.bin"]
    assert {sha256(file) for file in files.values()} <= stored_blobs(server.data)


def test_a_version_that_equals_the_last_one_is_not_new(lab: Lab) -> None:
    files = {"x": b"one", "y": b"two"}
    first = lab.store(files)
    same = lab.store(dict(reversed(files.items())), "run2", aliases=["again"])
    assert (first["version"], same["version"]) == ("v0", "v0")
    assert same["aliases"] == ["again", "latest"]
    other = lab.store({"x": b"one"}, "run3")
    assert (other["version"], other["aliases"]) == ("v1", ["latest"])
    # an earlier version that comes again is new: it is what is in use now
    assert lab.store(files, "run4")["version"] == "v2"
    versions = lab.get("/artifacts/data/versions")["versions"]
    assert [version["version"] for version in versions] == ["v2", "v1", "v0"]
    assert lab.get("/artifacts/data")["aliases"] == {"again": "v0", "latest": "v2"}


def test_what_the_project_has_is_not_asked_for(lab: Lab) -> None:
    stored = os.urandom(5000)
    lab.store({"a": stored, "b": b"old"})
    log = lab.log("run2")
    manifest = lab.add(log, {"a": stored, "b": b"new"})
    log.upload(lab.client).raise_for_status()
    lab.send([manifest])
    assert [content["sha256"] for content in lab.lacking(log)["contents"]] == [sha256(b"new")]


def test_aliases_move_at_once_and_say_who_moved_them(lab: Lab) -> None:
    for n in range(3):
        lab.store({"x": b"%d" % n}, f"run{n}", aliases=["best"])
    assert lab.get("/artifacts/data/versions/best")["version"] == "v2"
    moved = lab.patch("/artifacts/data/versions/v0", {"add_aliases": ["best", "prod"]}).json()
    assert moved["aliases"] == ["best", "prod"]
    late = {"add_aliases": ["best"], "seen_aliases": {"best": "v2"}}
    assert_problem(lab.patch("/artifacts/data/versions/v1", late), 412, "at v0 by now, not at v2")
    assert lab.get("/artifacts/data")["aliases"] == {"best": "v0", "latest": "v2", "prod": "v0"}
    lab.patch("/artifacts/data/versions/v0", {"remove_aliases": ["prod"]}).raise_for_status()
    changes = lab.get("/artifacts/data/history")["changes"]
    assert [
        (change["user"], change["alias"], change["from_version"], change["to_version"])
        for change in changes
    ] == [
        ("local", "prod", "v0", None),
        ("local", "prod", None, "v0"),
        ("local", "best", "v2", "v0"),
        ("run run2", "best", "v1", "v2"),
        ("run run1", "best", "v0", "v1"),
        ("run run0", "best", None, "v0"),
    ]
    wrong = lab.patch("/artifacts/data/versions/v0", {"add_aliases": ["v7"]})
    assert_problem(wrong, 400, "the name of a version")


def test_a_deleted_version_frees_its_space_and_its_number_is_not_given_again(
    lab: Lab, server: ServerProcess
) -> None:
    shared, own = os.urandom(300_000), os.urandom(300_000)
    lab.store({"a": shared, "b": own}, aliases=["prod"])
    lab.store({"a": shared}, "run2")
    refused = lab.client.delete(f"{lab.address}/artifacts/data/versions/v0")
    assert_problem(refused, 409, "has the alias 'prod'")
    address = f"{lab.address}/artifacts/data/versions/v0?with_aliases=true"
    assert lab.client.delete(address).status_code == 204
    assert sha256(own) not in stored_blobs(server.data)
    assert sha256(shared) in stored_blobs(server.data)
    gone = lab.client.get(f"{lab.address}/artifacts/data/versions/v0")
    assert_problem(gone, 404, "its aliases are latest")
    lab.client.delete(f"{lab.address}/artifacts/data/versions/v1").raise_for_status()
    assert sha256(shared) not in stored_blobs(server.data)
    assert lab.store({"a": b"new"}, "run3")["version"] == "v2"
    assert lab.client.delete(f"{lab.address}/artifacts/data").status_code == 204
    assert lab.get("/artifacts")["collections"] == []
    assert sha256(b"new") not in stored_blobs(server.data)


def test_a_version_whose_time_is_over_is_deleted_unless_an_alias_names_it(
    lab: Lab, server: ServerProcess
) -> None:
    for n in range(3):
        lab.store({"x": b"%d" % n * 300_000}, f"run{n}", aliases=["kept"] if n == 1 else [])
    for version in ("v0", "v1"):
        lab.patch(f"/artifacts/data/versions/{version}", {"ttl_secs": 1}).raise_for_status()
    assert lab.get("/artifacts/data/versions/v0")["expires_micros"] is not None
    assert lab.get("/artifacts/data/versions/v0")["ttl_secs"] == 1
    wait_until(lambda: run_gc(server) and len(versions(lab)) == 2, secs=60, what="expiry")
    assert versions(lab) == ["v2", "v1"]
    assert sha256(b"0" * 300_000) not in stored_blobs(server.data)
    lab.patch("/artifacts/data/versions/v1", {"ttl_secs": None}).raise_for_status()
    assert lab.get("/artifacts/data/versions/v1")["expires_micros"] is None
    assert lab.get("/artifacts/data/versions/v1")["ttl_secs"] is None


def versions(lab: Lab) -> list[str]:
    return [version["version"] for version in lab.get("/artifacts/data/versions")["versions"]]


def run_gc(server: ServerProcess) -> bool:
    answer = httpx.post(f"{server.url}/api/v1/server/gc", json={}, timeout=60, trust_env=False)
    answer.raise_for_status()
    return True


def test_an_artifact_outlives_its_run_and_what_was_not_completed_does_not(
    lab: Lab, server: ServerProcess
) -> None:
    stored, lost = os.urandom(300_000), os.urandom(300_000)
    lab.store({"a": stored})
    log = lab.log("run2")
    manifest = lab.add(log, {"b": lost, "c": b"never sent"})
    log.upload(lab.client).raise_for_status()
    lab.send([manifest])
    lab.lacking(log)
    lab.send([lost])
    assert sha256(lost) in stored_blobs(server.data)
    for run in ("run1", "run2"):
        lab.client.delete(f"{lab.address}/runs/{run}?permanently=true").raise_for_status()
    assert sha256(lost) not in stored_blobs(server.data)
    version = lab.get("/artifacts/data/versions/v0")
    assert version["logged_by"] is None
    url = lab.get("/artifacts/data/versions/v0/files")["files"][0]["url"]
    assert lab.client.get(url).content == stored
    assert lab.client.delete(f"{lab.address}?permanently=true").is_success
    assert sha256(stored) not in stored_blobs(server.data)


def test_lineage_leads_from_data_over_runs_to_what_came_of_it(lab: Lab) -> None:
    lab.store({"x": b"rows"}, "make")
    train = lab.log("train")
    train.add(Artifact("use", f"local/{lab.project}/data:v0", "", "", [], 5))
    manifest = lab.add(train, {"w": b"weights"}, name="model", kind="model")
    train.upload(lab.client).raise_for_status()
    lab.send([manifest])
    lab.lacking(train)
    lab.send([b"weights"])
    evaluate = lab.log("evaluate")
    evaluate.add(Artifact("use", f"local/{lab.project}/model:latest", "", "", [], 5))
    evaluate.upload(lab.client).raise_for_status()
    graph = lab.get("/artifacts/data/versions/v0/lineage")
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    edges = {(names[edge["source"]], names[edge["target"]]) for edge in graph["edges"]}
    assert edges == {
        ("make", "data"), ("data", "train"), ("train", "model"), ("model", "evaluate")
    }  # fmt: skip
    assert graph["is_complete"]
    near = lab.get("/artifacts/model/versions/v0/lineage", depth=1)
    assert {node["name"] for node in near["nodes"]} == {"train", "model", "evaluate"}
    assert not near["is_complete"]
    assert [used["name"] for used in lab.get("/runs/train/artifacts")["used"]] == ["data"]
    around = lab.get("/runs/train/lineage")
    assert {node["name"] for node in around["nodes"]} == {*names.values()}
    assert len(around["edges"]) == 4
    near = lab.get("/runs/train/lineage", depth=1)
    assert {node["name"] for node in near["nodes"]} == {"data", "train", "model"}
    assert lab.client.get(f"{lab.address}/runs/none/lineage").status_code == 404


def test_collections_are_found_by_what_describes_them(lab: Lab) -> None:
    lab.store({"x": b"1"}, "a", name="digits", tags=["clean up"], metadata={"Größe": {"rows": 7}})
    lab.store({"x": b"2"}, "b", name="cats", description="Labelled 100% by hand")
    edit = {"description": "photos of Cats", "add_tags": ["pets", "old"]}
    lab.patch("/artifacts/cats", edit).raise_for_status()
    edit = {"type": "images", "add_tags": ["small"], "remove_tags": ["old"]}
    cats = lab.patch("/artifacts/cats", edit).raise_for_status().json()
    assert (cats["description"], cats["tags"]) == ("photos of Cats", ["pets", "small"])
    assert cats["type"] == cats["latest"]["type"] == "images"
    assert_problem(lab.patch("/artifacts/cats", {"add_tags": ["a/b"]}), 400, "invalid tag 'a/b'")
    assert_problem(lab.patch("/artifacts/cats", {"type": "a/b"}), 400, "type")

    def found(search: str) -> list[str]:
        return [
            collection["name"]
            for collection in lab.get("/artifacts", search=search)["collections"]
        ]

    assert found("") == ["cats", "digits"]
    assert found("IGI") == found("clean up") == found("größe") == ["digits"]
    assert found('"rows":7') == ["digits"]
    assert found("photos") == found("100%") == found("Pets") == ["cats"]
    assert found("0_%") == []


def test_what_is_being_sent_is_listed(lab: Lab) -> None:
    log = lab.log()
    manifest = lab.add(log, {"x": b"content"})
    log.upload(lab.client).raise_for_status()
    (listed,) = lab.get("/artifacts")["collections"]
    assert (listed["n_versions"], listed["n_begun"], listed["latest"]) == (0, 1, None)
    versions = lab.get("/artifacts/data/versions")
    assert (versions["versions"], [draft["state"] for draft in versions["begun"]]) == (
        [],
        ["awaited"],
    )
    lab.send([manifest])
    lab.lacking(log)
    (begun,) = lab.get("/artifacts/data/versions")["begun"]
    assert (begun["version"], begun["n_files"]) == (None, 1)
    lab.send([b"content"])
    assert lab.get("/artifacts/data")["n_begun"] == 0
    assert lab.get("/artifacts/data/versions")["begun"] == []


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([ManifestEntry("../token", 1, "0" * 64)], "has a segment '..'"),
        ([ManifestEntry("a", 1, "0" * 64), ManifestEntry("a/b", 1, "1" * 64)], "in it"),
        ([ManifestEntry("a", 1, "0" * 64), ManifestEntry("a", 1, "1" * 64)], "two files 'a'"),
        ([ManifestEntry("a", 1, "xyz")], "SHA-256 of 'a' is invalid"),
        ([ManifestEntry("a", -1, "0" * 64)], "is negative"),
        ([ManifestEntry("a", 9, "0" * 64, chunks=[Chunk(8, "1" * 64)])], "its 9 bytes"),
        ([ManifestEntry("a", 9, "0" * 64, chunks=[Chunk(9, "x")])], "chunk of 'a' is invalid"),
        ([ManifestEntry("a", 0, "0" * 64, chunks=[Chunk(0, "1" * 64)])], "chunk of 'a'"),
        (
            [ManifestEntry("a", 5 << 20, "0" * 64, chunks=[Chunk(5 << 20, "1" * 64)])],
            "chunk of 'a' is invalid",
        ),
    ],
)
def test_a_manifest_that_is_invalid_says_why(
    lab: Lab, entries: Sequence[ManifestEntry], reason: str
) -> None:
    log = lab.log()
    manifest = lab.add(log, {}, entries=entries)
    log.upload(lab.client).raise_for_status()
    lab.send([manifest])
    assert lab.lacking(log)["contents"] == []
    assert lab.beat(log) == 0
    (failed,) = lab.get("/runs/run1/artifacts")["logged"]
    assert failed["state"] == "failed"
    assert reason in failed["error"]


@pytest.mark.parametrize(
    "record",
    [
        Artifact("log", "a/b", "dataset", "artifacts/1.json"),
        Artifact("log", "data", "", "artifacts/1.json"),
        Artifact("log", "data", "dataset", "media/1.json"),
        Artifact("log", "data", "dataset", "artifacts/../1.json"),
        Artifact("log", "data", "dataset", "artifacts/1.json", ["v3"]),
        Artifact("log", "data", "dataset", "artifacts/1.json", [".."]),
        Artifact("use", "data", "", ""),
        Artifact("steal", "data", "", ""),
    ],
)
def test_a_record_that_breaks_a_rule_is_refused(lab: Lab, record: Artifact) -> None:
    log = lab.log()
    log.add(record)
    log.upload(lab.client).raise_for_status()
    assert lab.get("/runs/run1/artifacts") == {"logged": [], "used": [], "links": []}
    assert any("1 record" in warning for warning in lab.get("/runs/run1")["warnings"])


def test_a_collection_keeps_its_type(lab: Lab) -> None:
    lab.store({"x": b"1"})
    log = lab.log("run2")
    lab.add(log, {"x": b"2"}, kind="model")
    log.upload(lab.client).raise_for_status()
    (failed,) = lab.get("/runs/run2/artifacts")["logged"]
    assert failed["error"] == "artifact data has the type dataset, not model"


def test_versions_survive_a_kill_of_the_server(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
            lab = Lab(client, "kept")
            log = lab.log()
            manifest = lab.add(log, {"x": b"content"})
            log.upload(client).raise_for_status()
            lab.send([manifest])
        server.kill()
    with (
        start_server(tmp_path) as server,
        httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client,
    ):
        lab.client = client
        assert paths(lab.lacking(log)) == ["artifacts/0001/x"]
        lab.send([b"content"])
        assert lab.get("/artifacts/data/versions/v0")["n_files"] == 1


def test_small_contents_come_with_the_list_of_files(lab: Lab) -> None:
    files = {f"{at:03}": os.urandom(at % 7) for at in range(200)}
    files |= {"large": os.urandom((64 << 10) + 1), "limit": os.urandom(64 << 10)}
    lab.store(files)
    contents: dict[str, bytes | None] = {}
    query = {"with_contents": "true", "limit": "150"}
    while query.get("cursor") != "None":
        answer = lab.client.get(
            f"{lab.address}/artifacts/data/versions/v0/files",
            params=query,
            headers={"Accept": "application/msgpack"},
        )
        page = msgspec.msgpack.decode(answer.raise_for_status().content)
        assert len(page["files"]) == len(page["contents"]) <= 150
        names = [file["path"] for file in page["files"]]
        contents |= dict(zip(names, page["contents"], strict=True))
        query["cursor"] = str(page["cursor"])
    assert contents == {**files, "large": None}
    page = lab.get("/artifacts/data/versions/v0/files", with_contents=True)
    assert base64.b64decode(page["contents"][6]) == files["006"]
    assert lab.get("/artifacts/data/versions/v0/files")["contents"] == []


@at_length
def test_a_page_ends_before_its_contents_are_too_many(lab: Lab) -> None:
    files = {f"{at:03}": os.urandom(64 << 10) for at in range(300)}
    log = lab.log()
    manifest = lab.add(log, files)
    log.upload(lab.client).raise_for_status()
    lab.send([manifest])
    lab.lacking(log)
    contents = list(files.values())
    lab.send(contents[:150])
    lab.send(contents[150:])
    page = lab.get("/artifacts/data/versions/v0/files", with_contents=True)
    assert len(page["files"]) == len(page["contents"]) == 256
    rest = lab.get("/artifacts/data/versions/v0/files", cursor=page["cursor"])["files"]
    assert [file["path"] for file in rest] == sorted(files)[256:]
