"""Files of runs over HTTP: a real server, real bytes, and every way to ask for them wrongly."""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import threading
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

import weft
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, wait_until
from stored_blobs import stored_blobs
from weft.errors import ConfigError


@pytest.fixture
def files(client: httpx.Client, project: str) -> str:
    """Address of the files of a run that is there, in a project of the test's own."""
    log = HandMadeLog(project=project)
    log.upload(client)
    return f"{log.path}/files"


def blobs(server: ServerProcess) -> set[str]:
    return stored_blobs(server.data)


def drafts(server: ServerProcess) -> list[Path]:
    return list((server.data / "blobs" / "drafts").iterdir())


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def assert_problem(answer: httpx.Response, status: int, code: str) -> str:
    document: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, document["code"]) == (status, code), document
    assert "Traceback" not in answer.text
    return document["detail"]


def test_a_file_is_read_back_as_it_was_sent(client: httpx.Client, files: str) -> None:
    data = os.urandom(3_000_000)
    file = client.put(f"{files}/media/images/é 1.png", content=data).raise_for_status().json()
    assert file["path"] == "media/images/é 1.png"
    assert (file["n_bytes"], file["sha256"]) == (len(data), sha256(data))
    assert file["media_type"] == "image/png"
    answer = client.get(file["url"])
    assert answer.content == data
    assert answer.headers["etag"] == f'"{sha256(data)}"'
    assert answer.headers["content-type"] == "image/png"
    head = client.head(file["url"])
    assert (head.content, head.headers["content-length"]) == (b"", str(len(data)))
    assert client.get(files).json() == {"files": [file], "cursor": None, "total": 1}


