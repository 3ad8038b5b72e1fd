"""Figures of published reports through HTTP: what is stored, who may store and read it."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lab_server import RUN, Lab, start_lab
from run_log_bytes import HandMadeLog
from server_process import ServerProcess

PROJECT = "figures-of-http"
PATH = f"/api/v1/projects/local/{PROJECT}"
GRID = {
    "id": "curves",
    "kind": "grid",
    "runSets": {"all": {}},
    "panels": {"loss": {"kind": "line", "keys": ["loss"]}},
}
NAMES = {"method": "GET", "path": "metrics/names?runs=ab12cd34"}
RUNS = {"method": "POST", "path": "runs/query", "body": {"columns": ["heartbeat"], "limit": 100}}
SERIES = {
    "method": "POST",
    "path": "series",
    "body": {
        "panels": [{"runs": ["ab12cd34"], "keys": ["loss"], "axis": "step", "n_buckets": 64}]
    },
}


@pytest.fixture(scope="module")
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    """A client of a server whose project has a run."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        client.delete(PATH, params={"permanently": True})
        log = HandMadeLog(run="ab12cd34", project=PROJECT)
        log.keys("loss")
        log.rows([[1 / (step + 1)] for step in range(100)])
        assert log.upload(client).status_code == 200
        yield client


def publish(http: httpx.Client) -> str:
    """A report with a grid, published, as the address of its version."""
    answer = http.post(f"{PATH}/reports", json={"title": "A", "blocks": [GRID]})
    path = f"{PATH}/reports/{answer.json()['id']}"
    version = http.post(f"{path}/publish").raise_for_status().json()["version"]
    return f"{path}/versions/{version}"


def capture(http: httpx.Client, path: str, **values: Any) -> httpx.Response:
    body = {"part": "curves", "requests": [NAMES, SERIES], "run_sets": {"all": RUNS}} | values
    return http.post(f"{path}/figures", json=body)


