"""Hidden things change no answer: all answers to weaker people, before and after a hidden project
of their team gets a run, a version, a sweep, a view and all else.

So nothing of it is in lists, counts, sizes, suggestions, searches, lineage, links, errors or tags
of contents. A new operation that reads, and a new query, are part of it without a line.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from at_length import case_at_length
from lab_requests import Operation, ask_graphql, describe_operations, fields_of
from lab_server import RUN, Lab, start_lab
from made_artifacts import add_artifact, send_artifact
from run_log_bytes import HandMadeLog
from server_process import wait_until
from weft.records.record import Alert, Artifact, Console, Summary

MARK: Final = "quiet"
"""Each name of the hidden project has it, and nothing else of the lab."""

HIDDEN: Final = "lab/quietproject"
PROJECTS: Final = ("runs", "quietproject")

VARYING: Final = (
    r'"request_id":"[^"]+"|"(active|used|time)_micros": ?(\d+|null)|"used_address":[^}]*'
    r'|"updatedAt":"[^"]*"'
)
"""Parts of answers that differ from one request to the next."""

READING: Final = {
    *("export_history", "query_histograms", "latest_values", "query_media", "list_media_steps"),
    *("query_run_events", "group_runs", "query_runs", "query_series", "query_sql", "query_table"),
    *("query_tables", "preview_retention"),
}
"""Operations that read by POST."""

NOT_SENT: Final = {
    "follow_project": "does not end",
    "follow_report": "does not end",
    "export_audit": "is an entry of itself; list_audit has the same",
    "healthz": "has no user",
    "readyz": "has no user",
    "server_metrics": "of administrators, with counts of requests",
    "describe_api": "the same for all",
    "read_api_docs": "the same for all",
}

BODIES: Final[dict[str, list[dict[str, Any]]]] = {
    "query_runs": [
        {"filter": None, "columns": ["name", "tags", "user", "used", "logged"]},
        {"search": MARK},
    ],
    "group_runs": [{"by": ["user"]}, {"by": ["tags"]}],
    "query_sql": [{"query": "SELECT * FROM runs"}],
    "export_history": [{"filter": None, "format": "csv"}],
    "latest_values": [{"filter": None, "keys": ["loss", f"{MARK}metric"]}],
    "query_series": [{"panels": [{"filter": None, "keys": ["loss", f"{MARK}metric"]}]}],
}
"""Bodies that ask for more than the examples do."""

QUERIES: Final[dict[str, list[dict[str, str]]]] = {
    "list_activity": [{"days": "30"}],
    "list_columns": [{"search": MARK}],
    "list_metrics": [{"search": MARK}],
    "list_runs": [{"search": MARK}, {"filter": f"used = {MARK}"}],
    "list_projects": [{"search": MARK}],
    "list_audit": [{"entity": "lab"}],
}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with start_lab(tmp_path) as lab:
        # Of another machine: the server's own user is who asks from this one without a key.
        lab.clients["nobody"] = httpx.Client(
            base_url=lab.server.url, headers={"Via": "test"}, timeout=60, trust_env=False
        )
        yield lab


@pytest.mark.parametrize(
    "people",
    [("vic",), case_at_length(("bot", "olga", "dan", "rex", "mia-shared", "nobody"))],
    ids=["viewer", "others"],
)
def test_a_hidden_project_changes_no_answer(lab: Lab, people: Sequence[str]) -> None:
    wait_for_summary(lab.clients["ada"])
    before = {name: answers_to(lab, name) for name in people}
    fill(lab)
    for name in people:
        after = answers_to(lab, name)
        changes = [
            f"{request}:\n  {before[name][request]}\n  {after[request]}"
            for request in before[name]
            if before[name][request] != after[request]
        ]
        assert not changes, f"{len(changes)} of {len(after)} as {name}\n" + "\n".join(changes[:20])
    use_hidden(lab)
    for name in people:
        answers = answers_to(lab, name, ("runs",)).items()
        leaks = [request for request, text in answers if MARK in text and MARK not in request]
        assert not leaks, (name, leaks)
        assert n_users_of_hidden(lab.clients[name]) in {0, None}
    assert n_users_of_hidden(lab.clients["mia"]) == 1
    seen = answers_to(lab, "mia")
    assert sum(MARK in text for text in seen.values()) > 40, "its member sees all of it"
    assert "quietset" in seen[next(key for key in seen if key.startswith("get_run_lineage runs"))]


def wait_for_summary(client: httpx.Client) -> None:
    """Wait until filters find what the run logged: it is written a moment after its rows."""
    body = {"filter": "summary.loss > 0"}
    url = "/api/v1/projects/lab/runs/runs/query"
    wait_until(lambda: client.post(url, json=body).json()["total"], what="the run's summary")


def use_hidden(lab: Lab) -> None:
    """Have the run that all of the team see use a version of the hidden project."""
    log = HandMadeLog(entity="lab", project="runs", run=RUN, writer="writer2")
    log.add(Artifact("use", f"{HIDDEN}/quietset:v0", "", ""))
    assert log.upload(lab.clients["mia"]).is_success


def n_users_of_hidden(client: httpx.Client) -> int | None:
    """The number of visible runs that used the hidden version; None without the right to ask."""
    body = {"filter": 'used has "quietproject/quietset:v0"'}
    total: int | None = (
        client.post("/api/v1/projects/lab/runs/runs/query", json=body).json().get("total")
    )
    return total


def answers_to(lab: Lab, name: str, projects: Sequence[str] = PROJECTS) -> dict[str, str]:
    """All answers to a person by what was sent."""
    client = lab.clients[name]
    answers: dict[str, httpx.Response] = {}
    for operation in describe_operations(lab):
        if operation.name in NOT_SENT or not (
            operation.method == "get" or operation.name in READING
        ):
            continue
        for project in projects if "{project}" in operation.path else projects[:1]:
            for request, answer in send_each(client, operation, project):
                answers[request] = answer
                if operation.name == "get_usage" and answer.is_success:
                    answers[request] = without_compaction(answer)
    for field in fields_of("query"):
        for project in projects:
            answers[f"{field} of {project}"] = ask_graphql(client, "query", field, project)
    return {request: lasting(answer) for request, answer in answers.items()}


def without_compaction(answer: httpx.Response) -> httpx.Response:
    """Usage without the sizes of points in the projects that it names, which change when they are
    compacted. What it counts beyond those stays.
    """
    usage = answer.json()
    for project in usage["projects"]:
        usage["n_bytes"] -= project["n_bytes"]
        project["n_bytes"] -= project.pop("metric_bytes")
    return httpx.Response(answer.status_code, json=usage)


def send_each(
    client: httpx.Client, operation: Operation, project: str
) -> Iterator[tuple[str, httpx.Response]]:
    """Send the example of an operation, and what `BODIES` and `QUERIES` have for it."""
    names = {
        "entity": "lab",
        "project": project,
        "run": RUN,
        "artifact": "quietset" if project == "quietproject" else "digits",
        "user": "mia",
        "team": "lab",
    }
    for body in BODIES.get(operation.name, [operation.body]):
        for query in [{}, *QUERIES.get(operation.name, ())]:
            request = f"{operation.name} {project} {json.dumps(body)} {query}"
            yield request, operation.sending(body, query).try_as(client, **names)


def lasting(answer: httpx.Response) -> str:
    """An answer without what differs from one request to the next."""
    content = answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if name != "manifest.json"]
            content = b"".join(name.encode() + archive.read(name) for name in names)
    text = re.sub(VARYING, "", content.decode(errors="replace"))
    # An entity tag is a hash of the contents; of contents that vary, it varies too.
    tag = answer.headers.get("etag", "") if text == answer.text else ""
    return f"{answer.status_code} {tag} {text}"


def fill(lab: Lab) -> None:
    """Make the hidden project, and all that a project has, each named by `MARK`."""
    ada, mia = lab.clients["ada"], lab.clients["mia"]
    api = f"/api/v1/projects/{HIDDEN}"

    def send(client: httpx.Client, method: str, path: str, **body: Any) -> Any:
        answer = client.request(method, path, json=body)
        assert answer.is_success, (method, path, answer.text)
        return answer.json() if answer.content else None

    send(ada, "PUT", api, description="quiet digits")
    send(ada, "PATCH", f"{api}/access", visibility="restricted", members={"mia": "member"})
    for run, name in ((RUN, "quietrun"), ("quiet002", "quietgone")):
        log = HandMadeLog(
            entity="lab", project="quietproject", run=run, writer=f"writer{run}",
            goes_on={"name": name, "tags": ["quiettag"], "user": "quietperson", "group": "quiets"},
        )  # fmt: skip
        log.config(quietconfig="quietvalue")
        log.keys("quietmetric", "loss")
        log.rows([[0.5, 1.0], [0.25, 2.0]])
        log.add(Summary(1, [(["quietsummary"], "quietverdict")]))
        log.add(Console("stdout", 0, 1, "quiet line"))
        log.add(Alert(1, "quiet alert", "quiet text"))
        manifest = add_artifact(
            log, 1, {"quiet.txt": b"digits"}, name="quietset", aliases=["quietalias"]
        )
        log.add(Artifact("use", "lab/runs/digits:v0", "", ""))
        log.finish()
        assert log.upload(mia).is_success
        send_artifact(mia, HIDDEN, log, manifest, [b"digits"])
    send(mia, "PATCH", f"{api}/runs/{RUN}", notes="quiet notes", add_tags=["quietlater"])
    send(mia, "DELETE", f"{api}/runs/quiet002")
    send(mia, "POST", f"{api}/views", kind="shared", name="Quiet view", document={})
    quiet = [{"id": "a", "kind": "paragraph", "text": [{"text": "quiet text"}]}]
    report = send(mia, "POST", f"{api}/reports", title="Quiet report", blocks=quiet)
    send(mia, "POST", f"{api}/reports/{report['id']}/publish", name="quiet version")
    comments = f"{api}/reports/{report['id']}/comments"
    send(mia, "POST", comments, body="quiet, @vic", audience="readers")
    send(mia, "POST", f"{api}/shares", kind="run", runs=[RUN], name="Quiet share")
    send(mia, "POST", f"{api}/sweeps", config="name: quietsweep\nmethod: random\n"
         "parameters: {quietparameter: {values: [1, 2]}}")  # fmt: skip
    send(mia, "PATCH", f"{api}/artifacts/quietset", description="quiet set", add_tags=["quietof"])
    send(ada, "PUT", "/api/v1/usage/lab/quietproject/quota", quota_bytes=None, quota_runs=1000)
    send(ada, "PUT", f"{api}/retention", media_days=900)
    answer = mia.put(f"{api}/runs/{RUN}/files/quiet.txt", content=b"quiet")
    assert answer.is_success, answer.text