def test_the_type_is_what_the_sender_says_else_what_the_name_says(
    client: httpx.Client, files: str
) -> None:
    def type_of(name: str, content_type: str | None = None) -> str:
        headers = {} if content_type is None else {"Content-Type": content_type}
        client.put(f"{files}/{name}", content=b"x", headers=headers).raise_for_status()
        return client.get(f"{files}/{name}").headers["content-type"]

    assert type_of("config.yaml") == "text/plain; charset=utf-8"
    assert type_of("weights.bin") == "application/octet-stream"
    assert type_of("no-ending") == "application/octet-stream"
    assert type_of("a.txt", "application/json; charset=utf-16") == "application/json"
    assert type_of("b.json", "not a type") == "application/json"
    assert type_of("c.bin", "text/html") == "text/html; charset=utf-8"
    # Never as what a page of ours could load as its own.
    for script in ("text/jscript", "application/x-javascript", "TEXT/JavaScript1.5", "text/css"):
        assert type_of("evil.bin", script) == "text/plain; charset=utf-8"
    assert type_of("evil.js") == "text/plain; charset=utf-8"
    assert type_of("parts.bin", "multipart/x-mixed-replace") == "application/octet-stream"
    assert type_of("mail.mht", "message/rfc822") == "application/octet-stream"


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "feed.xml", "x.bin"])
def test_what_a_browser_runs_is_in_a_sandbox(client: httpx.Client, files: str, name: str) -> None:
    client.put(f"{files}/{name}", content=b"<script>alert(1)</script>").raise_for_status()
    answer = client.get(f"{files}/{name}")
    policy = answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    if name == "x.bin":
        assert policy.startswith("default-src 'none'")
    else:
        assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(
    ("byte_range", "status", "expected"),
    [
        ("bytes=0-0", 206, b"0"),
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-3", 206, b"789"),
        ("bytes=-100", 206, b"0123456789"),
        ("bytes=8-100", 206, b"89"),
        ("bytes=4-2", 200, b"0123456789"),
        ("bytes=0-1,4-5", 200, b"0123456789"),
        ("lines=0-1", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"),
        ("bytes=" + "9" * 30 + "-", 200, b"0123456789"),
    ],
)
def test_ranges(
    client: httpx.Client, files: str, byte_range: str, status: int, expected: bytes
) -> None:
    client.put(f"{files}/digits", content=b"0123456789").raise_for_status()
    answer = client.get(f"{files}/digits", headers={"Range": byte_range})
    assert (answer.status_code, answer.content) == (status, expected)
    if status == 206:
        start = b"0123456789".index(expected)
        end = start + len(expected) - 1
        assert answer.headers["content-range"] == f"bytes {start}-{end}/10"


@pytest.mark.parametrize("byte_range", ["bytes=10-", "bytes=-0", "bytes=999-1000"])
def test_a_range_that_is_not_there(client: httpx.Client, files: str, byte_range: str) -> None:
    client.put(f"{files}/digits", content=b"0123456789").raise_for_status()
    answer = client.get(f"{files}/digits", headers={"Range": byte_range})
    assert_problem(answer, 416, "invalid")
    assert answer.headers["content-range"] == "bytes */10"


def test_a_known_content_is_not_sent_again(client: httpx.Client, files: str) -> None:
    etag = f'"{client.put(f"{files}/a", content=b"one").json()["sha256"]}"'
    for named in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = client.get(f"{files}/a", headers={"If-None-Match": named})
        assert (answer.status_code, answer.content) == (304, b"")
    assert client.get(f"{files}/a", headers={"If-None-Match": '"x"'}).content == b"one"
    ranged = {"Range": "bytes=0-0", "If-Range": etag}
    assert client.get(f"{files}/a", headers=ranged).content == b"o"
    client.put(f"{files}/a", content=b"two")
    assert client.get(f"{files}/a", headers=ranged).content == b"two"


def test_a_file_is_replaced_and_the_old_content_goes(
    server: ServerProcess, client: httpx.Client, files: str
) -> None:
    old, new = os.urandom(10_000), os.urandom(10_000)
    client.put(f"{files}/a", content=old).raise_for_status()
    client.put(f"{files}/b", content=old).raise_for_status()
    assert sha256(old) in blobs(server)
    client.put(f"{files}/a", content=new).raise_for_status()
    assert client.get(f"{files}/a").content == new
    assert {sha256(old), sha256(new)} <= blobs(server), "the other file still has it"
    client.put(f"{files}/b", content=new).raise_for_status()
    assert sha256(old) not in blobs(server)
    assert client.delete(f"{files}/a").status_code == 204
    assert client.get(f"{files}/b").content == new
    assert client.delete(f"{files}/b").status_code == 204
    assert sha256(new) not in blobs(server)
    assert_problem(client.get(f"{files}/b"), 404, "not_found")
    assert_problem(client.delete(f"{files}/b"), 404, "not_found")


def test_a_download_goes_on_when_the_file_is_deleted(
    server: ServerProcess, client: httpx.Client, files: str
) -> None:
    data = os.urandom(30_000_000)
    client.put(f"{files}/large", content=data).raise_for_status()
    with client.stream("GET", f"{files}/large") as answer:
        pieces = answer.iter_raw(65536)
        first = next(pieces)
        with httpx.Client(base_url=server.url, trust_env=False) as other:
            assert other.delete(f"{files}/large").status_code == 204
        assert first + b"".join(pieces) == data


def test_content_that_does_not_hash_to_what_was_said_is_refused(
    server: ServerProcess, client: httpx.Client, files: str
) -> None:
    before = client.put(f"{files}/a", content=b"good").json()
    data = os.urandom(5000)
    wrong = client.put(f"{files}/a", content=data, headers={"X-Weft-Sha256": "0" * 64})
    assert sha256(data) in assert_problem(wrong, 400, "invalid")
    none = client.put(f"{files}/a", content=data, headers={"X-Weft-Sha256": "abc"})
    assert "X-Weft-Sha256" in assert_problem(none, 400, "invalid")
    assert client.get(files).json()["files"] == [before]
    assert sha256(data) not in blobs(server)
    assert drafts(server) == []
    right = {"X-Weft-Sha256": sha256(data).upper()}
    assert client.put(f"{files}/a", content=data, headers=right).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "..%2F..%2Ftoken", "%2e%2e/x", "a/%2e%2e/%2e%2e/b", "/etc/passwd", "a//b", "a/",
        "nul%00byte", "..%5C..%5Cx", "C:/x", "%E2%80%AEgnp.exe", "%FF%FE", "con", "a/NUL.txt",
        "x" * 256, "/".join("a" * 33), "é" * 600, "",
    ],
)  # fmt: skip
def test_paths_that_can_name_no_file_are_refused(
    server: ServerProcess, client: httpx.Client, files: str, path: str
) -> None:
    n_before = len(blobs(server))
    for method in ("PUT", "GET", "DELETE"):
        # httpx would tidy the path up; a hostile client does not.
        connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port)
        body = b"x" if method == "PUT" else None
        address = f"{files}/{path}".replace("é", "%C3%A9")
        connection.request(method, address, body=body)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status == 400, (method, answer.status, text)
        assert '"code":"invalid"' in text
        assert "file path" in text
    assert len(blobs(server)) == n_before
    assert client.get(files).json()["total"] == 0


