"""`weft export` and `weft import` between real servers; hostile archives; kills in the middle."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from archive_answers import differences
from archive_edits import Change, entries, in_lines, in_manifest, pack
from made_artifacts import add_artifact, send_artifact, sha256
from relay import Relay
from run_log_bytes import HandMadeLog
from sdk_script import start_script
from server_process import ServerProcess, start_server, wait_until
from weft.errors import Damaged, NotFound, Unavailable, WeftError
from weft.records.files.artifacts import Chunk, ManifestEntry
from weft.records.record import Artifact
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services, open_services
from weft_command import run_weft, start_weft


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("source")) as process:
        yield process


@pytest.fixture
def target(tmp_path: Path) -> Iterator[ServerProcess]:
    with start_server(tmp_path) as process:
        yield process


@pytest.fixture(scope="module")
def archive(source: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of project `p`: two runs of 2,000 rows, a fork of one, a file; two versions, one linked."""
    with httpx.Client(base_url=source.url, trust_env=False, timeout=60) as client:
        for run in ("run1", "run2"):
            log = HandMadeLog(run=run)
            log.keys("loss", "train/acc")
            log.config(lr=0.1, nan=float("nan"))
            log.rows([[1.0 / (i + 1), i] for i in range(2000)])
            if run == "run2":
                log.add(Artifact("use", "local/p/data:best", "", "", [], 5))
            log_artifact(client, log)
        sources = [("run1", "writer1", 9)]
        goes_on = {"fork_run": "run1", "fork_step": 9, "sources": sources}
        fork = HandMadeLog(run="fork", goes_on=goes_on)
        fork.keys("loss")
        fork.finish()
        fork.upload(client).raise_for_status()
        client.patch(log.path, json={"color": 9}).raise_for_status()
        data = "/api/v1/projects/local/p/artifacts/data"
        client.patch(f"{data}/versions/v1", json={"add_aliases": ["good"]}).raise_for_status()
        link = {"target": "local/p/linked", "aliases": ["here"]}
        client.post(f"{data}/versions/v0/links", json=link).raise_for_status()
        client.put(f"{log.path}/files/a/b.txt", content=b"hello" * 1000).raise_for_status()
        run_sweep(client, ["run1", "run2", "run3"])
    path = tmp_path_factory.mktemp("archive") / "p.zip"
    done = run_weft("export", "p", path, "--base-url", source.url)
    assert done.exit_code == 0, done.stderr
    assert f"exported local/p to {path}" in done.stdout
    return path


SWEEP = "/api/v1/projects/local/p/sweeps/grid"


def run_sweep(client: httpx.Client, agents: list[str]) -> None:
    """Create a sweep, and give each of some agents a run."""
    config = {
        "method": "grid",
        "metric": {"name": "loss"},
        "parameters": {"lr": {"values": [1, 2, 3, 4]}},
    }
    new = {"id": "grid", "config": json.dumps(config)}
    client.post("/api/v1/projects/local/p/sweeps", json=new).raise_for_status()
    for n, agent in enumerate(agents):
        beat = client.post(f"{SWEEP}/agents/{agent}", json={"host": "h", "pid": n, "wants": 1})
        assert len(beat.raise_for_status().json()["runs"]) == 1


def log_artifact(client: httpx.Client, log: HandMadeLog) -> None:
    """End a log with a version of `data`; one of its files is cut into chunks."""
    parts = [os.urandom(300_000), b"in both versions"]
    whole = b"".join(parts)
    chunks = [Chunk(len(part), sha256(part)) for part in parts]
    files = {"a/b.txt": b"hello" * 1000, f"{log.run}.txt": log.run.encode()}
    manifest = add_artifact(
        log, 1, {}, aliases=["best"] if log.run == "run1" else ["new"], metadata={"rows": 3},
        entries=[
            *(ManifestEntry(path, len(data), sha256(data)) for path, data in files.items()),
            ManifestEntry("large.bin", len(whole), sha256(whole), chunks=chunks),
            ManifestEntry("far", reference="s3://bucket/key"),
        ],
    )  # fmt: skip
    log.finish()
    log.upload(client).raise_for_status()
    send_artifact(client, "local/p", log, manifest, [*parts, *files.values()])


def get(server: ServerProcess, path: str, **query: Any) -> Any:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        answer = client.get(path, params=query)
        return answer.json() if answer.status_code == 200 else answer.status_code


