"""Saved views through HTTP: names, kinds, versions, limits; they outlive a move and a backup."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server_process import ServerProcess, start_server
from weft_command import run_weft

VIEWS = "/api/v1/projects/local/p/views"


@pytest.fixture
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    """A client of a server whose project `p` is new."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        client.delete("/api/v1/projects/local/p", params={"permanently": True})
        client.put("/api/v1/projects/local/p").raise_for_status()
        yield client


def make(http: httpx.Client, name: str = "mine", **values: Any) -> httpx.Response:
    body = {"kind": "personal", "name": name, "document": {"filter": name}, **values}
    return http.post(VIEWS, json=body)


def at(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def test_a_views_life(http: httpx.Client) -> None:
    assert http.get(VIEWS).json() == {"views": []}
    created = make(http, "  two \t words ", document={"a": [1, 2.5, "\0", None]})
    assert created.status_code == 201
    view = created.json()
    assert (view["name"], view["kind"], view["version"]) == ("two words", "personal", 1)
    assert view["is_mine"]
    assert view["owner"] is None
    assert created.headers["etag"] == '"1"'

    edited = http.patch(
        f"{VIEWS}/{view['id']}", json={"name": "ours", "kind": "shared"}, headers=at(1)
    )
    assert edited.headers["etag"] == '"2"'
    changed = http.patch(f"{VIEWS}/{view['id']}", json={"document": {"b": 1}}, headers=at(2))
    assert changed.status_code == 200
    assert "document" not in changed.json()
    reread = http.get(f"{VIEWS}/{view['id']}")
    assert reread.headers["etag"] == '"3"'
    assert (reread.json()["document"], reread.json()["name"]) == ({"b": 1}, "ours")
    assert [view["name"] for view in http.get(VIEWS).json()["views"]] == ["ours"]

    assert http.delete(f"{VIEWS}/{view['id']}", headers=at(2)).status_code == 412
    assert http.delete(f"{VIEWS}/{view['id']}").status_code == 204
    assert http.get(f"{VIEWS}/{view['id']}").status_code == 410
    (trashed,) = http.get("/api/v1/projects/local/p/trash").json()["views"]
    assert (trashed["id"], trashed["name"], trashed["kind"]) == (view["id"], "ours", "shared")
    # back, where its links lead
    again = http.post(f"{VIEWS}/{view['id']}/undelete")
    assert (again.status_code, again.json()["document"]) == (200, {"b": 1})
    assert http.post(f"{VIEWS}/{view['id']}/undelete").status_code == 404
    assert http.delete(f"{VIEWS}/{view['id']}", params={"permanently": True}).status_code == 204
    assert http.get(f"{VIEWS}/{view['id']}").status_code == 404


def test_of_two_who_edit_one_view_the_second_is_told(http: httpx.Client) -> None:
    view = make(http).json()
    address = f"{VIEWS}/{view['id']}"
    assert http.patch(address, json={"document": {"n": 1}}, headers=at(1)).status_code == 200
    late = http.patch(address, json={"document": {"n": 2}}, headers=at(1))
    assert (late.status_code, late.json()["code"]) == (412, "outdated")
    assert "'mine'" in late.json()["detail"]
    assert "version 2" in late.json()["detail"]
    assert http.get(address).json()["document"] == {"n": 1}
    blind = http.patch(address, json={"document": {"n": 2}})
    assert (blind.status_code, blind.json()["errors"][0]["field"]) == (400, "If-Match")


def test_the_default_view_is_one_and_has_no_name(http: httpx.Client) -> None:
    address = f"{VIEWS}/default"
    unchanged = http.get(address).json()
    assert (unchanged["version"], unchanged["document"]) == (0, {})
    assert http.put(address, json={"document": {}}, headers=at(1)).status_code == 412
    first = http.put(address, json={"document": {"n": 1}}, headers=at(0))
    assert (first.status_code, first.json()["version"]) == (200, 1)
    second = http.put(address, json={"document": {"n": 2}}, headers=at(0))
    assert second.status_code == 412
    assert http.put(address, json={"document": {"n": 2}}).status_code == 400
    assert http.put(address, json={"document": {"n": 3}}, headers=at(1)).json()["version"] == 2
    view_of_default = http.get(address).json()
    assert (view_of_default["document"], view_of_default["kind"]) == ({"n": 3}, "default")
    assert http.get(VIEWS).json() == {"views": []}
    named = http.patch(address, json={"name": "x"}, headers=at(2))
    assert (named.status_code, named.json()["code"]) == (409, "conflict")
    assert http.delete(address).status_code == 204
    assert http.get(address).json()["version"] == 0


def test_the_same_document_has_the_same_link(http: httpx.Client) -> None:
    link = {"kind": "link", "document": {"panels": list(range(100))}}
    first, second = (http.post(VIEWS, json=link).json() for _ in range(2))
    assert first["id"] == second["id"]
    assert http.get(f"{VIEWS}/{first['id']}").json()["document"] == link["document"]
    assert http.get(VIEWS).json() == {"views": []}
    named = http.patch(f"{VIEWS}/{first['id']}", json={"name": "x"}, headers=at(1))
    assert named.status_code == 409


def test_names_are_checked(http: httpx.Client) -> None:
    assert make(http, "a").status_code == 201
    conflict = make(http, "a")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "conflict")
    # a shared view is another list's
    assert make(http, "a", kind="shared").status_code == 201
    other = make(http, "b").json()
    onto = http.patch(f"{VIEWS}/{other['id']}", json={"name": "a"}, headers=at(1))
    assert onto.status_code == 409
    for name in ("", "   ", "x" * 513, "bell\a"):
        refused = make(http, name)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "name"), name