def test_a_run_that_is_not_there_has_no_files(client: httpx.Client, files: str) -> None:
    nowhere = files.replace("/run1/", "/other/")
    assert_problem(client.get(nowhere), 404, "not_found")
    assert_problem(client.get(f"{nowhere}/a"), 404, "not_found")
    assert_problem(client.put(f"{nowhere}/a", content=b"x"), 404, "not_found")
    assert_problem(client.delete(f"{nowhere}/a"), 404, "not_found")
    assert_problem(client.get(f"{files}/a"), 404, "not_found")


def test_files_are_listed_by_path_page_by_page(client: httpx.Client, files: str) -> None:
    names = ["a", "a/b", "media/1.png", "media/10.png", "media/2.png", "media/é", "mediaeval", "ü"]
    for name in names:
        client.put(f"{files}/{name}", content=name.encode()).raise_for_status()

    def listed(**query: Any) -> list[str]:
        paths: list[str] = []
        cursor = None
        while True:
            page_query = {**query, "limit": 3, **({"cursor": cursor} if cursor else {})}
            page = client.get(files, params=page_query).raise_for_status().json()
            paths += [file["path"] for file in page["files"]]
            assert len(page["files"]) <= 3
            cursor = page["cursor"]
            if cursor is None:
                assert page["total"] == len(paths)
                return paths

    assert listed() == sorted(names)
    assert listed(prefix="media/") == [name for name in sorted(names) if name.startswith("media/")]
    assert listed(prefix="%") == []
    assert_problem(client.get(files, params={"cursor": "nonsense"}), 400, "invalid")
    assert_problem(client.get(files, params={"limit": 0}), 400, "invalid")
    assert_problem(client.get(files, params={"prefix": "\0"}), 400, "invalid")


def test_an_upload_that_breaks_off_leaves_nothing(
    server: ServerProcess, client: httpx.Client, files: str
) -> None:
    connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port)
    connection.putrequest("PUT", f"{files}/half")
    connection.putheader("Content-Length", "10000000")
    connection.endheaders()
    connection.send(b"x" * 3_000_000)
    wait_until(lambda: drafts(server), what="the upload has begun")
    connection.close()
    wait_until(lambda: not drafts(server), what="what came is thrown away")
    assert client.get(files).json()["total"] == 0


def test_a_file_beyond_the_limit_is_refused_unread(client: httpx.Client, files: str) -> None:
    connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port)
    connection.putrequest("PUT", f"{files}/huge")
    connection.putheader("Content-Length", str(2**50))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert b'"code":"limit"' in answer.read()
    connection.close()


