"""Shares show their runs, and nothing else of the project, to those who have the link alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service_uploads import START, Clock, WriterLog
from weft.errors import ConfigError, Forbidden, NotFound
from weft.records.record import Config, Run
from weft.server.app import create_app
from weft.server.http.admission.credentials import Credentials
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.directory import Directory, DirectoryHolder, TeamEntry
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.access.roles import Role
from weft.server.services.opening.services import Services, open_services
from weft.server.settings import ServerSettings
from weft.server.storage.contract import ConsoleLine
from weft.wire.projects.shares import Share, ShareCreate
from weft.wire.runs.runs import RunEdit

PROJECT = ProjectPath("quietlab", "hiddenproject")
SHOWN = ("shown1", "shown2")
SECRETS = (
    *("quietlab", "hiddenproject", "other3", "otherkey", "othername", "other-metric", "other-tag"),
    *("secrethost", "quietperson", "quiet.person@example.org", "otherline", "otherfile"),
)


@pytest.fixture(scope="module")
def prepared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the runs, of which each test has a copy."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    services = open_services(folder, now=Clock())
    for n, run in enumerate((*SHOWN, "other3")):
        name = "othername" if run == "other3" else f"name-{run}"
        tags = ["other-tag"] if run == "other3" else ["good"]
        key = "otherkey" if run == "other3" else "lr"
        metric = "other-metric" if run == "other3" else "loss"
        log = WriterLog(f"w{n}", host="secrethost")
        record = Run(run, PROJECT.project, name=name, tags=tags, user="quietperson")
        rows = [{metric: 1.0 / step, "accuracy": 0.1 * step} for step in range(1, 5)]
        upload = log.upload(record, Config(START, [([key], n)]), rows=rows)
        text = "otherline" if run == "other3" else f"line of {run}"
        upload.console = [ConsoleLine("stdout", 0, START, text)]
        services.ingest.apply_upload(LOCAL, PROJECT.run(run), upload)
        files = {"notes.txt": f"file of {run}", "code/secrethost.py": "secrethost"}
        files |= {"environment.json": "secrethost", "wandb-metadata.json": "secrethost"}
        for path, content in ({"otherfile.txt": "otherkey"} if n == 2 else files).items():
            add_file(services, run, path, content)
    services.close()
    return folder


@pytest.fixture
def shared_services(prepared_data: Path, tmp_path: Path, clock: Clock) -> Iterator[Services]:
    shutil.copytree(prepared_data, tmp_path, dirs_exist_ok=True)
    services = open_services(tmp_path, now=clock)
    yield services
    services.close()


def add_file(services: Services, run: str, path: str, content: str) -> None:
    upload = services.files.upload(LOCAL, PROJECT.run(run), path)
    upload.write(content.encode())
    upload.commit()


@pytest.fixture
def http(shared_services: Services, tmp_path: Path) -> httpx.AsyncClient:
    settings = ServerSettings(tmp_path, embed_sites=("*",))
    app = create_app(settings, shared_services, Credentials("t" * 32), version="1")
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(_with_state(app), client=("10.0.0.9", 1)),
        base_url="http://localhost",
    )


def _with_state(app: Any) -> Any:
    async def call(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": {}}, receive, send)

    return call


def share(services: Services, **fields: Any) -> Share:
    fields = {"kind": "selection", "runs": list(SHOWN), **fields}
    return services.sharing.create(LOCAL, PROJECT, ShareCreate(**fields))


def api_of(link: Share) -> str:
    return link.path.replace("/share/", "/api/v1/shared/")


FILES = (
    *("notes.txt", "environment.json", "wandb-metadata.json", "code/secrethost.py"),
    "otherfile.txt",
)
PANEL = {"panel": {"kind": "line", "keys": ["loss"], "runFilter": None}, "settings": {}}
VIEW = {
    "filter": "name = othername",
    "selection": {"base": "all", "off": ["other3"]},
    "baseline": "other3",
    "groupColors": {"othername": 3},
    "panels": {"a": {"keys": ["loss"], "marks": [{"run": "other3", "text": "othername"}]}},
    "settings": {"styles": [{"of": "run", "id": "other3", "name": "othername"}]},
}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "run", "runs": ["shown1"]},
        {"kind": "run", "runs": ["shown1"], "shows_files": True, "shows_console": True},
        {"kind": "selection"},
        {"kind": "selection", "runs": None, "filter": "tags = good", "is_live": True},
        {"kind": "view", "document": VIEW},
        {"kind": "panel", "document": PANEL},
    ],
    ids=["run", "run and its files", "selection", "live", "view", "panel"],
)
async def test_all_bytes_of_a_share_tell_nothing_else(
    shared_services: Services, http: httpx.AsyncClient, fields: dict[str, Any]
) -> None:
    shared_services.runs.edit(
        LOCAL, PROJECT.run("other3"), RunEdit(notes="quiet.person@example.org")
    )
    link = share(shared_services, **fields)
    base = api_of(link)
    everything = {"filter": None, "limit": 100}
    bodies = [
        ("/runs/query", everything),
        ("/runs/query", {**everything, "columns": ["name", "state", "created"]}),
        ("/runs/query", {**everything, "columns": ["user", "host"]}),
        ("/runs/query", {**everything, "columns": ["summary.other-metric", "config.otherkey"]}),
        ("/runs/query", {"filter": 'id = "other3" or name = "othername"'}),
        ("/runs/query", {"filter": 'user = "quietperson"'}),
        ("/runs/query", {"search": "other"}),
        ("/series", {"panels": [{"runs": ["other3", "shown1"], "keys": ["loss"]}]}),
        ("/series", {"panels": [{"filter": None, "keys": ["loss"], "baseline": "other3"}]}),
        ("/series", {"panels": [{"filter": None, "keys": ["other-metric"]}], "reasons": True}),
        ("/series", {"panels": [{"runs": ["shown1"], "keys": ["loss"], "by": "writer"}]}),
        ("/histograms", {"runs": ["other3", "shown1"], "keys": ["loss"]}),
        ("/latest", {"runs": ["other3"], "keys": ["other-metric"]}),
        ("/latest", {"keys": ["loss"]}),
    ]
    answers = [
        *[
            await http.get(base + path)
            for path in ("", "/metrics/names", "/metrics/names?runs=other3")
        ],
        *[
            await http.get(f"{base}/runs/{run}{path}")
            for run in (*SHOWN, "other3")
            for path in ("", "/files", *(f"/files/{name}" for name in FILES), "/logs")
        ],
        await http.get(f"{base}/runs/shown1/files?limit=1"),
        await http.get(f"{base}/runs/shown1/logs?tail=true"),
        *[await http.post(base + path, json=body) for path, body in bodies],
        await http.get(link.path),
    ]
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    assert any(answer.status_code == 200 and b"loss" in answer.content for answer in answers)
    for answer in answers:
        text = answer.content + json.dumps(dict(answer.headers)).encode()
        sent = str(answer.request.url) + answer.request.content.decode()
        leaks = [secret for secret in SECRETS if secret.encode() in text and secret not in sent]
        assert not leaks, (answer.request.url, answer.text)


@pytest.mark.anyio
async def test_only_a_run_of_a_share_is_a_baseline(
    shared_services: Services, http: httpx.AsyncClient
) -> None:
    base = api_of(share(shared_services))

    async def status(baseline: str) -> int:
        expression = {"name": "difference", "text": "accuracy - baseline(accuracy)"}
        panel = {"filter": None, "expressions": [expression], "baseline": baseline}
        return (await http.post(f"{base}/series", json={"panels": [panel]})).status_code

    assert await status("shown2") == 200
    assert await status("other3") == await status("nosuch99") == 400


@pytest.mark.anyio
async def test_files_and_console_are_shown_if_it_was_chosen(
    shared_services: Services, http: httpx.AsyncClient
) -> None:
    plain = api_of(share(shared_services, kind="run", runs=["shown1"]))
    for path in ("files", "files/notes.txt", "logs"):
        assert (await http.get(f"{plain}/runs/shown1/{path}")).status_code == 404, path
    link = share(
        shared_services, kind="run", runs=["shown1"], shows_files=True, shows_console=True
    )
    base = f"{api_of(link)}/runs/shown1"
    files = (await http.get(f"{base}/files")).json()
    assert [file["path"] for file in files["files"]] == ["notes.txt"]
    assert files["total"] == 1
    assert (await http.get(files["files"][0]["url"])).text == "file of shown1"
    for path in FILES[1:]:
        assert (await http.get(f"{base}/files/{path}")).status_code == 404, path
    for run in ("shown2", "other3"):
        for path in ("files", "files/notes.txt", "logs"):
            answer = await http.get(f"{api_of(link)}/runs/{run}/{path}")
            assert answer.status_code == 404, (run, path)
    lines = (await http.get(f"{base}/logs")).json()
    assert [(line["text"], line["writer"]) for line in lines["lines"]] == [("line of shown1", "")]
    shared = (await http.get(api_of(link))).json()
    assert shared["shows_files"]
    assert shared["shows_console"]


@pytest.mark.anyio
async def test_a_link_opens_the_share_and_nothing_else(
    shared_services: Services, http: httpx.AsyncClient, clock: Clock
) -> None:
    link = share(shared_services)
    base = api_of(link)
    rows = (await http.post(f"{base}/runs/query", json={"columns": ["config.lr"]})).json()
    assert {row["id"]: row["values"] for row in rows["rows"]} == {"shown1": [0], "shown2": [1]}
    assert rows["total"] == 2
    run = (await http.get(f"{base}/runs/shown1")).json()
    assert (run["entity"], run["project"], run["user"], run["config"]) == ("", "", None, {"lr": 0})
    assert (await http.get(base)).json()["n_runs"] == 2
    panels = {"panels": [{"runs": ["shown1"], "keys": ["loss"]}]}
    assert (await http.post(f"{base}/series", json=panels)).status_code == 200
    # neither another code, nor the code of another share, nor the link as a key
    other = share(shared_services)
    for wrong in (base[:-1], f"{base}0", base.replace(link.id, other.id), base.split(".")[0]):
        assert (await http.get(wrong)).status_code == 404
    for path in (f"/api/v1/projects/{PROJECT}", "/api/v1/projects", "/api/v1/server"):
        assert (await http.get(path, params={"share": base})).status_code in {400, 401}
        assert (await http.get(f"{base}/../../..{path}")).status_code in {401, 404}
    # a page that others may not frame
    page = await http.get(link.path)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    clock.forward(31 * 86_400)
    assert (await http.get(base)).status_code == 404
    assert shared_services.sharing.list(LOCAL, PROJECT).shares[-1].has_expired


@pytest.mark.anyio
async def test_revoked_moved_and_deleted(
    shared_services: Services, http: httpx.AsyncClient
) -> None:
    link = share(shared_services, days=None)
    assert link.expires_micros is None
    assert (await http.get(api_of(link))).status_code == 200
    listed = shared_services.sharing.list(LOCAL, PROJECT).shares
    assert [(entry.path, entry.n_opened) for entry in listed] == [(link.path, 1)]
    shared_services.runs.delete(LOCAL, PROJECT.run("shown1"))
    rows = await http.post(f"{api_of(link)}/runs/query", json={"columns": []})
    assert [row["id"] for row in rows.json()["rows"]] == ["shown2"]
    with pytest.raises(NotFound):
        shared_services.sharing.revoke(LOCAL, PROJECT, "0" * 12)
    shared_services.sharing.revoke(LOCAL, PROJECT, link.id)
    assert (await http.get(api_of(link))).status_code == 404
    assert shared_services.sharing.list(LOCAL, PROJECT).shares == []
    again = share(shared_services, runs=["shown2"])
    shared_services.projects.delete(LOCAL, PROJECT)
    assert (await http.get(api_of(again))).status_code == 404


@pytest.mark.anyio
async def test_a_share_that_may_be_embedded(
    shared_services: Services, http: httpx.AsyncClient
) -> None:
    link = share(shared_services, may_embed=True)
    framed = {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "iframe",
    }
    page = await http.get(link.path, headers=framed)
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    plain = share(shared_services)
    assert (await http.get(plain.path, headers=framed)).status_code == 403


def test_a_fixed_set_stays_and_a_live_one_follows(shared_services: Services) -> None:
    fixed = share(shared_services, runs=None, filter="tags = good")
    live = share(shared_services, runs=None, filter="tags = good", is_live=True)
    log = WriterLog("w9")
    record = Run("late4", PROJECT.project, tags=["good"])
    shared_services.ingest.apply_upload(
        LOCAL, RunPath(*PROJECT, "late4"), log.upload(record, rows=[{"loss": 1}])
    )
    assert (fixed.n_runs, fixed.filter) == (2, None)
    assert (live.n_runs, live.filter) == (None, 'tags has "good"')


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "run"},
        {"kind": "panel"},
        {"shows_files": True},
        {"kind": "view", "document": {}, "shows_console": True},
        {"kind": "selection", "document": {}},
        {"kind": "selection", "filter": "tags = good"},
        {"kind": "selection", "is_live": True},
        {"kind": "panel", "document": {"keys": []}},
        {"days": 1000},
    ],
)
def test_invalid_shares_are_refused(shared_services: Services, fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        share(shared_services, **fields)


def test_missing_runs_and_views_are_refused(shared_services: Services) -> None:
    with pytest.raises(NotFound, match="no run nope"):
        share(shared_services, runs=["shown1", "nope"])
    with pytest.raises(NotFound, match="no view"):
        share(shared_services, kind="view", view="0" * 12)


def test_who_may_share(shared_services: Services) -> None:
    members = {"ada": Role.ADMIN, "bob": Role.MEMBER, "eve": Role.VIEWER}
    for is_closed in (False, True):
        people = DirectoryHolder(Directory(teams={"lab": TeamEntry(members, is_closed)}))
        rights = [
            may(Actor("user", name, people=people), Action.SHARE, ProjectPath("lab", "p"))
            for name in ("ada", "bob", "eve", "dan")
        ]
        assert rights == [not is_closed, not is_closed, False, False]
        root = Actor("user", "root", is_admin=True, people=people)
        assert may(root, Action.SHARE, ProjectPath("lab", "p")) is not is_closed
    with pytest.raises(Forbidden, match="the team is closed"):
        require(root, Action.SHARE, ProjectPath("lab", "p"))
