"""Links to reports show what was published and its figures, and nothing else of the project."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from service_uploads import Clock, WriterLog
from weft.errors import ConfigError, Conflict, NotFound
from weft.records.record import Run
from weft.server.app import create_app
from weft.server.http.admission.credentials import Credentials
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services, open_services
from weft.server.services.reports import unpack_figure
from weft.server.settings import ServerSettings
from weft.wire.projects.shares import Share, ShareCreate
from weft.wire.reports.reports import ReportCreate, ReportEdit, ReportPublish

PROJECT = ProjectPath("quietlab", "hiddenproject")
SITE = "https://wiki.example.org"
SECRETS = (
    *("quietlab", "hiddenproject", "quietperson", "secrethost", "otherkey", "othername"),
    *("other-metric", "quietnote", "later words", "otherproject", "quietfile"),
)
GRID = {
    "runSets": {"all": {"filter": "tags = good"}},
    "panels": {"l": {"kind": "line", "keys": ["loss"]}},
}


def blocks() -> list[dict[str, Any]]:
    foreign = {"kind": "value", "run": "otherproject/q/r", "key": "summary.loss"}
    value = {**foreign, "run": f"{PROJECT}/shown1", "wandb": "quietlab"}
    link = {"text": "our page", "link": "/quietlab/hiddenproject", "wandbRef": "quietnote"}
    return [
        {"id": "p", "kind": "paragraph", "text": [{"text": "Reaches "}, value, link, foreign]},
        {"id": "g", "kind": "grid", **GRID, "wandb": {"project": "hiddenproject"}},
        {"id": "i", "kind": "image", "url": "/api/v1/projects/quietlab/x", "alt": "A plot"},
        {"id": "a", "kind": "card", "of": "artifact", "path": f"{PROJECT}/quietfile:v1"},
        {"id": "c", "kind": "card", "of": "run", "path": f"{PROJECT}/shown1"},
        {"id": "u", "kind": "wandb-soundcloud", "html": "quietnote"},
    ]


@pytest.fixture(scope="module")
def prepared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with runs, of which each test has a copy."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    services = open_services(folder, now=Clock())
    for n, run in enumerate(("shown1", "shown2", "other3")):
        is_shown = run.startswith("shown")
        metric = "loss" if is_shown else "other-metric"
        record = Run(
            run,
            PROJECT.project,
            name=f"name-{run}" if is_shown else "othername",
            tags=["good"] if is_shown else ["otherkey"],
            user="quietperson",
        )
        log = WriterLog(f"w{n}", host="secrethost")
        rows = [{metric: (n + 1.0) / step} for step in range(1, 30)]
        services.ingest.apply_upload(LOCAL, PROJECT.run(run), log.upload(record, rows=rows))
    services.close()
    return folder


@pytest.fixture
def shared_services(prepared_data: Path, tmp_path: Path, clock: Clock) -> Iterator[Services]:
    shutil.copytree(prepared_data, tmp_path, dirs_exist_ok=True)
    services = open_services(tmp_path, now=clock)
    yield services
    services.close()


@pytest.fixture
def http(shared_services: Services, tmp_path: Path) -> httpx.AsyncClient:
    return client_of(shared_services, ServerSettings(tmp_path))


def client_of(services: Services, settings: ServerSettings) -> httpx.AsyncClient:
    app = create_app(settings, services, Credentials("t" * 32), version="1")

    async def call(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": {}}, receive, send)

    transport = httpx.ASGITransport(call, client=("10.0.0.9", 1))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


def publish(services: Services, **fields: Any) -> str:
    new = ReportCreate(
        **{"title": "A & B", "description": "Two runs", "blocks": blocks(), **fields},
        more={"wandb": {"entity": "quietlab"}},
    )
    report = services.reports.create(LOCAL, PROJECT, new).id
    services.reports.publish(LOCAL, PROJECT, report, ReportPublish())
    return report


def share(services: Services, report: str, **fields: Any) -> Share:
    new = ShareCreate(kind="report", report=report, **fields)
    return services.sharing.create(LOCAL, PROJECT, new)


def api_of(link: Share) -> str:
    return link.path.replace("/share/", "/api/v1/shared/")


async def capture(http: httpx.AsyncClient, report: str) -> None:
    """Store the figures of the first version, as the page that publishes does."""
    columns = ["loss", "summary.loss", "user", "host", "tags"]
    requests = [
        {
            "method": "POST",
            "path": "runs/query",
            "body": {"filter": "tags = good", "columns": columns[1:]},
        },
        {"method": "POST", "path": "runs/query", "body": {"filter": "tags = good"}},
        # the run set hides a run of its list
        {"method": "POST", "path": "runs/query", "body": {"columns": ["tags"]}},
        {"method": "GET", "path": "runs/shown1"},
        {"method": "GET", "path": "columns"},
        {"method": "GET", "path": "metrics/names"},
        {"method": "GET", "path": "metrics"},
        {"method": "POST", "path": "run-events", "body": {"runs": ["shown1"]}},
        {"method": "GET", "path": "runs/shown1/files"},
        {"method": "GET", "path": "runs/absent"},
        {"method": "POST", "path": "runs/groups", "body": {"by": ["user"]}},
        {
            "method": "POST",
            "path": "series",
            "body": {"panels": [{"runs": ["shown1", "shown2"], "keys": ["loss"]}]},
        },
    ]
    path = f"/api/v1/projects/{PROJECT}/reports/{report}/versions/1/figures"
    headers = {"authorization": f"Bearer {'t' * 32}"}
    ends = {"filter": "tags = good", "columns": ["ended"]}
    sets = {"all": {"method": "POST", "path": "runs/query", "body": ends}}
    last = {"filter": "tags = good", "columns": ["summary.loss"]}
    values = {"method": "POST", "path": "runs/query", "body": last}
    for body in (
        {"part": "g", "requests": requests, "run_sets": sets},
        {"part": f"values:{PROJECT}", "requests": [values]},
    ):
        answer = await http.post(path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text


@pytest.mark.anyio
async def test_all_bytes_of_a_link_tell_nothing_else(
    shared_services: Services, http: httpx.AsyncClient
) -> None:
    report = publish(shared_services)
    await capture(http, report)
    shared_services.reports.edit(LOCAL, PROJECT, report, ReportEdit(title="later words"))
    link = share(shared_services, report)
    base = api_of(link)
    described = (await http.get(base)).json()
    assert (described["kind"], described["name"], described["n_runs"]) == ("report", "A & B", 0)
    shown = (await http.get(f"{base}/report")).json()
    assert [figure["part"] for figure in shown["figures"]] == ["g", "values:-/1"]
    words = shown["document"]["blocks"][0]["text"]
    assert [word.get("run") for word in words] == [None, "-/1/shown1", None, "-/2/r"]
    assert words[2] == {"text": "our page"}
    assert shown["document"]["blocks"][-1] == {"id": "u", "kind": "wandb-soundcloud"}
    answers = [
        await http.get(base),
        await http.get(f"{base}/report"),
        *[
            await http.get(f"{base}/report/figures/{figure['sha256']}", headers=headers)
            for figure in shown["figures"]
            for headers in ({}, {"accept-encoding": "identity"})
        ],
        await http.get(f"{base}/report/embed?format=json&url=x"),
        await http.get(link.path),
        *[
            await http.get(f"{base}/{path}")
            for path in ("metrics/names", "runs/shown1", "runs/shown1/files", "runs/shown1/logs")
        ],
        await http.post(f"{base}/runs/query", json={}),
        await http.post(f"{base}/series", json={"panels": [{"filter": None, "keys": ["loss"]}]}),
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200] * 8 + [404] * 6
    for answer in answers:
        text = answer.content + json.dumps(dict(answer.headers)).encode()
        leaks = [secret for secret in SECRETS if secret.encode() in text]
        assert not leaks, (answer.request.url, answer.text)
    answer = answers[2]
    figure = unpack_figure(answer.content)
    paths = [stored.request.path for stored in figure.answers]
    assert "series" in paths
    assert "runs/shown1/files" not in paths
    assert "runs/groups" not in paths
    rows = json.loads(figure.answers[figure.run_sets["all"]].content)["rows"]
    assert "name-shown1" in {row["name"] for row in rows}
    tag = {"if-none-match": answer.headers["etag"]}
    assert (await http.get(answer.request.url, headers=tag)).status_code == 304


@pytest.mark.anyio
async def test_a_link_ends_when_it_is_revoked_or_its_report_goes(
    shared_services: Services, http: httpx.AsyncClient, clock: Clock
) -> None:
    services, report = shared_services, publish(shared_services)
    wrong = await http.get("/api/v1/shared/0.0/report")

    async def is_gone(link: Share) -> bool:
        answer = await http.get(f"{api_of(link)}/report")
        if answer.status_code == 404:
            # nothing tells an ended link from one that never was
            assert answer.json()["detail"] == wrong.json()["detail"]
        return answer.status_code == 404

    revoked, ended, trashed = (share(services, report, days=days) for days in (None, 1, None))
    assert not await is_gone(revoked)
    services.sharing.revoke(LOCAL, PROJECT, revoked.id)
    assert await is_gone(revoked)
    clock.forward(2 * 86_400)
    assert await is_gone(ended)
    services.reports.delete(LOCAL, PROJECT, report)
    assert await is_gone(trashed)
    services.reports.undelete(LOCAL, PROJECT, report)
    assert not await is_gone(trashed)
    assert len(services.sharing.list(LOCAL, PROJECT).shares) == 2
    services.reports.delete(LOCAL, PROJECT, report, permanently=True)
    assert await is_gone(trashed)
    assert services.sharing.list(LOCAL, PROJECT).shares == []


@pytest.mark.anyio
async def test_a_page_has_a_preview_and_is_framed_by_the_sites_of_the_setting(
    shared_services: Services, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    report = publish(shared_services)
    await capture(http, report)
    link = share(shared_services, report, may_embed=True)
    framed = {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "iframe",
    }
    assert (await http.get(link.path, headers=framed)).status_code == 403
    settings = ServerSettings(tmp_path, embed_sites=(SITE,), public_url="https://weft.example.org")
    public = client_of(shared_services, settings)
    page = await public.get(link.path, headers=framed)
    assert f"frame-ancestors 'self' {SITE};" in page.headers["content-security-policy"] + ";"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-robots-tag"] == "noindex"
    plain = share(shared_services, report)
    assert (await public.get(plain.path, headers=framed)).status_code == 403
    other = await public.get(plain.path)
    assert "frame-ancestors 'none'" in other.headers["content-security-policy"]
    picture = f"https://weft.example.org{api_of(link)}/report/picture"
    for part in ("<title>A &amp; B", '"og:title" content="A &amp; B"', f'content="{picture}"'):
        assert part in page.text
    embed = (await public.get(f"{api_of(link)}/report/embed?maxwidth=500")).json()
    assert (embed["type"], embed["version"], embed["width"]) == ("rich", "1.0", 500)
    assert f'src="https://weft.example.org{link.path}"' in embed["html"]
    assert (await public.get(f"{api_of(plain)}/report/embed")).json()["type"] == "link"
    answer = await public.get(f"{api_of(link)}/report/picture")
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (1200, 630)
    # the first colors of runs
    colors = {color for _, color in image.getcolors(1 << 20) or []}
    assert {(0x32, 0x57, 0xD8), (0xB5, 0x77, 0x00)} <= colors
    body = {"kind": "report", "report": report, "may_embed": True}
    path = f"/api/v1/projects/{PROJECT}/shares"
    headers = {"authorization": f"Bearer {'t' * 32}"}
    refused = await http.post(path, json=body, headers=headers)
    assert refused.status_code == 400
    assert "embed_sites" in refused.text


def test_what_is_no_published_report_is_not_shared(shared_services: Services) -> None:
    draft = shared_services.reports.create(LOCAL, PROJECT, ReportCreate(title="D")).id
    with pytest.raises(Conflict, match="publish it first"):
        share(shared_services, draft)
    with pytest.raises(NotFound, match="no report"):
        share(shared_services, "nope")
    report = publish(shared_services)
    for fields in ({"runs": ["shown1"]}, {"document": {"a": 1}}, {"is_live": True}):
        with pytest.raises(ConfigError, match="share of a report has no"):
            share(shared_services, report, **fields)
    with pytest.raises(ConfigError, match="names the report"):
        shared_services.sharing.create(LOCAL, PROJECT, ShareCreate(kind="report"))
    new = ShareCreate(kind="run", runs=["shown1"], report=report)
    with pytest.raises(ConfigError, match="has no report"):
        shared_services.sharing.create(LOCAL, PROJECT, new)
