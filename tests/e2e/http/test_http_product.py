"""Rules of every address of the API: ids, tags, packing, methods, limits, description."""

from __future__ import annotations

import fcntl
import gzip
import io
import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from at_length import at_length
from made_artifacts import add_artifact, send_artifact
from run_log_bytes import HandMadeLog
from server_forks import ForkedProcess, forks
from server_process import ServerProcess, start_server, wait_until
from weft.records.record import Key, Schema

PROBLEM = "application/problem+json"
THERE = {
    "entity": "local",
    "project": "mnist",
    "run": "ab12cd34",
    "writer": "k3p9x0q2m7ds",
    "key": "train/loss",
    "path": "media/sample.png",
    "view": "3f9a1c04be27",
    "report": "9d41c7a2e05b",
    "comment": "5f0c2b7d9e31",
    "number": "1",
    "artifact": "mnist-train",
    "version": "v0",
    "registry": "model",
    "sweep": "m4x7k2pd",
    "agent": "k3p9x0q2m7ds",
}
"""As `weft.server.http.description.examples` has it."""

TABLE = "media/table/predictions.table.parquet"


@pytest.fixture(scope="module")
def quick_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    # When its projects were last active is written soon, as a test waits for it.
    often = "from weft.server.services.background import jobs; jobs.HEARTBEATS_SECS = 1.0"
    with start_server(tmp_path_factory.mktemp("server"), before=often) as process:
        yield process


@pytest.fixture(scope="module")
def product_client(quick_server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=quick_server.url, timeout=30, trust_env=False) as http:
        yield http


@pytest.fixture(scope="module")
def run(product_client: httpx.Client) -> str:
    """The address of the run of the examples, which has finished."""
    log = HandMadeLog(run=THERE["run"], writer=THERE["writer"], project=THERE["project"])
    log.config(lr=0.1, **{f"item{i}": "a value that fills the answer" for i in range(150)})
    log.keys("train/loss", "val/loss")
    log.rows([[1.0 / (i + 1), i] for i in range(100)])
    log.add(Key(2, "predictions"))
    log.add(Schema(1, [2]))
    log.add([3, 1, 100_000, 100, [{"_type": "table-file", "path": TABLE, "ncols": 1, "nrows": 1}]])
    files = {THERE["path"]: b"png"}
    manifest = add_artifact(log, 1, files, name=THERE["artifact"])
    log.finish()
    assert log.upload(product_client).status_code == 200
    send_artifact(product_client, "local/mnist", log, manifest, list(files.values()))
    table = io.BytesIO()
    pq.write_table(pa.table({"loss": [0.5]}), table)
    for path, content in {THERE["path"]: b"png", TABLE: table.getvalue()}.items():
        product_client.put(f"{log.path}/files/{path}", content=content).raise_for_status()
    product_client.put(f"/api/v1/registries/{THERE['registry']}").raise_for_status()
    sweep = {"config": "{method: random, parameters: {lr: {min: 0.1, max: 0.2}}}"}
    sweeps = f"/api/v1/projects/local/{THERE['project']}/sweeps"
    product_client.post(sweeps, json={**sweep, "id": THERE["sweep"]}).raise_for_status()
    view = {"kind": "shared", "name": "Paper", "document": {}}
    saved = product_client.post(f"/api/v1/projects/local/{THERE['project']}/views", json=view)
    assert saved.status_code == 201, saved.text
    THERE["view"] = saved.json()["id"]
    reports = f"/api/v1/projects/local/{THERE['project']}/reports"
    report = product_client.post(reports, json={"title": "Paper"}).raise_for_status().json()
    THERE["report"] = report["id"]
    product_client.post(f"{reports}/{report['id']}/publish").raise_for_status()
    thread = product_client.post(f"{reports}/{report['id']}/comments", json={"body": "why?"})
    THERE["comment"] = thread.raise_for_status().json()["id"]
    figures = f"{reports}/{report['id']}/versions/1/figures"
    capture = {"part": "curves", "requests": []}
    figure = product_client.post(figures, json=capture).raise_for_status().json()
    THERE["sha256"] = figure["sha256"]
    wait_until(lambda: product_client.get(log.path).json()["state"] == "finished")
    return log.path


@pytest.fixture(scope="module")
def document(product_client: httpx.Client) -> dict[str, Any]:
    return product_client.get("/api/v1/openapi.json").raise_for_status().json()


