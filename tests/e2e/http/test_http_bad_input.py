"""Bad input at every address: a problem that names field and reason, soon, and nothing changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import zstandard

from at_length import case_at_length
from chart_questions import ask
from run_log_bytes import HandMadeLog
from server_process import ServerProcess

PROBLEM = "application/problem+json"
ANSWER_SECS = 60.0
"""Whatever is asked, the answer comes; a hang takes longer than this on any machine."""

PROJECT = "/api/v1/projects/local/bad"
RUN = f"{PROJECT}/runs/run1"
NAMES = {"entity": "local", "project": "bad", "run": "run1"}


REFUSE_NO_PARAMETERS = ("upload_log", "get_shared_embed")
"""Clients that ask it may be newer than the server, and sites that embed send their own."""


@pytest.fixture(scope="module")
def filled_client(server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=ANSWER_SECS, trust_env=False) as http:
        log = HandMadeLog(project="bad")
        log.config(lr=0.1)
        log.keys("loss")
        log.rows([[1.0 / (i + 1)] for i in range(100)])
        assert log.upload(http).status_code == 200
        yield http


@pytest.fixture(autouse=True)
def nothing_changes(server: ServerProcess, filled_client: httpx.Client) -> Iterator[None]:
    def state() -> Any:
        run = filled_client.get(RUN).raise_for_status().json()
        for name in ("heartbeat_micros", "edited_by", "edited_micros", "notes_by", "notes_micros"):
            run.pop(name, None)
        return run, [
            project["project"]
            for project in filled_client.get("/api/v1/projects").json()["projects"]
        ]

    before, n_lines = state(), len(server.lines)
    yield
    assert state() == before
    assert "Traceback" not in "".join(server.lines[n_lines:])


def refused(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    assert answer.status_code in (statuses or (400,)), answer.text
    assert answer.headers["content-type"] == PROBLEM
    document: dict[str, Any] = answer.json()
    assert document["detail"]
    assert len(answer.content) < 20_000, "a refusal repeats only a little of what was asked"
    if document["code"] == "invalid":
        assert all(error["field"] and error["reason"] for error in document["errors"]), answer.text
    return document


def field_of(answer: httpx.Response) -> str:
    return refused(answer)["errors"][0]["field"]


def series(**panel: Any) -> dict[str, Any]:
    return {"panels": [{"runs": ["run1"], "keys": ["loss"], **panel}]}


def filtered(by: Any) -> dict[str, Any]:
    return {"filter": by}


def nested(depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"column": "state", "op": "=", "value": "running"}
    for _ in range(depth):
        tree = {"op": "not", "filter": tree}
    return tree


LONG = "x" * 100_000
DEEP = json.loads("[" * 800 + "]" * 800)
QUESTIONS: list[tuple[str, str, Any, str | None]] = [
    # --- sizes and counts
    ("GET", f"{PROJECT}/runs?limit=0", None, "limit"),
    ("GET", f"{PROJECT}/runs?limit=1000000000000000000000", None, "limit"),
    ("GET", f"{PROJECT}/runs?limit=-1", None, "limit"),
    ("GET", f"{PROJECT}/runs?limit=1.5", None, "limit"),
    ("GET", f"{PROJECT}/runs?limit=%00", None, "limit"),
    ("GET", f"{RUN}/history?limit=99999999999", None, "limit"),
    ("GET", f"{PROJECT}/columns?limit=0", None, "limit"),
    ("GET", f"{RUN}/files?limit=0", None, "limit"),
    ("GET", f"{PROJECT}/metrics?limit=0", None, "limit"),
    ("POST", f"{PROJECT}/series", {"panels": [{"runs": [], "keys": []}] * 1001}, "panels"),
    ("POST", f"{PROJECT}/series", series(keys=["k"] * 100_001), None),
    ("POST", f"{PROJECT}/series", series(n_buckets=63), None),
    ("POST", f"{PROJECT}/series", series(n_buckets=2**63), None),
    ("POST", f"{PROJECT}/series", series(n_buckets=1e400), None),
    ("POST", f"{PROJECT}/series", series(axis="sideways"), None),
    ("POST", f"{PROJECT}/series", {"panels": 5}, "panels"),
    ("POST", f"{PROJECT}/series", {"panels": [{"runs": "run1", "keys": 5}]}, "panels.0.runs"),
    ("PATCH", RUN, {"name": ""}, "name"),
    ("PATCH", RUN, {"name": LONG}, "name"),
    ("PATCH", RUN, {"notes": "x" * (2**20 + 1)}, "notes"),
    ("PATCH", RUN, {"tags": ["t"] * 100_001}, "tags"),
    ("PATCH", RUN, {"tags": [""]}, "tags"),
    ("PATCH", RUN, {"tags": [5]}, "tags.0"),
    ("PATCH", RUN, {"nonsense": 1}, "nonsense"),
    ("PATCH", RUN, {"config": {"set": [[["a"] * 33, 1]]}}, None),
    ("PATCH", RUN, {"config": {"set": [[[LONG], 1]]}}, None),
    ("PATCH", RUN, {"config": {"set": [["lr", 1]]}}, None),
    ("PATCH", RUN, {"config": {"set": [[["deep"], DEEP]]}}, "config.set"),
    ("PATCH", RUN, {"summary": {"set": [[["deep"], {"a": DEEP}]]}}, "summary.set"),
    ("PATCH", RUN, [], "body"),
    # --- cursors
    ("GET", f"{PROJECT}/runs?cursor=nonsense", None, "cursor"),
    ("GET", f"{PROJECT}/runs?cursor=%00", None, "cursor"),
    ("GET", f"{RUN}/history?cursor={LONG[:8000]}", None, "cursor"),
    ("GET", f"{PROJECT}/columns?cursor=%F0%9F%A7%B6", None, "cursor"),
    # --- filters
    ("POST", f"{PROJECT}/runs/query", filtered("config.lr >"), "filter"),
    ("POST", f"{PROJECT}/runs/query", filtered("(" * 10_000), "filter"),
    ("POST", f"{PROJECT}/runs/query", filtered("not " * 10_000 + "a = 1"), "filter"),
    ("POST", f"{PROJECT}/runs/query", filtered(" or ".join(["name = a"] * 20_000)), "filter"),
    ("POST", f"{PROJECT}/runs/query", filtered(nested(500)), None),
    ("POST", f"{PROJECT}/runs/query", filtered({"op": "and", "filters": 5}), None),
    ("POST", f"{PROJECT}/runs/query", filtered({"op": LONG}), None),
    ("POST", f"{PROJECT}/runs/query", filtered('name matches "("'), "filter"),
    ("POST", f"{PROJECT}/runs/query", filtered(5), None),
    ("POST", f"{PROJECT}/runs/query", {"order": "-nonsense("}, None),
    ("POST", f"{PROJECT}/runs/query", {"order": [{"column": "created"}] * 1000}, None),
    ("POST", f"{PROJECT}/runs/query", {"columns": ["name"] * 100_000}, None),
    ("POST", f"{PROJECT}/runs/query", {"limit": 2**70}, "limit"),
    ("POST", f"{PROJECT}/runs/query", {"under": {"by": ["name"], "values": [1, 2]}}, None),
    ("POST", f"{PROJECT}/runs/groups", {"by": ["name"] * 100}, None),
    ("POST", f"{PROJECT}/runs/groups", {"by": [LONG]}, None),
    ("POST", f"{PROJECT}/runs/groups", {"by": ["name"], "levels": 100}, "levels"),
    ("POST", f"{PROJECT}/runs/groups", {"by": []}, None),
    ("GET", f"{PROJECT}/runs?search=(&regex=true", None, "search"),
    ("GET", f"{PROJECT}/runs?state=walking", None, "state"),
    ("GET", f"{PROJECT}/columns?search=[&regex=true", None, "search"),
    # --- expressions
    *(
        ("POST", f"{PROJECT}/series", series(expressions=[{"name": "e", "text": text}]), None)
        for text in (
            "", "loss +", "(" * 9999, "-" * 9999 + "loss", "__import__('os')", "loss().x",
            "ema(loss)", "rolling_mean(loss, 1e18)", "nonsense(loss)", "loss ** " * 3000 + "loss",
        )
    ),
    ("POST", f"{PROJECT}/series", series(expressions=[{"name": "e", "text": LONG}]), None),
    # --- sql
    *(
        ("POST", f"{PROJECT}/sql", {"query": text}, None)
        for text in (
            "", "selec", "select 1; select 2", "drop table runs", "copy runs to '/tmp/x.csv'",
            "select * from read_csv('/etc/passwd')", "attach '/tmp/x.db'", "install httpfs",
            "select * from '/etc/passwd'", "pragma memory_limit='100GB'", "select getenv('HOME')",
        )
    ),
    ("POST", f"{PROJECT}/sql", {"query": "select 1", "format": "xlsx"}, "format"),
    # --- exports
    ("POST", f"{PROJECT}/export", {"runs": ["run1"], "format": "xlsx"}, "format"),
    ("POST", f"{PROJECT}/export", {"runs": ["run1"], "filter": "name = a"}, None),
    ("POST", f"{PROJECT}/export", {"runs": ["run1"] * 100_001}, "runs"),
    # --- bulk
    ("POST", f"{PROJECT}/runs/bulk", {"filter": "name = a"}, "action"),
    ("POST", f"{PROJECT}/runs/bulk", {"filter": "name", "action": {"kind": "stop"}}, "filter"),
    ("POST", f"{PROJECT}/runs/bulk", {"runs": ["run1"], "action": {"kind": "explode"}}, None),
    ("POST", f"{PROJECT}/runs/bulk", {"action": {"kind": "delete"}}, None),
    # --- positions of uploads
    ("POST", f"{RUN}/log/w1?position=-1", None, "position"),
    ("POST", f"{RUN}/log/w1?position=9223372036854775808", None, "position"),
    ("POST", f"{RUN}/log/w1", None, "position"),
    ("POST", f"{RUN}/log/w1?position=0&after=xyz", None, "after"),
    ("POST", f"{RUN}/log/w1?position=0&damaged=-5", None, "damaged"),
    ("POST", f"{PROJECT}/runs/%20/log/w1?position=0", None, "run"),
    ("POST", f"{PROJECT}/runs/../log/w1?position=0", None, None),
    # --- steps
    ("GET", f"{RUN}/continuation?step=nan", None, "step"),
    ("GET", f"{RUN}/continuation?step=inf", None, "step"),
    ("GET", f"{RUN}/continuation?step=9223372036854775808", None, "step"),
    ("GET", f"{RUN}/continuation?joining=perhaps", None, "joining"),
    ("GET", f"{RUN}/history?step_lo=nan", None, "step_lo"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "field", "says"),
    [
        (f"{PROJECT}/runs?limt=1", "limt", "limit may be meant; there are cursor, filter"),
        (f"{PROJECT}/runs?limit=1&Filter=x", "Filter", "filter may be meant"),
        (f"{PROJECT}/runs?=1", "''", "no query parameter is called ''"),
        (f"{RUN}?_=123", "_", "this route takes none"),
        (f"{RUN}/files/none?v=1", "v", "there are direct, framed, outside, sha256"),
        (f"{PROJECT}/events?run=run1", "run", "this route takes none"),
    ],
)
def test_a_query_parameter_that_is_none_is_refused(
    filled_client: httpx.Client, address: str, field: str, says: str
) -> None:
    answer = filled_client.get(address)
    assert field_of(answer) == field
    assert says in answer.json()["detail"]


@pytest.mark.parametrize("number", [2**70, -(2**70)])
def test_a_whole_number_that_no_database_takes_is_no_fault_of_the_server(
    filled_client: httpx.Client, number: int
) -> None:
    description = filled_client.get("/api/v1/openapi.json").json()
    for address, operations in description["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                if method == "get" and "integer" in json.dumps(parameter["schema"]):
                    path = re.sub(r"{(\w+)}", lambda part: NAMES.get(part[1], "none"), address)
                    answer = filled_client.get(path, params={parameter["name"]: number})
                    assert answer.status_code < 500, f"{answer.url}: {answer.text}"


def test_every_route_knows_its_query_parameters(filled_client: httpx.Client) -> None:
    description = filled_client.get("/api/v1/openapi.json").json()
    for address, operations in description["paths"].items():
        for method, operation in operations.items():
            if (
                method == "head"
                or not address.startswith("/api/")
                or operation["operationId"] in REFUSE_NO_PARAMETERS
            ):
                continue
            path = re.sub(r"{\w+}", "none", address)
            refused = filled_client.request(method, path, params={"xyzzy": 1})
            assert field_of(refused) == "xyzzy", (method, address)


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    QUESTIONS,
    ids=lambda part: str(part).replace(PROJECT, "")[:60] if isinstance(part, str) else None,
)
def test_a_wrong_field_is_named(
    filled_client: httpx.Client, method: str, path: str, body: Any, field: str | None
) -> None:
    headers = {"Content-Type": "application/json"}
    content = None if body is None else json.dumps(body)
    answer = filled_client.request(method, path, content=content, headers=headers)
    document = refused(answer, 400, 404, 405, 413)
    if field is not None:
        assert document["errors"][0]["field"].startswith(field), answer.text


NOT_JSON = [
    b"", b"{", b"[", b"\xff\xfe", b"nul", b"{'a': 1}", b'{"name": "\xff"}', b"[" * 100_000,
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"1" * 5000, b'{"name": ' + b"1" * 5000 + b"}",
    b'{"config": {"set": [[["a"], ' + b"[" * 50_000 + b"]" * 50_000 + b"]]}}",
]  # fmt: skip


@pytest.mark.parametrize("content", NOT_JSON, ids=lambda content: repr(content[:20]))
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", RUN),
        ("POST", f"{PROJECT}/series"),
        case_at_length("POST", f"{PROJECT}/runs/query"),
        case_at_length("POST", f"{PROJECT}/runs/groups"),
        case_at_length("POST", f"{PROJECT}/runs/bulk"),
        case_at_length("POST", f"{PROJECT}/export"),
        case_at_length("POST", f"{PROJECT}/sql"),
    ],
)
def test_a_body_that_is_no_json_of_its_kind_is_refused(
    filled_client: httpx.Client, method: str, path: str, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    document = refused(filled_client.request(method, path, content=content, headers=headers))
    assert document["errors"][0]["field"]


def test_a_body_of_another_type_is_told_its_type(filled_client: httpx.Client) -> None:
    forms = {"Content-Type": "application/x-www-form-urlencoded"}  # what curl -d says
    answer = filled_client.post(f"{PROJECT}/export", content='{"format": "csv"}', headers=forms)
    reason = "it must be sent as application/json, not application/x-www-form-urlencoded"
    assert refused(answer)["errors"] == [{"field": "body", "reason": reason}]


@pytest.mark.parametrize("bounds", ["", "1", "5 -5", "1 x", f"0 {2**80}"])
def test_a_header_with_another_clock_must_say_by_how_much(
    filled_client: httpx.Client, bounds: str
) -> None:
    answer = filled_client.post(f"{RUN}/log/w1?position=0", headers={"X-Weft-Offset": bounds})
    assert refused(answer)["errors"][0]["field"] == "X-Weft-Offset"


ODD_NAMES = [
    "%00", "a%00b", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%5c", "a%0Ab", "%ff", "%C0%AE",
    "%ED%A0%80", "%F0%9F%A7%B6" * 40, "x" * 5000, "%25", "a%3Ab", "%E2%80%AEabc", "+", "%7F",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_nobodys_and_make_nothing(filled_client: httpx.Client, name: str) -> None:
    for path in (
        f"/api/v1/projects/{name}/bad",
        f"/api/v1/projects/local/{name}",
        f"/api/v1/projects/local/{name}/runs",
        f"{PROJECT}/runs/{name}",
        f"{PROJECT}/runs/{name}/history",
        f"{RUN}/files/{name}",
        f"{RUN}/files/media/{name}",
    ):
        # Not normalised by the client: the server has to see it as it is.
        answer = filled_client.request("GET", httpx.URL(f"{filled_client.base_url}").copy_with(
            raw_path=path.encode()))  # fmt: skip
        refused(answer, 400, 404)
    for path in (f"{PROJECT}/runs/{name}/stop", f"{PROJECT}/runs/{name}/log/w?position=0"):
        answer = filled_client.request("POST", httpx.URL(f"{filled_client.base_url}").copy_with(
            raw_path=path.encode()))  # fmt: skip
        assert answer.status_code < 500
        assert answer.status_code >= 400 or answer.json()["position"] == 0


@pytest.mark.parametrize(
    "path", ["../token", "..%2ftoken", "/etc/passwd", "a/../../token", "a//b"]
)
def test_no_path_leads_out_of_a_runs_files(
    server: ServerProcess, filled_client: httpx.Client, path: str
) -> None:
    url = httpx.URL(f"{filled_client.base_url}").copy_with(raw_path=f"{RUN}/files/{path}".encode())
    for method, content in (("GET", None), ("PUT", b"x"), ("DELETE", None)):
        answer = filled_client.request(method, url, content=content)
        assert server.token not in answer.text
        refused(answer, 400, 404, 405)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        # NUL, which no database takes, and half a surrogate pair, which is no text.
        ("\0", "\ufffd"), ("\ud800", "\ufffd"), ("a\ud83dz", "a\ufffdz"),
        *((text, text) for text in ("\u202e", "\u2028", "\ufeff", "𝕨" * 50, "\x1b[31m")),
    ],
)  # fmt: skip
def test_odd_text_is_kept_except_what_is_no_text(
    filled_client: httpx.Client, text: str, stored: str
) -> None:
    headers = {"Content-Type": "application/json"}
    before = filled_client.get(RUN).json()["notes"]
    answer = filled_client.patch(RUN, content=json.dumps({"notes": text}), headers=headers)
    assert answer.status_code == 200, answer.text
    assert filled_client.get(RUN).json()["notes"] == stored
    for body in (filtered({"column": "notes", "op": "=", "value": text}), {"search": text}):
        answer = filled_client.post(
            f"{PROJECT}/runs/query", content=json.dumps(body), headers=headers
        )
        assert answer.status_code == 200, answer.text
    filled_client.patch(RUN, json={"notes": before}).raise_for_status()
    answer = filled_client.post(
        f"{PROJECT}/series", content=json.dumps(series(keys=[text])), headers=headers
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63) - 1, 2**64, 10**300, 10**4000],
    ids=["2^63", "-2^63-1", "2^64", "10^300", "10^4000"],
)
def test_whole_numbers_beyond_64_bits_are_kept(filled_client: httpx.Client, value: int) -> None:
    edit = {"config": {"set": [[["huge"], value]], "removed": []}}
    filled_client.patch(RUN, json=edit).raise_for_status()
    huge = filled_client.get(RUN).json()["config"]["huge"]
    if isinstance(huge, dict):  # beyond what MessagePack has as an int
        assert huge["_type"] == "int"
        huge = int(huge["value"], 0)
    assert huge == value
    filled_client.patch(RUN, json={"config": {"removed": [["huge"]]}}).raise_for_status()
    for op in (">", "<"):
        n_found = 0 if (op == ">") == (value > 0) else 1
        text = filtered(f"config.lr {op} {value}")
        tree = filtered({"column": "config.lr", "op": op, "value": value})
        for body in (text, tree):
            answer = filled_client.post(f"{PROJECT}/runs/query", json=body)
            if body is tree and value == 10**4000:
                assert "at most 13000 bits" in refused(answer)["errors"][0]["reason"]
                continue
            assert answer.status_code == 200, answer.text
            assert answer.json()["total"] == n_found, (op, body is tree)


@pytest.mark.parametrize(
    "bounds", [(-1e308, 1e308), (0.0, 1e-320), (-(2**63), 2**63), (5, 5.0001)]
)
@pytest.mark.usefixtures("client")
def test_huge_and_tiny_ranges_show_the_points_in_them(
    server: ServerProcess, bounds: tuple[float, float]
) -> None:
    lo, hi = bounds
    # Rows are a millisecond apart from the run's start on, which is long after 1970.
    for axis, first, apart in (
        ("step", 0, 1), ("time", 0, 1000), ("time_wall", 0, 1000), ("wall", 10**15, 1000)
    ):  # fmt: skip
        inside = [1.0 / (i + 1) for i in range(100) if lo <= first + i * apart < hi]
        panel = {"runs": ["run1"], "keys": ["loss"], "lo": lo, "hi": hi, "axis": axis}
        (series,) = ask(server, "bad", panel)
        assert len(series) == bool(inside), axis
        for row in series:
            assert sum(row["count"]) == len(inside), axis
            assert (min(row["min64"]), max(row["max64"])) == (min(inside), max(inside))
            total = sum(n * mean for n, mean in zip(row["count"], row["mean64"], strict=True))
            assert total == pytest.approx(sum(inside), rel=1e-12)


@pytest.mark.parametrize(
    ("lo", "hi"), [("NaN", "1"), ("0", "Infinity"), ("1", "0"), ("-1e999", "5")]
)
def test_bounds_that_are_no_range_are_refused(
    filled_client: httpx.Client, lo: str, hi: str
) -> None:
    body = json.dumps(series(lo="LO", hi="HI")).replace('"LO"', lo).replace('"HI"', hi)
    refused(filled_client.post(f"{PROJECT}/series", content=body))


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x", "a{1000}{1000}", "(?=a)", "\\1"]
)
def test_hostile_patterns_take_bounded_time(filled_client: httpx.Client, pattern: str) -> None:
    filled_client.patch(RUN, json={"notes": "a" * 50_000 + "!"}).raise_for_status()
    query = {"search": pattern, "regex": True}
    for answer in (
        filled_client.get(f"{PROJECT}/runs", params={"search": pattern, "regex": "true"}),
        filled_client.post(f"{PROJECT}/runs/query", json=query),
        filled_client.post(
            f"{PROJECT}/runs/query", json=filtered(f"notes matches {json.dumps(pattern)}")
        ),
        filled_client.get(f"{PROJECT}/columns", params={"search": pattern, "regex": "true"}),
    ):
        assert answer.status_code in {200, 400}, answer.text
    filled_client.patch(RUN, json={"notes": None}).raise_for_status()


def test_a_bomb_is_not_unpacked(filled_client: httpx.Client) -> None:
    bomb = zstandard.compress(bytes(2**30))
    assert len(bomb) < 2**20
    refused(filled_client.post(f"{RUN}/log/w9?position=0", content=bomb), 413)
    packed = filled_client.patch(
        RUN, content=bomb, headers={"Content-Encoding": "zstd", "Content-Type": "application/json"}
    )
    refused(packed, 400, 413, 415)


def test_unknown_runs_and_metrics_give_empty_answers_not_faults(
    filled_client: httpx.Client,
) -> None:
    for body in (
        series(runs=["nobody"]),
        series(keys=["nothing"]),
        series(runs=[]),
        {"panels": []},
    ):
        answer = filled_client.post(f"{PROJECT}/series", json=body)
        assert answer.status_code == 200, answer.text
    refused(filled_client.get(f"{PROJECT}/runs/absent"), 404)
    refused(filled_client.get(f"{PROJECT}/runs/absent/history"), 404)
    refused(filled_client.post("/api/v1/projects/local/nowhere/series", json=series()), 404)
    answer = filled_client.get(f"{RUN}/history", params={"keys": "nothing"})
    assert (answer.status_code, answer.json()["rows"]) == (200, [])
