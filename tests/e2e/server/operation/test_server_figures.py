"""`/metrics` as Prometheus reads it, and the dashboard and alert rules that name its figures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from run_log_bytes import HandMadeLog
from server_process import ServerProcess
from weft_command import run_weft

DEPLOY: Final = Path(__file__).parents[4] / "deploy"
NAMES: Final = re.compile(r"\b((?:weft|process)_[a-z_]+)\b")


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """The samples of each name, as the official parser reads them."""
    read: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        for sample in family.samples:
            read.setdefault(sample.name, []).append((sample.labels, sample.value))
    return read


def test_figures_are_read_by_the_official_parser(server: ServerProcess) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
        log = HandMadeLog("run1", project="secret-project")
        log.keys("loss", "accuracy")
        log.rows([[1.0, 0.5], [0.5, 0.75], [0.25, 1.0]])
        log.upload(client).raise_for_status()
        client.get(log.path).raise_for_status()
        assert client.get("/api/v1/projects/local/missing/runs/none").status_code == 404
        text = client.get("/metrics").raise_for_status().text
    read = samples(text)
    assert "secret-project" not in text
    assert "run1" not in text
    assert read["weft_upload_rows_total"] == [({}, 3.0)]
    assert read["weft_upload_points_total"] == [({}, 6.0)]
    assert read["weft_upload_bytes_total"][0][1] == len(log.data)
    assert read["weft_live_runs"] == [({}, 1.0)]
    assert read["process_resident_memory_bytes"][0][1] > 10_000_000
    assert 0 < read["process_open_fds"][0][1] < read["process_max_fds"][0][1]
    route = "/api/v1/projects/{entity}/{project}/runs/{run}"
    answers = {
        (labels["method"], labels["status"]): n
        for labels, n in read["weft_requests_total"]
        if labels["route"] == route
    }
    assert answers == {("GET", "200"): 1.0, ("GET", "404"): 1.0}
    buckets = [
        (float(labels["le"]), n)
        for labels, n in read["weft_request_seconds_bucket"]
        if labels["route"] == route
    ]
    assert buckets == sorted(buckets)
    assert buckets[-1] == (float("inf"), 2.0)


def test_figures_need_an_administrator(server: ServerProcess) -> None:
    added = run_weft("server", "user", "add", "ada", "--data", server.data, "--json")
    headers = {"Authorization": f"Bearer {added.report['api_key']}"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
        assert client.get("/metrics").status_code == 403


def expressions() -> list[str]:
    """The expressions of the dashboard and of the alert rules."""
    rules = yaml.safe_load((DEPLOY / "prometheus" / "weft-alerts.yml").read_text())
    dashboard = json.loads((DEPLOY / "grafana" / "weft.json").read_text())
    return [
        *(rule["expr"] for group in rules["groups"] for rule in group["rules"]),
        *(target["expr"] for panel in dashboard["panels"] for target in panel["targets"]),
    ]


def test_dashboard_and_rules_name_figures_that_exist(server: ServerProcess) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}
    text = httpx.get(f"{server.url}/metrics", headers=headers, trust_env=False).text
    served = samples(text).keys()
    used = {name for expression in expressions() for name in NAMES.findall(expression)}
    assert used - served == set()
    families = {name.removesuffix("_bucket") for name in served if not name.endswith("_sum")}
    shown = {name.removesuffix("_bucket") for name in used}
    unused = families - shown - {"process_max_fds", "process_start_time_seconds"}
    assert {name for name in unused if not name.endswith("_count")} == set()
