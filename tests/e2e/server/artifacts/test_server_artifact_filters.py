"""Runs found by the artifacts that they used and logged: over HTTP, in SQL, by `weft.Api`."""

from __future__ import annotations

from typing import Any

import httpx

from made_artifacts import store_version
from run_log_bytes import HandMadeLog
from server_process import ServerProcess
from weft import Api
from weft.records.record import Artifact

PROJECT = "/api/v1/projects/local/p"


def test_runs_are_found_by_their_artifacts(server: ServerProcess, client: httpx.Client) -> None:
    for nth in range(3):
        store_version(client, "p", {"x": b"%d" % nth}, run=f"make{nth}")
    store_version(client, "p", {"y": b"1"}, run="model", name="model", kind="model")
    store_version(client, "q", {"z": b"1"}, run="far", name="data")

    def use(run: str, *names: str) -> None:
        log = HandMadeLog(run=run, writer="w", project="p")
        for name in names:
            log.add(Artifact("use", f"local/{name}", "", "", [], 5))
        log.upload(client).raise_for_status()

    def found(text: str) -> list[str]:
        answer = client.get(f"{PROJECT}/runs", params={"filter": text, "order": "id"})
        return [run["id"] for run in answer.raise_for_status().json()["runs"]]

    use("old", "p/data:v0", "p/model:v0")
    assert found("used has data:v0") == ["old"]
    use("new", "p/data:v2", "q/data:v0")  # the column was read before
    assert found("used has data") == ["new", "old"]
    assert found('used has "q/data:v0"') == ["new"]
    assert found("used in (data:v0, data:v1, model)") == ["old"]
    assert found("not used has data:v0 and used exists") == ["new"]
    assert found("used != data:v2 and id in (new, old)") == ["old"]
    assert found("used contains mod") == ["old"]
    assert found('logged matches "^data:v[12]"') == ["make1", "make2"]
    assert found("logged has model") == ["model"]
    assert found("used missing and logged missing") == []
    query = {"columns": ["used"], "filter": "used exists", "order": [{"column": "id"}]}
    table = client.post(f"{PROJECT}/runs/query", json=query).raise_for_status().json()
    assert [row["values"] for row in table["rows"]] == [
        [["data:v2", "q/data:v0"]],
        [["data:v0", "model:v0"]],
    ]
    api = Api({"base_url": server.url})
    assert [run.id for run in api.runs("local/p", "used has data:v2")] == ["new"]
    assert [run.id for run in api.runs("local/p", {"used": "data:v0"})] == ["old"]
    listed = api.sql("SELECT id FROM runs WHERE 'data:v0' IN used", project="local/p")
    assert listed.pandas()["id"].tolist() == ["old"]
    refused = client.get(f"{PROJECT}/runs", params={"filter": "used has data:best"})
    assert refused.status_code == 400
    assert "write data:v3, or data for any version" in refused.json()["detail"]
    client.delete(f"{PROJECT}/artifacts/data").raise_for_status()
    assert found("used has data") == []
    assert found("used exists") == ["new", "old"]


def test_values_are_offered(client: httpx.Client) -> None:
    store_version(client, "offers", {"x": b"1"}, run="make")
    query: dict[str, Any] = {"by": ["logged"], "aggregates": []}
    answer = client.post("/api/v1/projects/local/offers/runs/groups", json=query)
    assert [group["values"] for group in answer.raise_for_status().json()["groups"]] == [
        ["data:v0"]
    ]