ASKED_ELSEWHERE = {
    "follow_project", "follow_report", "upload_log", "upload_small_logs", "back_up_server",
    "find_log_lines", "link_version", "compare_versions", "move_project", "move_projects",
    "add_team", "undelete_view", "undelete_report", "see_project_as", "migrate_server",
    "get_report_image",
}  # fmt: skip
"""Two have no end, two take logs, one writes to whatever folder of this machine it names, one
needs a text to search for, one keeps a version from being deleted, one needs another version to
compare with; one moves the project, teams need users, a view or report must be deleted to be
restored, and who sees as another changes nothing; no image has the hash of the example.
"""


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """All but those of teams, shares and other things of people, which the matrix of permissions
    tries.
    """
    for path, methods in document["paths"].items():
        if not set(re.findall(r"{(\w+)}", path)) <= {*THERE, "sha256"}:
            continue
        for method, operation in methods.items():
            if not {"users", "teams"} & {*operation["tags"]}:
                yield path, method, operation


def address(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda match: THERE[match[1]], path)


# --- tags and packing -------------------------------------------------------------------------


def test_pages_that_poll_get_304_while_nothing_has_changed(
    product_client: httpx.Client, run: str
) -> None:
    project = run.rpartition("/runs/")[0]
    polled = ["/api/v1/projects", project, f"{project}/runs", run, f"{project}/metrics"]
    polled += [f"{run}/writers", f"{project}/columns"]
    # Columns, and when the project was last active, follow what a run says a moment later.
    tags: list[list[str]] = [[]]

    def settled() -> bool:
        about = product_client.get(project).json()
        has_followed = about["active_micros"] > about["created_micros"] and (
            "train/loss" in product_client.get(f"{project}/columns").text
        )
        tags.append([product_client.get(path).headers["etag"] for path in polled])
        return has_followed and tags[-1] == tags[-2]

    wait_until(settled, what="answers that stay")
    for path in polled:
        first = product_client.get(path).raise_for_status()
        tag = first.headers["etag"]
        assert re.fullmatch(r'W/"[0-9a-f]{24}"', tag), path
        assert first.headers["cache-control"] == "private, no-cache"
        for entity_tags in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = product_client.get(path, headers={"If-None-Match": entity_tags})
            assert (again.status_code, again.content) == (304, b""), (path, entity_tags)
            assert again.headers["etag"] == tag
            assert "content-type" not in again.headers
        assert product_client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    tag = product_client.get(run).headers["etag"]
    product_client.patch(run, json={"notes": "changed"}).raise_for_status()
    changed = product_client.get(run, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["notes"]) == (200, "changed")