def unpack(content: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The head of a figure, and its answers."""
    (n_head,) = struct.unpack_from("<I", content)
    head = json.loads(content[4 : 4 + n_head])
    at = 4 + n_head
    answers: list[bytes] = []
    for answer in head["answers"]:
        answers.append(content[at : at + answer["n_bytes"]])
        at += answer["n_bytes"]
    assert at == len(content)
    return head, answers


def test_a_report_with_a_figure_has_a_small_picture_of_its_first_curves(
    http: httpx.Client,
) -> None:
    path = publish(http)
    report = path.partition("/versions/")[0]

    def tags() -> list[str | None]:
        """Of the report in the lists of its project and of all."""
        lists = (f"{PATH}/reports", "/api/v1/reports")
        return [
            info["thumbnail"]
            for address in lists
            for info in http.get(address).raise_for_status().json()["reports"]
            if report.endswith(info["id"])
        ]

    def picture() -> dict[str, Any]:
        return http.get(f"{report}/thumbnail").raise_for_status().json()

    assert tags() == [None, None]
    assert picture() == {"name": "", "curves": []}
    capture(http, path, part="values:local/p").raise_for_status()
    assert tags() == [None, None]
    capture(http, path).raise_for_status()
    first, second = tags()
    assert first == second
    assert first is not None
    answer = picture()
    assert answer["name"] == "loss"
    (curve,) = answer["curves"]
    assert curve["color"] in range(1, 13)
    points = [(int(x), int(y)) for x, y in re.findall(r"(\d+) (\d+)", curve["path"])]
    assert len(points) > 10
    assert points == sorted(points)
    assert [y for _, y in points] == sorted(y for _, y in points)
    assert all(0 <= x <= 320 and 0 <= y <= 160 for x, y in points)
    http.post(f"{report}/publish").raise_for_status()
    assert picture() == {"name": "", "curves": []}


def test_a_figure_has_the_answers_that_the_server_gives(http: httpx.Client) -> None:
    path = publish(http)
    info = capture(http, path)
    assert info.status_code == 201, info.text
    assert (info.json()["part"], info.json()["n_answers"]) == ("curves", 3)
    report = http.get(path.partition("/versions")[0]).json()
    assert report["figures"] == [info.json()]

    answer = http.get(f"{path}/figures/{info.json()['sha256']}").raise_for_status()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    head, answers = unpack(answer.content)
    assert [entry["status"] for entry in head["answers"]] == [200, 200, 200]
    assert head["run_sets"] == {"all": 2}
    assert json.loads(answers[0]) == http.get(f"{PATH}/{NAMES['path']}").json()
    assert answers[1] == http.post(f"{PATH}/series", json=SERIES["body"]).content
    assert [row["id"] for row in json.loads(answers[2])["rows"]] == ["ab12cd34"]

    plain = http.get(
        f"{path}/figures/{info.json()['sha256']}", headers={"Accept-Encoding": "identity"}
    )
    assert plain.content == answer.content
    assert "content-encoding" not in plain.headers


def test_an_answer_that_is_refused_is_stored_as_such(http: httpx.Client) -> None:
    missing = {"method": "GET", "path": "runs/zz99zz99"}
    path = publish(http)
    info = capture(http, path, requests=[missing]).json()
    head, answers = unpack(http.get(f"{path}/figures/{info['sha256']}").content)
    assert head["answers"][0]["status"] == 404
    assert json.loads(answers[0])["code"] == "not_found"


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "POST", "path": "runs/bulk", "body": {}},
        {"method": "POST", "path": "metrics/delete", "body": {"keys": ["loss"]}},
        {"method": "GET", "path": "export"},
        {"method": "GET", "path": "/account"},
        {"method": "GET", "path": "/users"},
        {"method": "POST", "path": "/projects/local/other/series", "body": SERIES["body"]},
        {"method": "GET", "path": "../other/metrics"},
        {"method": "GET", "path": "reports"},
    ],
)
def test_a_figure_has_nothing_but_what_panels_ask_for(
    http: httpx.Client, request_: dict[str, Any]
) -> None:
    path = publish(http)
    info = capture(http, path, requests=[request_]).raise_for_status().json()
    head, answers = unpack(http.get(f"{path}/figures/{info['sha256']}").content)
    assert head["answers"][0]["status"] == 400
    assert "figures have no answers to" in json.loads(answers[0])["detail"]


def test_a_figure_needs_a_version_and_a_project(http: httpx.Client) -> None:
    path = publish(http)
    assert capture(http, path.replace("/versions/1", "/versions/2")).status_code == 404
    assert capture(http, path, project="local/not-there").status_code == 404
    assert capture(http, path, project="nothing").status_code == 400
    assert http.get(f"{path}/figures/{'0' * 64}").status_code == 404


def test_figures_of_a_former_version_stay(http: httpx.Client) -> None:
    path = publish(http)
    info = capture(http, path).json()
    report = path.partition("/versions")[0]
    http.patch(report, json={"title": "B"}).raise_for_status()
    http.post(f"{report}/publish").raise_for_status()
    assert http.get(report).json()["figures"] == []
    former = http.get(report, params={"version": "1"}).json()
    assert former["figures"] == [info]
    assert http.get(f"{path}/figures/{info['sha256']}").status_code == 200


def test_a_figure_stands_after_its_runs_are_deleted(http: httpx.Client) -> None:
    path = publish(http)
    info = capture(http, path).json()
    before = http.get(f"{path}/figures/{info['sha256']}").content
    http.delete(f"{PATH}/runs/ab12cd34", params={"permanently": True}).raise_for_status()
    http.post("/api/v1/server/gc", json={}).raise_for_status()
    assert http.get(f"{path}/figures/{info['sha256']}").content == before


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def test_a_figure_of_another_project_needs_its_rights_to_be_stored_and_to_be_read(
    lab: Lab,
) -> None:
    """In a report of `lab/runs` a grid over runs of `lab/secret`, which mia alone may read."""
    mia, bot, vic = (lab.clients[name] for name in ("mia", "bot", "vic"))
    reports = "/api/v1/projects/lab/runs/reports"
    theirs = {**GRID, "id": "theirs", "runSets": {"all": {"project": "lab/secret"}}}
    created = mia.post(reports, json={"title": "A", "blocks": [GRID, theirs]})
    report = f"{reports}/{created.raise_for_status().json()['id']}"
    mia.post(f"{report}/publish").raise_for_status()
    version = f"{report}/versions/1"

    def store(who: httpx.Client, part: str, project: str | None) -> httpx.Response:
        run_sets = {"all": {**RUNS, "body": {"columns": [], "limit": 100}}}
        return capture(who, version, part=part, project=project, requests=[], run_sets=run_sets)

    # who may write the report, and not read the project: as of one that does not exist
    refused = store(bot, "theirs", "lab/secret")
    absent = store(bot, "theirs", "lab/absent")
    assert refused.status_code == absent.status_code
    assert refused.status_code in {403, 404}
    own = store(mia, "curves", None).raise_for_status().json()
    stored = store(mia, "theirs", "lab/secret").raise_for_status().json()
    assert stored["project"] == "lab/secret"
    content = mia.get(f"{version}/figures/{stored['sha256']}").raise_for_status().content
    _, (rows,) = unpack(content)
    assert [row["id"] for row in json.loads(rows)["rows"]] == [RUN]

    assert mia.get(report).json()["figures"] == [own, stored]
    for reader in (bot, vic):
        answer = reader.get(report).raise_for_status()
        assert answer.json()["figures"] == [own]
        assert stored["sha256"] not in answer.text
        assert reader.get(f"{version}/figures/{stored['sha256']}").status_code == 404
        assert reader.get(f"{version}/figures/{own['sha256']}").status_code == 200