def content_hash(server: ServerProcess, path: str) -> str:
    return sha256(httpx.get(server.url + path, trust_env=False).raise_for_status().content)


def lineage(server: ServerProcess, path: str) -> list[list[str]]:
    """The edges of a graph, by names: its ids are those of a database."""
    graph = get(server, path)
    names = {node["id"]: f"{node['name']} {node['version']}" for node in graph["nodes"]}
    return sorted([names[edge["source"]], names[edge["target"]]] for edge in graph["edges"])


def everything(server: ServerProcess, project: str = "p") -> dict[str, Any]:
    caught_up = httpx.post(server.url + "/api/v1/server/catch-up", trust_env=False, timeout=60)
    assert caught_up.json()["caught_up"]  # else summaries may change between two calls
    base = f"/api/v1/projects/local/{project}"
    runs = get(server, f"{base}/runs")["runs"]
    versions = get(server, f"{base}/artifacts/data/versions")["versions"]
    return {
        "runs": runs,
        "trials": [
            (trial["number"], trial["parameters"])
            for trial in get(server, f"{base}/sweeps/grid/runs")["runs"]
        ],
        "data": [
            get(server, f"{base}/artifacts/data"),
            get(server, f"{base}/artifacts/data/history"),
            versions,
            *(
                get(server, f"{base}/artifacts/data/versions/{version['version']}/{part}")
                for version in versions
                for part in ("files",)
            ),
            *(
                lineage(server, f"{base}/artifacts/data/versions/{version['version']}/lineage")
                for version in versions
            ),
            *(
                content_hash(server, f"{base}/artifacts/data/versions/{version}/files/{path}")
                for version in ("v0", "v1")
                for path in ("large.bin", "a/b.txt")
            ),
        ],
        **{
            run["id"]: [
                get(server, f"{base}/runs/{run['id']}/{part}", **query)
                for part, query in (
                    ("history", {"limit": 10_000}), ("writers", {}), ("alerts", {}), ("files", {})
                )
            ]
            for run in runs
        },
    }  # fmt: skip


def without_place(answers: dict[str, Any]) -> str:
    return json.dumps(answers).replace("local/other", "local/p").replace('"other"', '"p"')


def test_a_project_moves_to_another_server_with_all_its_answers(
    source: ServerProcess, target: ServerProcess, archive: Path, tmp_path: Path
) -> None:
    done = run_weft("import", archive, "--base-url", target.url, "--json")
    assert done.exit_code == 0, done.stderr
    report = done.report
    assert (report["entity"], report["project"]) == ("local", "p")
    assert (report["n_runs"], report["n_skipped"], report["n_points"]) == (3, 0, 8000)
    # the summary of a fork follows its parent's rows within some seconds
    wait_until(
        lambda: not differences(everything(target), everything(source)), what="the same answers"
    )
    colors = {run["id"]: run["color"] for run in everything(target)["runs"]}
    assert colors == {"run1": 1, "run2": 9, "fork": 3}
    with httpx.Client(base_url=target.url, trust_env=False) as client:
        file = client.get("/api/v1/projects/local/p/runs/run2/files/a/b.txt")
        assert file.content == b"hello" * 1000
    # To another project of the same server, where it lies beside itself.
    other = run_weft("import", archive, "--base-url", target.url, "--project", "other")
    assert other.exit_code == 0, other.stderr
    assert without_place(everything(target, "other")) == without_place(everything(source))
    again = run_weft("export", "local/p", tmp_path / "again.zip", "--base-url", target.url)
    assert again.exit_code == 0
    assert set(entries(tmp_path / "again.zip")) == set(entries(archive))
    assert run_weft("server", "check", "--data", target.data).exit_code == 0


