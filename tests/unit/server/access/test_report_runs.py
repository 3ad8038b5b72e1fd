"""Links to reports with the runs behind them answer for the runs of published run sets alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service_uploads import START, Clock, WriterLog
from weft.errors import ConfigError
from weft.records.record import Config, Run
from weft.server.app import create_app
from weft.server.http.admission.credentials import Credentials
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services, open_services
from weft.server.services.sharing import SharedReportService
from weft.server.settings import ServerSettings
from weft.wire.projects.shares import Share, ShareCreate
from weft.wire.reports.reports import ReportCreate, ReportEdit, ReportPublish

PROJECT = ProjectPath("quietlab", "hiddenproject")
OTHER = ProjectPath("quietlab", "otherproject")
SECRETS = (
    *("quietlab", "hiddenproject", "otherproject", "quietperson", "secrethost", "otherkey"),
    *("name-out3", "name-off4", "other-metric", "quietnote"),
)
GOOD = {"filter": 'tags = good and user = "quietperson"', "groupBy": ["config.lr"]}
LINE = {
    "kind": "line",
    "keys": ["loss"],
    "expressions": [{"name": "twice", "text": "2 * loss"}],
}


@pytest.fixture(scope="module")
def prepared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the runs of two projects, of which each test has a copy."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    services = open_services(folder, now=Clock())
    for n, run in enumerate(("in1", "in2", "out3", "off4")):
        add_run(services, PROJECT, run, n, tags=["other" if run == "out3" else "good"])
    add_run(services, OTHER, "far5", 5, tags=["good"])
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
    app = create_app(ServerSettings(tmp_path), shared_services, Credentials("t" * 32), version="1")

    async def call(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": {}}, receive, send)

    transport = httpx.ASGITransport(call, client=("10.0.0.9", 1))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


def add_run(
    services: Services, project: ProjectPath, run: str, n: int, tags: list[str] | None = None
) -> None:
    log = WriterLog(f"w{n}", host="secrethost")
    record = Run(
        run, project.project, name=f"name-{run}", notes="quietnote", tags=tags, user="quietperson"
    )
    config = Config(START, [(["lr"], n % 2), (["otherkey"], n)])
    rows = [{"loss": (n + 1.0) / step, "other-metric": 1.0} for step in range(1, 9)]
    services.ingest.apply_upload(LOCAL, project.run(run), log.upload(record, config, rows=rows))


def grid_of(*sets: dict[str, Any], panels: dict[str, Any] | None = None) -> dict[str, Any]:
    run_sets = {f"s{i}": run_set for i, run_set in enumerate(sets)}
    return {"id": "g", "kind": "grid", "runSets": run_sets, "panels": panels or {"l": LINE}}


def publish(services: Services, *blocks: dict[str, Any]) -> str:
    new = ReportCreate(title="Findings", blocks=list(blocks))
    report = services.reports.create(LOCAL, PROJECT, new).id
    services.reports.publish(LOCAL, PROJECT, report, ReportPublish())
    return report


def share(services: Services, report: str, *, shows_runs: bool = True, **fields: Any) -> Share:
    new = ShareCreate(kind="report", report=report, shows_runs=shows_runs, **fields)
    return services.sharing.create(LOCAL, PROJECT, new)


def api_of(link: Share, part: str = "") -> str:
    return link.path.replace("/share/", "/api/v1/shared/") + part


async def ids(http: httpx.AsyncClient, base: str, **query: Any) -> list[str] | int:
    """The sorted ids of the runs that a link lists, or the status if it is refused."""
    answer = await http.post(f"{base}/runs/query", json={"columns": [], **query})
    if answer.status_code != 200:
        return answer.status_code
    return sorted(row["id"] for row in answer.json()["rows"])


@pytest.mark.anyio
async def test_all_bytes_of_the_runs_tell_nothing_else(
    shared_services: Services, http: httpx.AsyncClient
) -> None:
    chosen = {**GOOD, "selection": {"base": "all", "off": ["off4"]}}
    link = share(shared_services, publish(shared_services, grid_of(chosen)))
    base = api_of(link, ".g.1")
    everything = {"filter": None, "limit": 100}
    bodies: list[tuple[str, dict[str, Any], int]] = [
        ("/runs/query", {**everything, "columns": ["tags", "config.lr", "summary.loss"]}, 200),
        ("/runs/query", {**everything, "columns": ["name"], "filter": GOOD["filter"]}, 200),
        ("/runs/query", {**everything, "columns": [], "order": "-user"}, 200),
        ("/runs/query", everything, 403),
        ("/runs/query", {**everything, "columns": ["user"]}, 403),
        ("/runs/query", {**everything, "columns": ["config.otherkey"]}, 403),
        ("/runs/query", {**everything, "columns": ["summary.other-metric"]}, 403),
        ("/runs/query", {"columns": [], "filter": 'user = "quietperson"'}, 403),
        ("/runs/query", {"columns": [], "filter": 'not user = "quietperson"'}, 403),
        ("/runs/query", {"columns": [], "search": "quiet"}, 403),
        ("/runs/query", {"columns": [], "under": {"by": ["user"], "values": ["ada"]}}, 403),
        ("/runs/groups", {"by": ["config.lr"]}, 200),
        ("/runs/groups", {"by": ["user"]}, 403),
        ("/runs/groups", {"by": ["config.lr"], "search": "quiet"}, 403),
        (
            "/runs/groups",
            {"by": ["config.lr"], "aggregates": [{"column": "host", "function": "values"}]},
            403,
        ),
        ("/series", {"panels": [{"runs": ["out3", "off4", "in1"], "keys": ["loss"]}]}, 200),
        ("/series", {"panels": [{"filter": None, "keys": ["loss"], "baseline": "out3"}]}, 200),
        ("/series", {"panels": [{"filter": None, "keys": ["other-metric"]}]}, 403),
        ("/series", {"panels": [{"filter": None, "keys": ["loss"], "by": "writer"}]}, 403),
        (
            "/series",
            {"panels": [{"filter": None, "keys": ["loss"], "group": {"by": ["user"]}}]},
            403,
        ),
        (
            "/series",
            {"panels": [{"runs": ["in1"], "expressions": LINE["expressions"], "axis": "time"}]},
            200,
        ),
        ("/histograms", {"runs": ["out3", "in1"], "keys": ["loss"]}, 200),
        ("/histograms", {"runs": ["in1"], "keys": ["other-metric"]}, 403),
        ("/latest", {"runs": ["out3", "in1"], "keys": ["loss"]}, 200),
        ("/latest", {"runs": ["in1"], "keys": ["other-metric"]}, 403),
    ]
    answers = [(await http.get(base), 200), (await http.get(f"{base}/report"), 200)]
    answers += [(await http.get(f"{base}/metrics/names"), 200)]
    for run in ("in1", "out3", "off4"):
        answers += [
            (await http.get(f"{base}/runs/{run}"), 403),
            *[
                (await http.get(f"{base}/runs/{run}/{path}"), 404)
                for path in ("files", "files/a.txt", "logs")
            ],
        ]
    for path, body, status in bodies:
        answers.append((await http.post(base + path, json=body), status))
    for answer, status in answers:
        assert answer.status_code == status, (answer.request.url, answer.request.content)
        if str(answer.request.url).endswith("/report"):
            continue  # the filters of run sets are part of a report
        text = answer.content + json.dumps(dict(answer.headers)).encode()
        sent = str(answer.request.url) + answer.request.content.decode()
        leaks = [secret for secret in SECRETS if secret.encode() in text and secret not in sent]
        assert not leaks, (answer.request.url, answer.text)
    assert await ids(http, base) == ["in1", "in2"]


@pytest.mark.anyio
async def test_without_the_choice_or_of_another_part_no_run_is_shown(
    shared_services: Services, http: httpx.AsyncClient
) -> None:
    text = {"id": "t", "kind": "grid", "panels": {"m": {"kind": "markdown"}}}
    report = publish(shared_services, grid_of({}), text)
    plain = share(shared_services, report, shows_runs=False)
    assert await ids(http, api_of(plain, ".g.1")) == 404
    link = share(shared_services, report)
    for part in ("", ".g", ".g.2", ".g.x", ".x.1", ".g.1.1", ".t.1"):
        assert await ids(http, api_of(link, part)) in (404, []), part
    wrong = api_of(link).rpartition(".")[0]
    assert await ids(http, f"{wrong}.{'0' * 32}.g.1") == 404
    described = (await http.get(api_of(link))).json()
    assert (described["shows_runs"], link.shows_runs) == (True, True)
    new = ShareCreate(kind="run", runs=["in1"], shows_runs=True)
    with pytest.raises(ConfigError, match="shows_runs is of reports"):
        shared_services.sharing.create(LOCAL, PROJECT, new)
    # nor is the part of a report one of another share
    selection = shared_services.sharing.create(
        LOCAL, PROJECT, ShareCreate(kind="run", runs=["in1"])
    )
    assert await ids(http, api_of(selection, ".g.1")) == 404


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("run_sets", "shown"),
    [
        ([{}], ["in1", "in2", "off4", "out3"]),
        ([{"filter": "tags = good"}], ["in1", "in2", "off4"]),
        ([{"filter": "tags = other"}, {"runSearch": "name-in1"}], ["in1", "out3"]),
        ([{"runSearch": "in[12]$", "isRunRegex": True}], ["in1", "in2"]),
        ([{"selection": {"base": "none", "on": ["in2", "far5"]}}], ["in2"]),
        ([{"filter": "tags = good", "selection": {"base": "none", "on": ["out3"]}}], []),
        ([{"selection": {"base": "all", "off": ["out3", "in1"]}}], ["in2", "off4"]),
        ([{"filter": "tags = good", "selection": {"base": "newest"}}], ["in1", "in2", "off4"]),
        ([{"selection": {"base": "newest", "off": ["off4"]}, "groupBy": ["config.lr"]}],
         ["in1", "in2", "out3"]),
        ([{"filter": "tags ="}], []),
        ([{"runSearch": "(", "isRunRegex": True}], []),
        ([{"project": "otherproject"}], 404),
        ([{"isShown": False, "filter": "tags = other"}], ["out3"]),
    ],
)  # fmt: skip
async def test_the_runs_are_those_that_the_page_shows(
    shared_services: Services,
    http: httpx.AsyncClient,
    run_sets: list[dict[str, Any]],
    shown: list[str] | int,
) -> None:
    link = share(shared_services, publish(shared_services, grid_of(*run_sets)))
    listed = await ids(http, api_of(link, ".g.1"))
    assert listed == ([] if shown == 404 else shown)


@pytest.mark.anyio
async def test_a_panel_has_runs_of_its_own_and_a_set_those_of_another_project(
    shared_services: Services, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = shared_services
    own = {"l": {**LINE, "runFilter": "tags = other"}}
    run_sets = ({"filter": 'name = "name-in1"'}, {"project": "otherproject"})
    link = share(services, publish(services, grid_of(*run_sets, panels=own)))
    assert await ids(http, api_of(link, ".g.1")) == ["in1", "out3"]
    assert await ids(http, api_of(link, ".g.2")) == ["far5"]
    assert await ids(http, api_of(link, ".g.3")) == 404
    # who shared it may share that project no longer, and not everyone may read there
    with monkeypatch.context() as patch:
        patch.setattr(SharedReportService, "_may_show", lambda _self, _opened, path: path != OTHER)
        assert await ids(http, api_of(link, ".g.2")) == 404
        assert await ids(http, api_of(link, ".g.1")) == ["in1", "out3"]
    services.projects.delete(LOCAL, OTHER)
    assert await ids(http, api_of(link, ".g.2")) == 404


@pytest.mark.anyio
async def test_runs_come_and_go_and_what_is_published_changes_them_at_once(
    shared_services: Services, http: httpx.AsyncClient, clock: Clock
) -> None:
    services = shared_services
    report = publish(services, grid_of({"filter": "tags = good"}))
    link = share(services, report)
    base = api_of(link, ".g.1")
    add_run(services, PROJECT, "late6", 6, tags=["good"])
    services.runs.delete(LOCAL, PROJECT.run("in1"))
    assert await ids(http, base) == ["in2", "late6", "off4"]
    draft = ReportEdit(blocks=[grid_of({}, panels={"l": {**LINE, "keys": ["other-metric"]}})])
    services.reports.edit(LOCAL, PROJECT, report, draft)
    series = {"panels": [{"filter": None, "keys": ["other-metric"]}]}
    assert await ids(http, base) == ["in2", "late6", "off4"]
    assert (await http.post(f"{base}/series", json=series)).status_code == 403
    services.reports.publish(LOCAL, PROJECT, report, ReportPublish())
    assert await ids(http, base) == ["in2", "late6", "off4", "out3"]
    assert (await http.post(f"{base}/series", json=series)).status_code == 200
    services.reports.delete(LOCAL, PROJECT, report)
    assert await ids(http, base) == 404
    services.reports.undelete(LOCAL, PROJECT, report)
    services.sharing.revoke(LOCAL, PROJECT, link.id)
    assert await ids(http, base) == 404
    ended = api_of(share(services, report), ".g.1")
    clock.forward(31 * 86_400)
    assert await ids(http, ended) == 404


@pytest.mark.anyio
async def test_the_page_of_a_run_is_a_share_of_that_run_alone(
    shared_services: Services, http: httpx.AsyncClient
) -> None:
    services = shared_services
    chosen = {**GOOD, "selection": {"base": "all", "off": ["off4"]}}
    value = {"kind": "value", "run": f"{PROJECT}/out3", "key": "summary.loss"}
    text = {"id": "p", "kind": "paragraph", "text": [value]}
    report = publish(services, grid_of(chosen), text)
    link = share(services, report, shows_pages=True, shows_console=True)
    page = api_of(link, ".g.1.in1")
    described = (await http.get(page)).json()
    assert (described["kind"], described["name"], described["n_runs"]) == ("run", "name-in1", 1)
    assert (described["shows_files"], described["shows_console"]) == (False, True)
    run = (await http.get(f"{page}/runs/in1")).json()
    assert run["config"] == {"lr": 0, "otherkey": 0}
    assert run["summary"]["other-metric"] == 1.0
    names = (await http.get(f"{page}/metrics/names")).json()
    assert sorted(names["numbers"]) == ["loss", "other-metric"]
    series = {"panels": [{"runs": ["in1"], "keys": ["other-metric"]}]}
    assert (await http.post(f"{page}/series", json=series)).status_code == 200
    assert (await http.get(f"{page}/runs/in1/logs")).status_code == 200
    assert (await http.get(f"{page}/runs/in1/files")).status_code == 404
    # neither another run nor the panels' part shows more than before
    assert await ids(http, page) == ["in1"]
    for run_id in ("in2", "out3", "off4", "far5"):
        assert (await http.get(f"{page}/runs/{run_id}")).status_code == 404, run_id
        assert (await http.get(f"{page}/runs/{run_id}/logs")).status_code == 404, run_id
    by_writer = {"panels": [{"runs": ["in1"], "keys": ["loss"], "by": "writer"}]}
    assert (await http.post(f"{page}/series", json=by_writer)).status_code == 403
    for column in ("user", "host"):
        rows = {"columns": [], "filter": f'{column} = "quietperson"'}
        assert (await http.post(f"{page}/runs/query", json=rows)).status_code == 403, column
    grid = api_of(link, ".g.1")
    assert (await http.get(f"{grid}/runs/in1")).status_code == 403
    assert (await http.get(f"{grid}/runs/in1/logs")).status_code == 404
    assert (await http.post(f"{grid}/series", json=series)).status_code == 403
    texts = [
        (await http.get(page)).text,
        (await http.get(f"{page}/runs/in1")).text,
        (await http.get(f"{page}/runs/in1/logs")).text,
        (await http.post(f"{page}/runs/query", json={})).text,
    ]
    hidden = (*("quietlab", "hiddenproject", "quietperson", "secrethost"), "name-in2", "name-out3")
    for answer in texts:
        assert not [secret for secret in hidden if secret in answer], answer
    # the text names a run that no grid draws
    for part, status in (
        *((".g.1.in2", 200), (".~.1.out3", 200), (".~.1.in1", 404), (".~.2.out3", 404)),
        *((".g.1.out3", 404), (".g.1.off4", 404), (".g.2.far5", 404), (".x.1.in1", 404)),
        *((".~.1", 200), (".g.1.", 200), (".g.1.in1.x", 404)),
    ):
        assert (await http.get(api_of(link, part))).status_code == status, part
    assert await ids(http, api_of(link, ".~.1")) == 404
    opened = services.sharing.list(LOCAL, PROJECT).shares[0].n_opened
    assert opened == 2  # the report, by its parts, and no page


@pytest.mark.anyio
async def test_pages_need_their_choice_and_end_with_the_run_or_the_link(
    shared_services: Services, http: httpx.AsyncClient
) -> None:
    services = shared_services
    report = publish(services, grid_of({"filter": "tags = good"}))
    assert (await http.get(api_of(share(services, report), ".g.1.in1"))).status_code == 404
    for fields, field in (
        ({"shows_runs": False, "shows_pages": True}, "shows_pages"),
        ({"shows_files": True}, "shows_files"),
        ({"shows_console": True}, "shows_console"),
    ):
        with pytest.raises(ConfigError) as refused:
            share(services, report, **fields)
        assert refused.value.field == field
    new = ShareCreate(kind="run", runs=["in1"], shows_pages=True)
    with pytest.raises(ConfigError, match="shows_pages is of reports"):
        services.sharing.create(LOCAL, PROJECT, new)
    link = share(services, report, shows_pages=True)
    page, other = api_of(link, ".g.1.in1"), api_of(link, ".g.1.in2")
    wrong = f"{api_of(link).rpartition('.')[0]}.{'0' * 32}.g.1.in1"
    assert (await http.get(wrong)).status_code == 404
    assert [(await http.get(base)).status_code for base in (page, other)] == [200, 200]
    services.runs.delete(LOCAL, PROJECT.run("in1"))
    assert [(await http.get(base)).status_code for base in (page, other)] == [404, 200]
    published = [grid_of({"filter": "tags = other"})]
    services.reports.edit(LOCAL, PROJECT, report, ReportEdit(blocks=published))
    assert (await http.get(other)).status_code == 200
    services.reports.publish(LOCAL, PROJECT, report, ReportPublish())
    assert (await http.get(other)).status_code == 404
    third = api_of(link, ".g.1.out3")
    assert (await http.get(third)).status_code == 200
    services.sharing.revoke(LOCAL, PROJECT, link.id)
    assert (await http.get(third)).status_code == 404