def test_sets_of_columns_have_a_list_of_their_own(http: httpx.Client) -> None:
    document = {"pinned": [], "columns": ["state", "summary.größe"]}
    created = make(http, "paper", kind="columns", document=document)
    assert created.status_code == 201
    make(http, "paper", kind="shared").raise_for_status()
    sets = {"kind": "columns"}
    (view,) = http.get(VIEWS, params=sets).json()["views"]
    assert (view["name"], view["kind"], view["id"]) == ("paper", "columns", created.json()["id"])
    assert [view["kind"] for view in http.get(VIEWS).json()["views"]] == ["shared"]
    assert http.get(VIEWS, params={"kind": "link"}).status_code == 400

    refused = make(http, "paper", kind="columns")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "set of columns 'paper'" in refused.json()["detail"]
    address = f"{VIEWS}/{view['id']}"
    assert http.patch(address, json={"kind": "shared"}, headers=at(1)).status_code == 409
    less = {"document": {"pinned": [], "columns": []}}
    assert http.patch(address, json=less, headers=at(1)).status_code == 200
    assert http.patch(address, json=less, headers=at(1)).status_code == 412
    assert http.delete(address).status_code == 204
    assert http.get(VIEWS, params=sets).json() == {"views": []}


def test_documents_are_bounded(http: httpx.Client) -> None:
    assert make(http, document={"text": "x" * (1 << 20)}).status_code == 413
    deep: Any = {}
    for _ in range(70):
        deep = {"in": deep}
    assert make(http, document=deep).status_code == 400
    assert make(http, document=[1]).status_code == 400
    body = b'{"kind": "personal", "name": "n", "document": {"x": NaN}}'
    headers = {"Content-Type": "application/json"}
    assert http.post(VIEWS, content=body, headers=headers).status_code == 400
    assert http.get(VIEWS).json() == {"views": []}


def test_views_belong_to_a_project(http: httpx.Client) -> None:
    view = make(http).json()
    other = "/api/v1/projects/local/q"
    assert http.get(f"{other}/views").status_code == 404
    http.put(other).raise_for_status()
    assert http.get(f"{other}/views/{view['id']}").status_code == 404
    # from the trash it comes back with its views
    http.delete("/api/v1/projects/local/p").raise_for_status()
    assert http.get(VIEWS).status_code == 404
    http.post("/api/v1/projects/local/p/undelete").raise_for_status()
    assert [view["id"] for view in http.get(VIEWS).json()["views"]] == [view["id"]]


def test_archives_and_backups_have_views(
    http: httpx.Client, server: ServerProcess, tmp_path: Path
) -> None:
    view = make(http, "kept", kind="shared", document={"größe": [1, {"a": None}]}).json()
    default = {"document": {"n": 7}}
    http.put(f"{VIEWS}/default", json=default, headers=at(0)).raise_for_status()
    path = tmp_path / "p.zip"
    assert run_weft("export", "p", path, "--base-url", server.url).exit_code == 0
    backup = tmp_path / "backup"
    assert run_weft("server", "backup", backup, "--data", server.data).exit_code == 0

    target = ["--base-url", server.url, "--project", "moved"]
    done = run_weft("import", path, *target)
    assert done.exit_code == 0, done.stderr
    moved = VIEWS.replace("/p/", "/moved/")
    assert http.get(f"{moved}/{view['id']}").json() == view
    assert http.get(f"{moved}/default").json()["document"] == {"n": 7}
    # what is there stays
    http.patch(
        f"{moved}/{view['id']}", json={"document": {"n": 8}}, headers=at(1)
    ).raise_for_status()
    assert run_weft("import", path, *target).exit_code == 0
    assert http.get(f"{moved}/{view['id']}").json()["document"] == {"n": 8}

    done = run_weft("server", "restore", backup, "--data", tmp_path / "restored")
    assert done.exit_code == 0, done.stderr
    (tmp_path / "again").mkdir()
    with (
        start_server(tmp_path / "again", "--data", str(tmp_path / "restored")) as restored,
        httpx.Client(base_url=restored.url, trust_env=False, timeout=30) as client,
    ):
        assert client.get(f"{VIEWS}/{view['id']}").json() == view


def test_an_archive_with_hostile_views_is_refused(
    http: httpx.Client, server: ServerProcess, tmp_path: Path
) -> None:
    make(http, "good").raise_for_status()
    path = tmp_path / "p.zip"
    assert run_weft("export", "p", path, "--base-url", server.url).exit_code == 0
    for wrong in ({"kind": "root"}, {"document": "[1]"}, {"document": "{"}, {"name": 5}):
        bad = with_views(path.read_bytes(), wrong)
        (tmp_path / "bad.zip").write_bytes(bad)
        done = run_weft(
            "import", tmp_path / "bad.zip", "--base-url", server.url, "--project", "bad"
        )
        assert done.exit_code != 0
        assert "views" in done.stderr
        assert http.get("/api/v1/projects/local/bad").status_code == 404


def with_views(archive: bytes, changes: dict[str, Any]) -> bytes:
    """The archive with other columns in each of its views, and sums to match."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    project = json.loads(entries["project.json"])
    project["views"] = [{**view, **changes} for view in project["views"]]
    entries["project.json"] = json.dumps(project).encode()
    manifest = json.loads(entries.pop("manifest.json"))
    data = entries["project.json"]
    manifest["entries"]["project.json"] = {
        "n_bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    entries["manifest.json"] = json.dumps(manifest).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as new:
        for name, content in entries.items():
            new.writestr(name, content)
    return buffer.getvalue()