def test_an_export_that_no_server_imports_is_refused_where_it_is_written(
    source: ServerProcess, archive: Path, tmp_path: Path
) -> None:
    contents = entries(archive)
    in_lines("trials.jsonl", lambda trials: trials.append(trials[0]))(contents)
    bad = pack(tmp_path / "bad.zip", contents).read_bytes()

    class FaultyServer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(bad)))
            self.end_headers()
            self.wfile.write(bad)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    target = tmp_path / "out.zip"
    with ThreadingHTTPServer(("127.0.0.1", 0), FaultyServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        done = run_weft("export", "p", target, "--base-url", url)
        server.shutdown()
    assert (done.exit_code, done.stdout) == (2, "")
    assert "nothing was exported" in done.stderr
    assert "trials.jsonl, line 4" in done.stderr
    assert [file for file in tmp_path.iterdir() if file.is_file()] == [tmp_path / "bad.zip"]


def test_runs_that_are_there_already_are_refused_or_left_out(
    target: ServerProcess, archive: Path
) -> None:
    log = HandMadeLog(run="run1")
    log.keys("mine")
    log.rows([[1.0]])
    with httpx.Client(base_url=target.url, trust_env=False) as client:
        log.upload(client).raise_for_status()
    ours = get(target, log.path)
    refused = run_weft("import", archive, "--base-url", target.url)
    assert refused.exit_code == 2
    assert "already has runs of the archive: run1;" in refused.stderr
    assert len(get(target, "/api/v1/projects/local/p/runs")["runs"]) == 1
    done = run_weft("import", archive, "--base-url", target.url, "--skip-existing", "--json")
    assert (done.report["n_runs"], done.report["n_skipped"]) == (2, 1)
    assert get(target, log.path)["summary"] == ours["summary"]
    assert (
        len(get(target, "/api/v1/projects/local/p/runs/run2/history", limit=9999)["rows"]) == 2000
    )


def test_a_script_that_still_runs_goes_on_at_the_new_server(
    target: ServerProcess, tmp_path: Path
) -> None:
    code = """
        import os, time, weft
        run = weft.init(project="p", id="moved")
        i = 0
        while not os.path.exists("enough"):
            run.log({"i": i})
            i += 1
            time.sleep(0.002)
        run.summary["n_rows"] = i
        run.finish()
    """
    history = "/api/v1/projects/local/p/runs/moved/history"

    def n_rows(server: ServerProcess) -> int:
        page = get(server, history, limit=10_000)
        return len(page["rows"]) if isinstance(page, dict) else 0

    with start_server(tmp_path, "--data", str(tmp_path / "old")) as old, Relay(old.url) as relay:
        env = {"WEFT_MODE": "online", "WEFT_BASE_URL": relay.url, "WEFT_SYSTEM_INTERVAL": "0"}
        script = start_script(tmp_path, code, env)
        wait_until(lambda: n_rows(old) > 100, what="rows are coming")
        path = tmp_path / "p.zip"
        assert run_weft("export", "p", path, "--base-url", old.url).exit_code == 0
        assert run_weft("import", path, "--base-url", target.url).exit_code == 0
        n_moved = n_rows(target)
        relay.lead_to(target.url)
        (tmp_path / "enough").touch()
        _, stderr = script.communicate(timeout=120)
        assert script.returncode == 0, stderr
    n_logged = get(target, "/api/v1/projects/local/p/runs/moved")["summary"]["n_rows"]
    rows: list[int] = []
    page = get(target, history, limit=10_000)
    while page["rows"]:
        rows += [row["i"] for row in page["rows"]]
        if page["cursor"] is None:
            break
        page = get(target, history, limit=10_000, cursor=page["cursor"])
    assert 0 < n_moved < n_logged
    assert rows == list(range(n_logged))


# --- hostile and damaged archives ---------------------------------------------------------------


def in_runs(edit: Callable[[list[dict[str, Any]]], Any]) -> Change:
    return in_lines("runs.jsonl", edit)


def in_first(table: str, **changes: Any) -> Change:
    def edit(runs: list[dict[str, Any]]) -> None:
        rows = next(filter(None, (run["metadata"][table] for run in runs)))
        (rows if isinstance(rows, dict) else rows[0]).update(changes)

    return in_runs(edit)


def with_entry(name: str, data: bytes) -> Change:
    return lambda contents: contents.update({name: data})


def without_entry(name: str) -> Change:
    def change(contents: dict[str, bytes]) -> None:
        del contents[next(content for content in contents if content.startswith(name))]

    return change


def parquet_of(table: dict[str, list[Any]]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(table), out)
    return out.getvalue()


def shifted_rows(contents: dict[str, bytes]) -> None:
    """Points whose rows are not there."""
    import pyarrow.compute
    import pyarrow.parquet

    name = "history/000001.points.parquet"
    table = pyarrow.parquet.read_table(io.BytesIO(contents[name]))
    column = pyarrow.compute.add(table["row"], 100_000)
    table = table.set_column(table.schema.get_field_index("row"), "row", column)
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out)
    contents[name] = out.getvalue()