def test_a_tag_tells_json_and_msgpack_apart_but_not_how_they_are_packed(
    product_client: httpx.Client, run: str
) -> None:
    plain = product_client.get(run, headers={"Accept-Encoding": "identity"})
    packed = product_client.get(run, headers={"Accept-Encoding": "gzip"})
    binary = product_client.get(run, headers={"Accept": "application/msgpack"})
    assert plain.headers["etag"] == packed.headers["etag"] != binary.headers["etag"]
    assert {"Accept", "Accept-Encoding"} <= set(plain.headers["vary"].split(", "))


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("zstd, gzip", "zstd"),
        ("gzip", "gzip"),
        ("gzip;q=1.0, zstd;q=0.2", "gzip"),
        ("zstd;q=0, gzip;q=0", None),
        ("*", "zstd"),
        ("br", None),
        ("zstd;q=nonsense", None),
    ],
)
def test_large_answers_are_packed_as_the_asker_likes(
    quick_server: ServerProcess,
    product_client: httpx.Client,
    run: str,
    accepted: str,
    coding: str | None,
) -> None:
    headers = {"Accept-Encoding": accepted}
    with product_client.stream("GET", run, headers=headers) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == coding
    assert int(answer.headers["content-length"]) == len(raw)
    unpack = {"zstd": zstandard.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert json.loads(unpack(raw))["id"] == THERE["run"]
    assert quick_server.process.poll() is None


def test_a_stream_is_not_held_back_to_be_packed(quick_server: ServerProcess, run: str) -> None:
    with httpx.Client(base_url=quick_server.url, timeout=30, trust_env=False) as client:
        events = f"{run.rpartition('/runs/')[0]}/events"
        with client.stream("GET", events, headers={"Accept-Encoding": "zstd, gzip"}) as stream:
            assert "content-encoding" not in stream.headers
            assert "etag" not in stream.headers
            assert next(stream.iter_text()).startswith("event: hello")


# --- methods and addresses --------------------------------------------------------------------


@at_length
def test_head_answers_as_get_without_its_body(
    product_client: httpx.Client, run: str, document: dict[str, Any]
) -> None:
    assert run
    for path, method, operation in operations(document):
        if method != "get":
            continue
        head = product_client.head(address(path))
        assert head.content == b""
        if operation["operationId"] in {"follow_project", "follow_report"}:
            assert head.status_code == 200
            continue
        got = product_client.get(address(path))
        assert (head.status_code, head.headers.get("content-type")) == (
            got.status_code,
            got.headers.get("content-type"),
        ), path


def test_unknown_addresses_and_wrong_methods_are_problems(
    product_client: httpx.Client, run: str
) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for path in ("/api/v1/none", "/api/none", f"{run}/none", "/api/v1/projects/a/b/c/d/e"):
            answer = product_client.request(method, path)
            assert answer.status_code == 404, (method, path)
            assert answer.headers["content-type"] == PROBLEM
            assert path in answer.json()["detail"]
    answer = product_client.put(run, json={})
    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
    assert {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"} == set(
        answer.headers["allow"].split(", ")
    )
    log = f"{run}/log/{THERE['writer']}"
    answer = product_client.get(log)
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")
    answer = product_client.post(f"{run}/files/a/b/c")
    assert answer.status_code == 405
    assert "PUT" in answer.headers["allow"]
    assert product_client.post("/").status_code == 405


def test_each_answer_has_an_id_that_the_asker_may_choose(
    product_client: httpx.Client, run: str
) -> None:
    for path in (run, "/api/v1/none", f"{run}/log/x?position=0", "/"):
        method = "POST" if "log" in path else "GET"
        own = product_client.request(method, path, headers={"X-Request-Id": "mine-1"})
        assert own.headers["x-request-id"] == "mine-1"
        ids = {product_client.request(method, path).headers["x-request-id"] for _ in range(3)}
        assert len(ids) == 3
        answer = product_client.request(method, path, headers={"X-Request-Id": "x" * 65})
        assert answer.headers["x-request-id"] != "x" * 65


def test_slow_requests_or_all_are_logged_by_their_id_without_what_was_asked(
    tmp_path: Path,
) -> None:
    with start_server(tmp_path, "--access-log", "--slow-secs", "60") as server:
        path = "/api/v1/projects/local/none/runs"
        url = f"{server.url}{path}?search=secret"
        assert httpx.get(url, headers={"X-Request-Id": "mine"}).status_code == 404
        wait_until(lambda: any('"mine"' in line for line in server.lines))
        (line,) = (json.loads(line) for line in server.lines if '"mine"' in line)
    assert (line["event"], line["method"], line["path"]) == ("request", "GET", path)
    assert (line["status"], line["request_id"]) == (404, "mine")
    assert 0 < line["millis"] < 60_000
    assert "secret" not in server.stderr
    with start_server(tmp_path / "slow", "--slow-secs", "0") as server:
        httpx.get(f"{server.url}/healthz").raise_for_status()
        wait_until(lambda: any('"slow request"' in line for line in server.lines))


def test_a_log_that_nobody_reads_holds_no_request_up(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    arguments = ["server", "--port", "0", "--data", str(tmp_path / "data"), "--slow-secs", "0"]
    with ForkedProcess(arguments, tmp_path, os.environ, forks(), stderr=writing) as process:
        os.close(writing)
        try:
            with os.fdopen(reading) as lines:
                line = next(line for line in lines if "serving http" in line)
                url = line.partition("serving ")[2].split()[0]
                # Nothing reads from here on; a line has 200 bytes, and a thousand lines may wait.
                host = url.removeprefix("http://")
                with closing(HTTPConnection(host, timeout=30)) as client:
                    for _ in range(1200):
                        client.request("GET", "/healthz")
                        with client.getresponse() as answer:
                            assert (answer.status, answer.read()[:1]) == (200, b"{")
        finally:
            process.kill()


# --- limits -----------------------------------------------------------------------------------


def test_a_json_body_has_a_limit_whether_it_is_announced_or_not(
    product_client: httpx.Client, run: str
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(17):
            yield b" " * 2**20

    for content in (b" " * (17 * 2**20), pieces()):
        answer = product_client.patch(
            run, content=content, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "limit")
    series = f"{run.rpartition('/runs/')[0]}/series"
    assert product_client.post(series, content=pieces()).status_code == 413


def test_bodies_of_all_requests_together_are_bounded(
    quick_server: ServerProcess, run: str
) -> None:
    """Uploads that never end fill what is kept for them; the next is told to come again."""
    host, port = quick_server.url.removeprefix("http://").split(":")
    begun: list[socket.socket] = []
    senders: list[threading.Thread] = []
    piece = bytes(2**20)
    head = (
        f"POST {run}/log/w?position=0 HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Length: {60 * 2**20}\r\n\r\n"
    ).encode()

    def send(connection: socket.socket) -> None:
        with suppress(OSError):  # what is not taken is cut at the end
            for _ in range(59):
                connection.sendall(piece)

    with httpx.Client(base_url=quick_server.url, timeout=30, trust_env=False) as client:
        try:
            for _ in range(3):
                connection = socket.create_connection((host, int(port)))
                begun.append(connection)
                connection.sendall(head)
                senders.append(threading.Thread(target=send, args=(connection,), daemon=True))
                senders[-1].start()
                senders[-1].join(20)
            large = bytes(20 * 2**20)
            wait_until(
                lambda: client.post(f"{run}/log/w?position=0", content=large).status_code == 503
            )
            assert client.get(run).status_code == 200
        finally:
            for connection in begun:
                with suppress(OSError):  # the server has closed it
                    connection.shutdown(socket.SHUT_RDWR)
            for sender in senders:
                sender.join()
            for connection in begun:
                connection.close()
        # What they took is given back.
        wait_until(
            lambda: (
                client.post(f"{run}/log/w?position=0", content=b"no zstd" * 2**20).status_code
                == 400
            )
        )


# --- description ------------------------------------------------------------------------------


def test_the_description_has_every_route(
    quick_server: ServerProcess, document: dict[str, Any]
) -> None:
    for path, _, operation in operations(document):
        assert operation["operationId"]
        assert operation.get("summary") or operation.get("description"), path
        tags = {tag["name"] for tag in document["tags"]}
        assert set(operation["tags"]) <= tags, path
        for parameter in operation.get("parameters", []):
            assert parameter["in"] != "path" or parameter["example"], path
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        assert body is None or body["examples"], path
    assert quick_server.process.poll() is None


def test_every_example_is_answered_as_described(
    product_client: httpx.Client, run: str, document: dict[str, Any]
) -> None:
    """Those that delete come last, the larger thing after the smaller, the trash at the end."""
    assert run
    ranks = {"undelete_project": 2, "empty_trash": 3, "empty_trashed_projects": 3}
    documented = sorted(
        operations(document),
        key=lambda operation: (
            ranks.get(operation[2]["operationId"], int(operation[1] == "delete")),
            -len(operation[0].split("/")),
        ),
    )
    for path, method, operation in documented:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        is_asked = method in {"get", "delete"} or bool(content)
        if operation["operationId"] in ASKED_ELSEWHERE or not is_asked:
            continue
        bodies = [example["value"] for example in content.get("examples", {}).values()] or [None]
        for body in bodies:
            if body is not None:
                whole = {**content["schema"], "components": document["components"]}
                jsonschema_rs.Draft202012Validator(whole).validate(body)
            seen = {}
            if any(
                parameter["name"].lower() == "if-match"
                for parameter in operation.get("parameters", [])
            ):
                seen = {"If-Match": product_client.get(address(path)).headers["ETag"]}
            answer = product_client.request(method.upper(), address(path), json=body, headers=seen)
            assert answer.status_code < 300, (path, method, answer.text)
            response = operation["responses"][str(answer.status_code)]
            described = response.get("content", {}).get("application/json")
            if described is not None and answer.content:
                whole = {**described["schema"], "components": document["components"]}
                jsonschema_rs.Draft202012Validator(whole).validate(answer.json())


def test_the_docs_page_shows_every_operation_and_loads_nothing(
    product_client: httpx.Client, document: dict[str, Any]
) -> None:
    page = product_client.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    for _, _, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in page.text
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://", page.text)
    anchors = set(re.findall(r'id="([^"]+)"', page.text))
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= anchors
