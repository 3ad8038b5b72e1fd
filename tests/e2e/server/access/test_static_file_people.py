"""Files of views and reports that were made on a server with accounts say nothing of these."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from run_log_bytes import HandMadeLog
from server_process import start_server
from weft.server.services.access import LOCAL
from weft.server.services.opening import open_services
from weft.wire.server.teams import TeamAddition

PROJECT = "/api/v1/projects/lab/secretive"
REQUESTS: list[dict[str, Any]] = [
    {"method": "GET", "path": "runs/his"},
    {"method": "GET", "path": "runs?limit=5"},
    {"method": "POST", "path": "runs/query", "body": {"columns": [], "limit": 5}},
    {"method": "POST", "path": "runs/query", "body": {"limit": 5}},
    {"method": "GET", "path": "metrics/names?runs=his"},
    {"method": "POST", "path": "run-events", "body": {"runs": ["his"]}},
    {
        "method": "POST",
        "path": "series",
        "body": {"panels": [{"runs": ["his"], "keys": ["loss"]}]},
    },
    {"method": "GET", "path": "files?run=his"},
    {"method": "GET", "path": "/users"},
]
"""Requests that panels make, and two that are refused."""


class Lab(NamedTuple):
    """A server with a team of ada, who makes the files, and of bob, who logged the run."""

    ada: httpx.Client
    secrets: tuple[str, ...]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab")
    services = open_services(folder / "data", jobs=False)
    keys = {
        name: services.users.add_user(LOCAL, name, email=f"{name}@example.org").api_key
        for name in ("ada", "bobby")
    }
    members = {"ada": "admin", "bobby": "member"}
    services.teams.add_team(LOCAL, TeamAddition(name="lab", members=members))
    services.close()
    with start_server(folder) as server:

        def client_of(user: str) -> httpx.Client:
            headers = {"Authorization": f"Bearer {keys[user]}"}
            return httpx.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False)

        with client_of("ada") as ada, client_of("bobby") as bob:
            log = HandMadeLog("his", "writer1", "secretive", entity="lab")
            log.keys("loss")
            log.rows([[0.5]])
            assert log.upload(bob).is_success
            edited = bob.patch(f"{PROJECT}/runs/his", json={"notes": "good"})
            assert edited.raise_for_status().json()["notes_by"] == "bobby"
            host = urlsplit(server.url).netloc
            yield Lab(ada, (*keys.values(), "example.org", "bobby", host))


def texts_of(page: str) -> str:
    """All texts of a file, those of its packed answers, too."""
    packed = re.findall(r'data-figure="[^"]*">([^<]*)<', page)
    assert packed
    answers = [zlib.decompress(base64.b64decode(text), wbits=-15) for text in packed]
    return page + b"".join(answers).decode("latin-1")


def test_a_view_names_no_one(lab: Lab) -> None:
    body = {"name": "all", "view": {}, "runs": ["his"], "requests": REQUESTS}
    answer = lab.ada.post(f"{PROJECT}/view-file", json=body).raise_for_status()
    text = texts_of(answer.text)
    assert '"name":"his"' in text.replace(" ", "") or '"id":"his"' in text
    assert [secret for secret in lab.secrets if secret in text] == []


def test_a_report_names_its_author_alone(lab: Lab) -> None:
    reports = f"{PROJECT}/reports"
    block = {"id": "grid", "kind": "grid", "panels": {"a": {"kind": "line", "keys": ["loss"]}}}
    answer = lab.ada.post(reports, json={"title": "Findings", "blocks": [block]})
    report = f"{reports}/{answer.raise_for_status().json()['id']}"
    lab.ada.post(f"{report}/publish").raise_for_status()
    figure = {"part": "grid", "requests": REQUESTS}
    lab.ada.post(f"{report}/versions/1/figures", json=figure).raise_for_status()
    text = texts_of(lab.ada.get(f"{report}/export").raise_for_status().text)
    assert [secret for secret in lab.secrets if secret in text] == []
    assert "ada" in text