def in_versions(edit: Callable[[list[dict[str, Any]]], Any]) -> Change:
    return in_lines("versions.jsonl", edit)


def in_version(**changes: Any) -> Change:
    return in_versions(lambda versions: versions[0]["version"].update(changes))


def in_file(state: str, **changes: Any) -> Change:
    """Change the first file of a version that has a state."""

    def edit(versions: list[dict[str, Any]]) -> None:
        next(file for file in versions[0]["files"] if file["state"] == state).update(changes)

    return in_versions(edit)


def in_chunk(**changes: Any) -> Change:
    return in_versions(lambda versions: versions[0]["chunks"][-1].update(changes))


def doubled(part: str) -> Change:
    return in_versions(lambda versions: versions[0][part].append(versions[0][part][0]))


HOSTILE: dict[str, Change] = {
    "a file of a version twice": doubled("files"),
    "a chunk twice": doubled("chunks"),
    "a use twice": doubled("uses"),
    "a use of no time": in_versions(
        lambda versions: versions[0].update(uses=[["run1", "log", -1]])
    ),
    "a use beyond 64 bits": in_versions(
        lambda versions: versions[0].update(uses=[["run1", "use", 2**70]])
    ),
    "a file of a version with another size": in_file("stored", n_bytes=1),
    "a chunked file with another size": in_file("chunked", n_bytes=10**15),
    "a chunked file without a hash": in_file("chunked", sha256="../../etc/passwd"),
    "a chunk after a hole": in_chunk(start=10**12),
    "a chunk over another": in_chunk(start=1),
    "a reference to nowhere": in_file("reference", reference=None),
    "a path that is absolute": in_file("stored", path="/etc/passwd"),
    "a path with a NUL": in_file("stored", path="a\0b"),
    "a version with more files than it has": in_version(n_files=5),
    "a version of other bytes than its files": in_version(n_bytes=1),
    "a version with another digest": in_version(digest="0" * 64),
    "a link with another digest than its source": in_versions(
        lambda versions: next(version for version in versions if version["link"])[
            "version"
        ].update(digest="0" * 64)
    ),
    "a deleted version of negative size": in_versions(
        lambda versions: versions[0]["version"].update(state="deleted", n_bytes=-1)
    ),
    "a reference of negative size": in_file("reference", n_bytes=-1),
    "a link with other files than its source": in_versions(
        lambda versions: next(version for version in versions if version["link"])[
            "version"
        ].update(n_files=9)
    ),
    "a version whose metadata are none": in_version(metadata="[]"),
    "a collection twice": in_lines(
        "collections.jsonl", lambda collections: collections.append(collections[0])
    ),
    "a change of an alias that is none": in_lines(
        "collections.jsonl", lambda collections: collections[0]["changes"].append({"alias": 5})
    ),
    "no versions": without_entry("versions"),
    "a version of no collection": in_versions(lambda versions: versions[0].update(name="other")),
    "a version that is being sent": in_versions(
        lambda versions: versions[0]["version"].update(state="awaited")
    ),
    "a version twice": in_versions(lambda versions: versions.append(versions[0])),
    "a version's path": in_versions(lambda versions: versions[0]["files"][0].update(path="../x")),
    "a file of a version without content": in_versions(
        lambda versions: versions[0]["files"][0].update(sha256="0" * 64)
    ),
    "a chunk of no file": in_versions(
        lambda versions: versions[0]["chunks"][0].update(path="other")
    ),
    "an alias of no version": in_lines(
        "collections.jsonl", lambda collections: collections[0]["aliases"].update(good=7)
    ),
    "a collection's name": in_lines(
        "collections.jsonl", lambda collections: collections[0]["collection"].update(name="a/b")
    ),
    "newer": in_manifest(version=99),
    "not weft's": in_manifest(format="other"),
    "manifest of another shape": in_manifest(n_runs="three"),
    "no manifest": without_entry("manifest"),
    "manifest is no JSON": with_entry("manifest.json", b"\xff{"),
    "manifest nested": with_entry("manifest.json", b"[" * 100_000),
    "no runs": without_entry("runs"),
    "no project": without_entry("project"),
    "path": with_entry("../../evil", b"x"),
    "absolute path": with_entry("/etc/evil", b"x"),
    "other entry": with_entry("history/1.exe", b"x"),
    "blob of another name": with_entry("blobs/" + "0" * 64, b"x"),
    "no blob": without_entry("blobs/"),
    "runs are no JSON": with_entry("runs.jsonl", b"{]\n"),
    "runs end within a line": with_entry("runs.jsonl", b'{"id": "x"'),
    "a run twice": in_runs(lambda runs: runs.append(runs[0])),
    "a run id that is none": in_runs(lambda runs: runs[0].update(id="../x")),
    "another run's metadata": in_runs(lambda runs: runs[0].update(id="other")),
    "rows of no run": in_runs(lambda runs: runs.pop(0)),
    "a table that is none": in_runs(lambda runs: runs[0]["metadata"].update(user=[{}])),
    "a column that is none": in_first("run", password="x"),
    "a missing column": in_runs(lambda runs: runs[0]["metadata"]["run"].pop("state")),
    "a wrong type": in_first("run", created_micros="soon"),
    "an int beyond 64 bits": in_first("run", created_micros=2**70),
    "a colour that the palette lacks": in_first("run", color=13),
    "tags that are none": in_first("run", tags="5"),
    "a stamp that is none": in_first("run", stamps='{"name": 5}'),
    "a NUL": in_first("run", name="a\0b"),
    "a state too long": in_first("run", state="x" * 99),
    "labels that are none": in_first("run_writer", labels="[1]"),
    "a field's path that is none": in_first("field", path=5),
    "a stream that ends nowhere": in_runs(
        lambda runs: runs[0]["history"]["streams"]["writer1"].update(position=-5)
    ),
    "a decoder's state that is none": in_runs(
        lambda runs: runs[0]["history"]["streams"]["writer1"].update(state="%%%")
    ),
    "a file's path": in_runs(
        lambda runs: [
            file.update(path="../../etc/passwd")
            for run in runs
            for file in run["metadata"]["run_file"]
        ]
    ),
    "a media type that is none": in_first("run_file", media_type="text/html\r\nX: 1"),
    "a line of blanks": with_entry("runs.jsonl", b" " * 2**22 + b"\n"),
    "Parquet that is none": with_entry("history/000001.rows.parquet", b"PAR1" + b"x" * 99),
    "other columns": with_entry("history/000001.rows.parquet", parquet_of({"run": ["run1"]})),
    "points without rows": without_entry("history/000001.rows"),
    "points of rows that are not there": shifted_rows,
}


