"""Sweeps as nodes of GraphQL, and what W&B's agents ask and are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service_gateway import Ask
from service_sweeps import log_run
from service_uploads import START
from weft.records.record import Exit
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services

PROJECT = ProjectPath("local", "mnist")
CONFIG = (
    "{program: train.py, method: grid, metric: {name: loss}, parameters: {n: {values: [1, 2]}}}"
)
PUT = """
mutation($input: UpsertSweepInput!) {
  upsertSweep(input: $input) { sweep { id name displayName state runCountExpected } }
}
"""
BEAT = """
mutation($id: ID!, $runs: JSONString) {
  agentHeartbeat(input: {id: $id, runState: $runs}) { agent { id } commands }
}
"""
SWEEP = """
query($name: String!) { project(name: "mnist") { sweep(sweepName: $name) {
  state method bestLoss runCount
  runs { edges { node { name state } } } agents { edges { node { host } } }
} totalSweeps } }
"""


@pytest.fixture
def sweep(ask: Ask) -> dict[str, Any]:
    new = {"config": CONFIG, "projectName": "mnist", "displayName": "grid"}
    return ask(PUT, input=new)["upsertSweep"]["sweep"]


@pytest.fixture
def agent(ask: Ask, sweep: dict[str, Any]) -> str:
    document = """mutation($sweep: String!) {
      createAgent(input: {host: "box", sweep: $sweep, projectName: "mnist"}) { agent { id } }
    }"""
    return ask(document, sweep=sweep["name"])["createAgent"]["agent"]["id"]


def commands(ask: Ask, agent: str, **runs: bool) -> list[dict[str, Any]]:
    answer = ask(BEAT, id=agent, runs=json.dumps(runs))
    return json.loads(answer["agentHeartbeat"]["commands"])


def test_a_sweep_is_made_with_a_name_and_its_size(sweep: dict[str, Any]) -> None:
    assert (sweep["displayName"], sweep["state"], sweep["runCountExpected"]) == (
        "grid", "PENDING", 2,
    )  # fmt: skip


def test_an_agent_is_given_one_run_at_a_time_with_its_program(ask: Ask, agent: str) -> None:
    (first,) = commands(ask, agent)
    assert (first["type"], first["program"], first["args"]) == (
        "run", "train.py", {"n": {"value": 1}},
    )  # fmt: skip
    assert commands(ask, agent, **{first["run_id"]: True}) == [], "it has one"


def test_the_next_run_comes_after_the_end_of_the_one_before(
    ask: Ask, services: Services, sweep: dict[str, Any], agent: str
) -> None:
    for value, loss in ((1, 0.5), (2, 0.25)):
        (order,) = commands(ask, agent)
        assert order["args"] == {"n": {"value": value}}
        run = order["run_id"]
        assert commands(ask, agent, **{run: True}) == []
        log_run(services, run, sweep["name"], loss, Exit(START + 5, 0), n=value)
    assert commands(ask, agent) == [{"type": "exit"}]
    project = ask(SWEEP, name=sweep["name"])["project"]
    node = project["sweep"]
    assert (node["state"], node["bestLoss"], node["runCount"]) == ("FINISHED", 0.25, 2)
    assert {edge["node"]["state"] for edge in node["runs"]["edges"]} == {"finished"}
    assert project["totalSweeps"] == 1


@pytest.mark.parametrize(
    ("state", "shown"), [("PAUSED", "PAUSED"), ("FINISHED", "FINISHED"), ("CANCELED", "CANCELED")]
)
def test_a_state_is_set_by_the_client_s_name(
    ask: Ask, sweep: dict[str, Any], state: str, shown: str
) -> None:
    changed = ask(PUT, input={"id": sweep["id"], "state": state})["upsertSweep"]["sweep"]
    assert (changed["state"], changed["displayName"]) == (shown, "grid")


def test_what_can_not_be_changed_is_refused(ask: Ask, sweep: dict[str, Any], agent: str) -> None:
    assert "can't be set to 'ODD'" in ask(PUT, input={"id": sweep["id"], "state": "ODD"})
    assert "can't be changed" in ask(PUT, input={"id": sweep["id"], "config": CONFIG})
    assert "needs a config" in ask(PUT, input={"projectName": "mnist"})
    assert "not JSON" in ask(BEAT, id=agent, runs="{")


def test_an_agent_of_a_deleted_sweep_is_told_so(
    ask: Ask, services: Services, sweep: dict[str, Any], agent: str
) -> None:
    services.sweeps.delete(LOCAL, PROJECT, sweep["name"])
    assert "no sweep" in ask(BEAT, id=agent, runs="{}")