def test_one_path_written_by_many_at_once_has_the_content_of_one(
    server: ServerProcess, client: httpx.Client, files: str
) -> None:
    contents = [bytes([nth]) * 300_000 for nth in range(8)]

    def put(data: bytes) -> None:
        with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http:
            for _ in range(4):
                http.put(f"{files}/same", content=data).raise_for_status()

    threads = [threading.Thread(target=put, args=(data,)) for data in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = client.get(f"{files}/same").content
    assert content in contents
    assert {sha256(data) for data in contents} & blobs(server) == {sha256(content)}
    assert drafts(server) == []


def test_a_deleted_runs_files_give_their_space_back(
    server: ServerProcess, client: httpx.Client, files: str
) -> None:
    data = os.urandom(4000)
    client.put(f"{files}/a", content=data).raise_for_status()
    run = files.removesuffix("/files")
    assert client.delete(run, params={"permanently": "true"}).status_code == 204
    assert sha256(data) not in blobs(server)
    assert_problem(client.get(f"{files}/a"), 410, "gone")
    assert_problem(client.put(f"{files}/a", content=data), 410, "gone")


def test_a_folder_has_its_files_and_its_folders(client: httpx.Client, files: str) -> None:
    contents = {"a.txt": b"1", "m/b.txt": b"22", "m/é/c.bin": os.urandom(3_000_000), "n/d": b""}
    for path, content in contents.items():
        client.put(f"{files}/{path}", content=content).raise_for_status()
    folder = files.removesuffix("files") + "folder"

    def names(**query: Any) -> tuple[list[Any], list[str]]:
        page = client.get(folder, params=query).raise_for_status().json()
        return page["folders"], [file["path"] for file in page["files"]]

    below = [
        {"name": "m", "n_files": 2, "n_bytes": 3_000_002},
        {"name": "n", "n_files": 1, "n_bytes": 0},
    ]
    assert names() == (below, ["a.txt"])
    assert names(folder="m") == ([{"name": "é", "n_files": 1, "n_bytes": 3_000_000}], ["m/b.txt"])
    assert names(folder="none") == ([], [])
    for invalid in ("../m", "/m", "m/", "m\\n"):
        assert_problem(client.get(folder, params={"folder": invalid}), 400, "invalid")
        zipped = client.get(f"{folder}.zip", params={"folder": invalid})
        assert_problem(zipped, 400, "invalid")

    def zipped_files(**query: Any) -> dict[str, bytes]:
        answer = client.get(f"{folder}.zip", params=query).raise_for_status()
        assert answer.headers["content-type"] == "application/zip"
        opened = zipfile.ZipFile(io.BytesIO(answer.content))
        return {name: opened.read(name) for name in opened.namelist()}

    assert zipped_files() == contents
    assert zipped_files(folder="m/é") == {"é/c.bin": contents["m/é/c.bin"]}
    assert zipped_files(folder="none") == {}
    missing = folder.replace("/runs/", "/runs/none-")
    assert_problem(client.get(missing), 404, "not_found")
    assert_problem(client.get(f"{missing}.zip"), 404, "not_found")


def test_a_page_of_a_folder_is_followed_by_the_next(client: httpx.Client, files: str) -> None:
    for nth in range(5):
        client.put(f"{files}/in/{nth}", content=b"1").raise_for_status()
    folder = files.removesuffix("files") + "folder"
    paths: list[str] = []
    query: dict[str, Any] = {"folder": "in", "limit": 2}
    while True:
        page = client.get(folder, params=query).raise_for_status().json()
        paths += [file["path"] for file in page["files"]]
        if page["cursor"] is None:
            break
        query["cursor"] = page["cursor"]
    assert paths == [f"in/{nth}" for nth in range(5)]


def test_files_are_searched_by_a_part_of_their_path(client: httpx.Client, files: str) -> None:
    for path in ("train/Loss.csv", "loss_100%.txt", "other"):
        client.put(f"{files}/{path}", content=b"1").raise_for_status()

    def found(search: str) -> list[str]:
        listed = client.get(files, params={"search": search}).raise_for_status().json()
        assert listed["total"] == len(listed["files"])
        return [file["path"] for file in listed["files"]]

    assert found("loss") == ["loss_100%.txt", "train/Loss.csv"]
    assert found("%") == ["loss_100%.txt"]
    assert found("N/L") == ["train/Loss.csv"]
    assert_problem(client.get(files, params={"search": "\0"}), 400, "invalid")


def test_a_file_and_a_folder_of_one_name_are_both_stored_and_told(
    server: ServerProcess, client: httpx.Client, files: str, tmp_path: Path
) -> None:
    def warnings() -> list[str]:
        run = client.get(files.removesuffix("/files")).raise_for_status().json()
        return run["warnings"]

    for path in ("a-b", "a", "a/b", "a/c", "deleted/a", "deleted", "media/x", "media/x/y"):
        client.put(f"{files}/{path}", content=path.encode()).raise_for_status()
    client.delete(f"{files}/deleted").raise_for_status()
    [warning] = warnings()
    assert warning.startswith("a is a file and also a folder with files")
    assert client.get(f"{files}/a").content == b"a"
    assert client.get(f"{files}/a/b").content == b"a/b"
    _, project, _, run, _ = files.rsplit("/", 4)
    with closing(weft.Api(server.url)) as api:
        stored = {file.name: file for file in api.run(f"local/{project}/{run}").files()}
    stored["a"].download(tmp_path).close()
    with pytest.raises(ConfigError, match="a is a file, not a folder"):
        stored["a/b"].download(tmp_path)
    client.delete(f"{files}/a").raise_for_status()
    assert warnings() == []