@pytest.fixture(scope="module")
def unchanged(source: ServerProcess, archive: Path) -> Iterator[ServerProcess]:
    """The server of the archive, whose answers are the same before and after all tests."""
    assert archive.exists()
    before = everything(source)
    yield source
    assert everything(source) == before


@pytest.fixture(scope="module")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


@pytest.fixture(scope="module")
def empty_services(empty_folder: Path) -> Iterator[Services]:
    services = open_services(empty_folder, jobs=False)
    yield services
    services.close()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_whole(
    empty_services: Services, empty_folder: Path, archive: Path, tmp_path: Path, name: str
) -> None:
    contents = entries(archive)
    HOSTILE[name](contents)
    path = pack(tmp_path / "bad.zip", contents, resum=not name.startswith("manifest"))
    hostile = ProjectPath("local", "hostile")
    with pytest.raises(WeftError) as refused:
        empty_services.archives.import_(LOCAL, path, hostile)
    assert not isinstance(refused.value, Unavailable | Damaged)
    assert str(empty_folder) not in str(refused.value)
    with pytest.raises(NotFound):
        empty_services.runs.list(LOCAL, hostile)
    files = [file for file in (empty_folder / "blobs").rglob("*") if file.is_file()]
    assert [file for file in files if not file.name.startswith("small.sqlite")] == []


def test_a_hostile_archive_that_is_sent_is_refused_whole(
    unchanged: ServerProcess, archive: Path, tmp_path: Path
) -> None:
    contents = entries(archive)
    HOSTILE["a use beyond 64 bits"](contents)
    assert_refused(unchanged, pack(tmp_path / "bad.zip", contents, resum=True))


