"""Reports through HTTP: what a page that edits does, streams of changes and cursors, bad input."""

from __future__ import annotations

import base64
import json
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from report_page import ReportPage
from server_process import ServerProcess
from weft.server.http.reports import changes

REPORTS = "/api/v1/projects/local/reports-of-http/reports"
BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    """A client of a server whose project is new."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        path = REPORTS.removesuffix("/reports")
        client.delete(path, params={"permanently": True})
        client.put(path).raise_for_status()
        yield client


class Events(threading.Thread):
    """Follows a draft; `take` returns the next event that is no sign of life."""

    def __init__(self, http: httpx.Client, path: str, **params: int) -> None:
        super().__init__(daemon=True)
        self._url = str(http.base_url)
        self._path = path
        self._params = params
        self._queue: queue.Queue[tuple[str, dict[str, Any]] | None] = queue.Queue()
        self.start()

    def run(self) -> None:
        with httpx.stream(
            "GET", f"{self._url}{self._path}/changes", params=self._params, timeout=60,
            trust_env=False,
        ) as answer:  # fmt: skip
            event = ""
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event != "still":
                    self._queue.put((event, json.loads(value)))
        self._queue.put(None)

    def take(self) -> tuple[str, dict[str, Any]] | None:
        return self._queue.get(timeout=30)


def make(http: httpx.Client, *texts: str, **values: Any) -> str:
    """A new report, as the address of its endpoints."""
    blocks = [
        {"id": f"b{number}", "kind": "paragraph", "text": [{"text": text}]}
        for number, text in enumerate(texts)
    ]
    answer = http.post(REPORTS, json={"blocks": blocks, **values})
    assert answer.status_code == 201, answer.text
    return f"{REPORTS}/{answer.json()['id']}"


def page_of(http: httpx.Client, path: str) -> tuple[ReportPage, int]:
    """A page with all of a draft, and the number of its last change."""
    answer = http.post(f"{path}/sync", headers=BINARY).raise_for_status()
    assert answer.headers["weft-report-schema"] == "1"
    return ReportPage(answer.content), int(answer.headers["weft-report-seq"])


def send(http: httpx.Client, path: str, update: bytes, **params: Any) -> httpx.Response:
    return http.post(f"{path}/updates", content=update, headers=BINARY, params=params)


def test_two_pages_write_and_a_reader_sees_what_was_published(http: httpx.Client) -> None:
    path = make(http, "alpha", title="Ablation")
    (first, seq), (second, _) = page_of(http, path), page_of(http, path)
    events = Events(http, path, after=0)
    assert events.take() == ("hello", {"seq": seq})
    assert events.take() is not None  # the creation
    answer = send(http, path, first.type(0, 5, " beta"), client="one")
    assert (answer.status_code, answer.json()) == (
        200, {"seq": seq + 1, "update": None, "client": None},
    )  # fmt: skip
    event = events.take()
    assert event is not None
    name, change = event
    assert (name, change["seq"], change["client"]) == ("change", seq + 1, "one")
    second.receive(base64.b64decode(change["update"]))
    assert str(second.characters(0)) == "alpha beta"

    assert http.get(path).status_code == 404
    published = http.post(f"{path}/publish", json={"name": "first"})
    assert (published.status_code, published.json()["version"]) == (201, 1)
    send(http, path, second.type(0, 0, "draft ")).raise_for_status()
    report = http.get(path).json()
    assert (report["version"], report["title"], report["has_changes"]) == (1, "Ablation", True)
    assert report["document"]["blocks"][0]["text"] == [{"text": "alpha beta"}]
    draft = http.get(path, params={"version": "draft"}).json()
    assert draft["document"]["blocks"][0]["text"] == [{"text": "draft alpha beta"}]
    restored = http.post(f"{path}/versions/1/restore")
    assert restored.status_code == 200
    draft = http.get(path, params={"version": "draft"}).json()
    assert draft["document"]["blocks"] == report["document"]["blocks"]


def test_cursors_are_passed_on_and_bounded(http: httpx.Client) -> None:
    path = make(http, "alpha")
    events = Events(http, path)
    assert events.take() is not None
    for number in range(50):
        answer = http.post(
            f"{path}/awareness", content=b"%d" % number, headers=BINARY, params={"client": "one"}
        )
        assert answer.status_code == 204, answer.text
    states: list[bytes] = []
    while not states or states[-1] != b"49":
        event = events.take()
        assert event is not None
        assert (event[0], event[1]["client"]) == ("awareness", "one")
        states.append(base64.b64decode(event[1]["state"]))
    assert len(states) < 50
    assert states == sorted(states, key=int)
    large = http.post(
        f"{path}/awareness", content=b"x" * 5000, headers=BINARY, params={"client": "one"}
    )
    assert large.status_code == 413


def test_a_stream_ends_with_its_report(http: httpx.Client) -> None:
    path = make(http, "alpha")
    events = Events(http, path, after=10**9)
    assert events.take() is not None
    http.patch(path, json={"title": "New"}).raise_for_status()
    event = events.take()
    assert event is not None
    assert event[1]["seq"] == 2
    assert http.delete(path).status_code == 204
    assert events.take() is None
    assert http.get(f"{path}/changes").status_code == 410
    trash = http.get(f"{REPORTS.removesuffix('/reports')}/trash").json()
    assert [report["title"] for report in trash["reports"]] == ["New"]
    assert http.post(f"{path}/undelete").json()["title"] == "New"


@pytest.mark.parametrize(
    ("status", "code", "call"),
    [
        (400, "invalid", lambda http, path: send(http, path, b"hello")),
        (400, "invalid", lambda http, path: send(http, path, page_of(http, path)[0].add("poll"))),
        (413, "limit", lambda http, path: send(http, path, b"x" * (1 << 20) + b"x")),
        (400, "invalid", lambda http, path: send(http, path, b"", schema=0)),
        (400, "invalid", lambda http, path: http.post(f"{path}/sync", content=b"\xff")),
        (400, "invalid", lambda http, path: http.get(path, params={"version": "x"})),
        (404, "not_found", lambda http, path: http.get(path, params={"version": "7"})),
        (404, "not_found", lambda http, path: http.get(f"{REPORTS}/absent")),
        (404, "not_found", lambda http, path: http.post(f"{path}/versions/3/restore")),
        (412, "outdated", lambda http, path: http.patch(path, json={"title": "x", "seq": 99})),
        (400, "invalid", lambda http, path: http.patch(path, json={"blocks": [{"id": "a"}]})),
        (400, "invalid", lambda http, path: http.patch(path, json={"more": {"title": "x"}})),
        (400, "invalid", lambda http, path: http.patch(path, json={"title": "two\nlines"})),
    ],
)
def test_bad_input_is_refused(
    http: httpx.Client, status: int, code: str, call: Callable[[Any, str], httpx.Response]
) -> None:
    path = make(http, "alpha")
    answer = call(http, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    draft = http.get(path, params={"version": "draft"}).json()
    assert (draft["seq"], draft["document"]["blocks"][0]["text"]) == (1, [{"text": "alpha"}])


@pytest.mark.parametrize(
    "block",
    [
        {"id": "a", "kind": "paragraph", "text": [{"text": "x", "link": "javascript:alert(1)"}]},
        {"id": "a", "kind": "image", "url": "data:text/html,x"},
        {"id": "a b", "kind": "divider"},
        {"id": "a", "kind": "heading", "level": 7},
        {"id": "a", "kind": "list", "style": "bullet", "items": [{"blocks": [{"kind": "grid"}]}]},
        {"id": "a", "kind": "grid", "panels": {"p": {}}},
        {"id": "a", "kind": "paragraph", "text": "x"},
        {"id": "b0", "kind": "later", "x": "x" * 600_000},
        {"kind": "divider"},
    ],
)
def test_an_invalid_block_is_refused_with_its_name(
    http: httpx.Client, block: dict[str, Any]
) -> None:
    answer = http.post(REPORTS, json={"blocks": [block]})
    assert answer.status_code in {400, 413}, answer.text
    assert "block" in answer.json()["detail"]
    assert http.get(REPORTS).json()["total"] == 0


def test_streams_of_a_user_are_bounded(http: httpx.Client) -> None:
    path = make(http, "alpha")
    streams: list[Events] = []
    # those that other tests left open count, too
    for _ in range(changes.MAX_STREAMS_OF_USER + 1):
        stream = Events(http, path)
        if stream.take() is None:
            break
        streams.append(stream)
    assert 0 < len(streams) <= changes.MAX_STREAMS_OF_USER
    assert http.get(f"{path}/changes").status_code == 503
    http.delete(path)
    for stream in streams:
        assert stream.take() is None
