"""Files of artifacts over HTTP as files of runs are had: rows of tables, zip files, `weft ui`."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import httpx

from at_length import at_length
from made_artifacts import sha256, store_version
from sdk_script import run_well
from server_process import start_server, wait_until
from weft.records.files.artifacts import ManifestEntry

Json = dict[str, Any]
PROJECT = "/api/v1/projects/local/p"
CSV = b"name,score\n" + b"".join(b"row %d,%d\n" % (n, 7 * n % 10) for n in range(500))


def test_tables_in_a_version_are_read_as_those_of_runs(
    client: httpx.Client, tmp_path: Path
) -> None:
    parquet = tmp_path / "t.parquet"
    image = "{'_type': 'image-file', 'path': 'images/a.png'}"
    relation = duckdb.sql(f"SELECT 1 AS n, {image} AS image")
    assert relation is not None
    relation.write_parquet(str(parquet))
    files = {"t/scores.csv": CSV, "t.parquet": parquet.read_bytes(), "images/a.png": b"png"}
    store_version(client, "tables", files)
    address = "/api/v1/projects/local/tables/tables/query"

    def rows(**fields: Any) -> httpx.Response:
        return client.post(address, json={"artifact": "data:v0", "path": "t/scores.csv"} | fields)

    answer = rows(sort={"column": "score", "descending": True}, limit=3).json()
    assert (answer["n_rows"], answer["total"], answer["state"]) == (500, 500, "stored")
    assert [row[1] for row in answer["rows"]] == [9, 9, 9]
    assert (
        rows(artifact="data", filters=[{"column": "score", "op": "=", "value": 3}]).json()["total"]
        == 50
    )
    shown = rows(path="t.parquet").json()
    (cell,) = shown["media"]
    assert cell["items"][0]["file"]["state"] == "stored"
    assert client.get(cell["items"][0]["file"]["url"]).content == b"png"
    for fields, status, reason in (
        ({"path": "none.csv"}, 404, "local/tables/data:v0 has no file 'none.csv'"),
        ({"artifact": "data:v9"}, 404, "no version 'v9'"),
        ({"artifact": "none:v0"}, 404, "no artifact 'none'"),
        ({"artifact": "a/b"}, 400, "invalid artifact name"),
        ({"run": "run1"}, 400, "without `run` and `key`"),
        ({"path": None, "key": "k"}, 400, "name the table by `path`"),
        ({"artifact": None}, 400, "name the run that has the table by `run`"),
        ({"path": "../t.csv"}, 400, "has a segment"),
    ):
        refused = rows(**fields)
        assert (refused.status_code, reason in refused.json()["detail"]) == (status, True), (
            refused.text
        )


def test_a_version_can_be_had_as_a_zip_file(client: httpx.Client) -> None:
    files = {"a.txt": b"one", "m/é/c.bin": b"two" * 400_000, "m/d": b""}
    elsewhere = ManifestEntry("far.bin", 9, "", "s3://bucket/far.bin")
    entries = [
        ManifestEntry(path, len(content), sha256(content)) for path, content in files.items()
    ]
    store_version(client, "zips", files, entries=[*entries, elsewhere])
    version = "/api/v1/projects/local/zips/artifacts/data/versions/v0"

    def zipped(**query: Any) -> dict[str, bytes]:
        answer = client.get(f"{version}/folder.zip", params=query).raise_for_status()
        assert answer.headers["content-type"] == "application/zip"
        opened = zipfile.ZipFile(io.BytesIO(answer.content))
        return {name: opened.read(name) for name in opened.namelist()}

    assert zipped() == files
    assert zipped(folder="m/é") == {"é/c.bin": files["m/é/c.bin"]}
    assert zipped(folder="none") == {}
    for wrong, status in (
        (f"{version[:-1]}7/folder.zip", 404),
        (f"{version}/folder.zip?folder=../m", 400),
    ):
        refused = client.get(wrong)
        assert (refused.status_code, refused.headers["content-type"]) == (
            status,
            "application/problem+json",
        )


def test_two_versions_are_compared(client: httpx.Client) -> None:
    shared = {"same.txt": b"s", "t.csv": b"a,b\n1,x\n2,y\n"}
    store_version(client, "diffs", shared | {"gone": b"1"}, metadata={"rows": 2})
    changed = {"t.csv": b"a,b\n1,x\n2,z\n3,w\n", "m/new": b"22"}
    store_version(client, "diffs", shared | changed, run="run2", metadata={"rows": 3})
    store_version(client, "others", shared, run="run3", name="other")
    versions = "/api/v1/projects/local/diffs/artifacts/data/versions"

    def diff(version: str = "latest", before: str = "v0", **query: Any) -> Json:
        answer = client.get(f"{versions}/{version}/diff", params={"before": before} | query)
        return answer.raise_for_status().json()

    def paths(**query: Any) -> list[tuple[str, str]]:
        return [(file["path"], file["change"]) for file in diff(**query)["files"]]

    difference = diff()
    assert (difference["before"]["version"], difference["after"]["version"]) == ("v0", "v1")
    assert (difference["before"]["metadata"], difference["after"]["metadata"]) == (
        {"rows": 2},
        {"rows": 3},
    )
    assert difference["counts"] == {"added": 1, "removed": 1, "changed": 1, "same": 1}
    gone, new, table = difference["files"]
    assert (gone["path"], gone["before"]["n_bytes"], gone["after"]) == ("gone", 1, None)
    assert (new["path"], new["before"], new["after"]["n_bytes"]) == ("m/new", None, 2)
    assert client.get(table["before"]["url"]).content == shared["t.csv"]
    assert client.get(table["after"]["url"]).content == changed["t.csv"]
    first = diff(change="all", limit=3)
    assert paths(change="all", limit=3, cursor=first["cursor"]) == [("t.csv", "changed")]
    assert diff(cursor=first["cursor"])["counts"] is None
    assert paths(change="same") == [("same.txt", "same")]
    assert paths(change="added") == [("m/new", "added")]
    assert paths(search="CSV") == [("t.csv", "changed")]
    assert paths(version="v0", before="v1")[0] == ("gone", "added")
    assert paths(before="local/others/other:v0") == [
        ("m/new", "added"),
        ("t.csv", "changed"),
    ]
    for before, status in (("v9", 404), ("none:v0", 404), ("a/b/c/d:v0", 400), ("", 400)):
        refused = client.get(f"{versions}/v1/diff", params={"before": before})
        assert refused.status_code == status, refused.text

    def rows(artifact: str, minus: str) -> list[list[Any]]:
        other = {"artifact": minus, "path": "t.csv"}
        query: Json = {"artifact": artifact, "path": "t.csv", "minus": other}
        answer = client.post("/api/v1/projects/local/diffs/tables/query", json=query)
        assert answer.json()["total"] == len(answer.json()["rows"])
        return answer.raise_for_status().json()["rows"]

    assert rows("data:v1", "data:v0") == [[2, "z"], [3, "w"]]
    assert rows("data:v0", "data:v1") == [[2, "y"]]


SCRIPT = """
import pathlib, weft
pathlib.Path("d").mkdir()
pathlib.Path("d/t.csv").write_text("a,b\\n1,2\\n")
with weft.init(project="p", id="make") as run:
    run.log_artifact("d", "data", "dataset", aliases=["best"])
    pathlib.Path("d/t.csv").write_text("a,b\\n1,3\\n")
    run.log_artifact("d", "data", "dataset")