def assert_refused(server: ServerProcess, path: Path) -> str:
    """Nothing of it is left on the server; what it said."""
    runs = get(server, "/api/v1/projects/local/p/runs")
    blobs = {file.name for file in (server.data / "blobs").rglob("*") if file.is_file()}
    done = run_weft("import", path, "--project", "hostile", "--base-url", server.url)
    assert done.exit_code == 2, done.stdout
    assert done.stderr.startswith("weft: ")
    assert "the server failed" not in done.stderr
    assert str(server.data) not in done.stderr
    assert get(server, "/api/v1/projects/local/hostile") == 404
    assert get(server, "/api/v1/projects/local/p/runs") == runs
    assert {f.name for f in (server.data / "blobs").rglob("*") if f.is_file()} == blobs
    assert list((server.data / "imports").iterdir()) == []
    return done.stderr


def test_a_damaged_archive_is_refused_whole(
    unchanged: ServerProcess, archive: Path, tmp_path: Path
) -> None:
    contents = entries(archive)
    for name in contents:
        if name != "manifest.json":
            wrong = bytes([contents[name][0] ^ 1]) + contents[name][1:]
            path = pack(tmp_path / "bad.zip", {**contents, name: wrong}, resum=False)
            assert "damaged" in assert_refused(unchanged, path)
            break
    whole = archive.read_bytes()
    for n_bytes in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:n_bytes])
        assert_refused(unchanged, tmp_path / "cut.zip")
    # A byte in the middle of what is stored: the zip's own checksum, and ours.
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    (tmp_path / "flipped.zip").write_bytes(flipped)
    assert_refused(unchanged, tmp_path / "flipped.zip")
    (tmp_path / "random.zip").write_bytes(os.urandom(5000))
    assert_refused(unchanged, tmp_path / "random.zip")


def test_a_zip_bomb_costs_nothing(unchanged: ServerProcess, archive: Path, tmp_path: Path) -> None:
    contents = entries(archive)
    manifest = json.loads(contents["manifest.json"])
    path = tmp_path / "bomb.zip"
    bomb = b"\0" * 100_000_000
    for claimed in (len(bomb), 10):
        manifest["entries"]["runs.jsonl"] = {"n_bytes": claimed, "sha256": "0" * 64}
        contents["manifest.json"] = json.dumps(manifest).encode()
        pack(path, {**contents, "runs.jsonl": bomb}, resum=False)
        assert path.stat().st_size < 1_000_000
        assert_refused(unchanged, path)


def half_imported(server: ServerProcess, archive: Path) -> socket.socket:
    """A connection on which half of an archive has come, and no more will."""
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    body = archive.read_bytes()
    head = (
        f"POST /api/v1/archives HTTP/1.1\r\nHost: {host}\r\n"
        f"Content-Type: application/zip\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection((host, int(port)))
    connection.sendall(head.encode() + body[: len(body) // 2])
    return connection


def test_an_import_that_is_killed_leaves_nothing_or_all(
    tmp_path: Path, archive: Path, n_rounds: int
) -> None:
    for nth in range(max(n_rounds // 3, 1) + 1):
        with (
            start_server(tmp_path, "--data", str(tmp_path / f"data{nth}")) as server,
            ExitStack() as ended,
        ):
            folder = server.data / "imports"
            if nth == 0:
                ended.enter_context(half_imported(server, archive))
            else:
                importing = start_weft("import", archive, "--base-url", server.url)
                ended.callback(importing.communicate, timeout=180)
            wait_until(lambda: folder.exists(), what="the import has begun")  # noqa: B023
            # At another point of it each time: its own steps are what is waited for.
            for _ in range((nth - 1) * 60):
                get(server, "/healthz")
            server.kill()
        with start_server(tmp_path, "--data", str(tmp_path / f"data{nth}")) as again:
            listed = get(again, "/api/v1/projects/local/p/runs")
            n_runs = len(listed["runs"]) if isinstance(listed, dict) else 0
            assert n_runs in ({0, 3} if nth else {0})
            if n_runs:
                rows = get(again, "/api/v1/projects/local/p/runs/run1/history", limit=9999)["rows"]
                assert len(rows) == 2000
            else:
                done = run_weft("import", archive, "--base-url", again.url)
                assert done.exit_code == 0, done.stderr
            done = run_weft("server", "check", "--data", again.data)
            assert done.exit_code == 0, done.stdout
