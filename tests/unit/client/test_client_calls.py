"""Calls of endpoints become requests that any server understands."""

from __future__ import annotations

import json

import pytest

from weft.client.calls import encode_body
from weft.records.value import big_int
from weft.wire.all_endpoints import ENDPOINTS
from weft.wire.artifacts.files import download_artifact_file, look_at_artifact_file
from weft.wire.metrics.metrics import get_history
from weft.wire.runs.bulk import BulkChange, MoveAction
from weft.wire.runs.runs import ConfigEdit, RunEdit, edit_run, list_runs


def test_a_body_leaves_defaults_out_and_keeps_numbers_that_json_lacks() -> None:
    edit = RunEdit(notes=None, config=ConfigEdit(set=[(["lr"], float("nan")), (["n"], 2**70)]))
    assert json.loads(encode_body(edit) or b"") == {
        "notes": None,
        "config": {"set": [[["lr"], {"_type": "float", "value": "NaN"}], [["n"], big_int(2**70)]]},
    }

    move = BulkChange(runs=["a"], action=MoveAction(project="p"))
    assert json.loads(encode_body(move) or b"") == {
        "runs": ["a"],
        "action": {"kind": "move", "project": "p"},
    }


def test_arguments_become_the_address_the_query_and_the_body() -> None:
    path = "/api/v1/projects/a%20b/p/runs/r"
    assert edit_run.call("a b", "p", "r", RunEdit(name="x")) == (path, RunEdit(name="x"))
    call = get_history.call("a b", "p", run="r", key=["x,y", "z"], system=True, cursor=None)
    assert call == (f"{path}/history?key=x%2Cy&key=z&system=true", None)
    assert list_runs.call("a", "p", filter_="n > 1").path.endswith("/runs?filter=n+%3E+1")
    file = download_artifact_file.call("a", "p", "m", "v0", "x/ä?.txt").path
    assert file.endswith("/artifacts/m/versions/v0/files/x/%C3%A4%3F.txt")
    assert look_at_artifact_file.method == "HEAD"


def test_a_missing_or_unknown_argument_is_an_error() -> None:
    with pytest.raises(TypeError, match="run"):
        edit_run.call("a", "p")
    with pytest.raises(TypeError, match="limitt"):
        list_runs.call("a", "p", limitt=3)


def test_each_endpoint_says_in_one_line_what_it_does() -> None:
    for endpoint in ENDPOINTS.values():
        assert 10 < len(endpoint.description.strip().partition("\n")[0]) < 100, endpoint.name