"""


@at_length
def test_weft_ui_reads_artifacts_from_the_directory(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    run_well(work, SCRIPT)
    shutil.rmtree(work / "d")
    with (
        start_server(tmp_path, str(work), command="ui") as server,
        httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client,
    ):

        def logged() -> list[Json]:
            answer = client.get(f"{PROJECT}/runs/make/artifacts")
            return answer.json()["logged"] if answer.status_code == 200 else []

        wait_until(
            lambda: [artifact["version"] for artifact in logged()] == ["v0", "v1"],
            what="the versions",
        )
        version = f"{PROJECT}/artifacts/data/versions/best"
        assert client.get(version).json()["version"] == "v0"
        (file,) = client.get(f"{version}/files").json()["files"]
        assert (file["path"], file["state"]) == ("t.csv", "stored")
        assert client.get(file["url"]).content == b"a,b\n1,2\n"
        query = {"artifact": "data:v1", "path": "t.csv"}
        assert client.post(f"{PROJECT}/tables/query", json=query).json()["rows"] == [[1, 3]]
        zipped = client.get(f"{version}/folder.zip").content
        assert zipfile.ZipFile(io.BytesIO(zipped)).read("t.csv") == b"a,b\n1,2\n"
        # `weft sync` to a server removes the copies, and leaves the manifests
        for copy in work.glob("weft/run-*/files/artifacts/*/t.csv"):
            copy.unlink()
        (file,) = client.get(f"{version}/files").json()["files"]
        assert file["state"] == "awaited"
        assert client.get(file["url"]).status_code == 404
        shutil.rmtree(next(work.glob("weft/run-*")))
        wait_until(
            lambda: client.get(f"{PROJECT}/artifacts").json()["collections"] == [],
            what="a list without the artifact",
        )
