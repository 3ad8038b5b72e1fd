"""Special numbers at any depth, from a script to whoever reads them back: they stay what they are.

Values go through a real run log, `weft sync` and a real server; compared by `repr`, which tells
NaN from its name, -0.0 from 0.0 and 5 from 5.0.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import weft
from live_runs import LiveServer
from weft.records.ids import new_run_id
from weft.records.value import with_floats, with_ints

pytestmark = pytest.mark.timeout(300)

special = st.sampled_from(
    [float("nan"), float("inf"), -float("inf"), -0.0, 0.0, 2**64, -(2**70), "NaN", "-Infinity"]
)
leaves = special | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
names = st.sampled_from(["a", "b", "c"])
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
trees = st.dictionaries(st.sampled_from(["x", "y", "z"]), values, max_size=3)
lists = st.lists(values, max_size=4)


def text_of(value: Any) -> str:
    """All of a value, whatever order its dicts have."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        return repr(sorted((name, text_of(inner)) for name, inner in items.items()))
    if isinstance(value, list):
        return repr([text_of(inner) for inner in cast("list[Any]", value)])
    return repr(value)


def from_json(value: Any) -> Any:
    """The value of the API's JSON: a word outside lists, an object inside them."""
    return with_ints(with_floats(value))


def words(value: Any) -> Any:
    """The same with words for the non-finite numbers that are in no list."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        return {name: words(inner) for name, inner in items.items()}
    is_word = isinstance(value, float) and value - value != 0
    return json.dumps(value).strip('"') if is_word else value


@settings(
    max_examples=max(2, settings().max_examples // 20),  # each is three runs
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(config=trees, summary=trees, logged=lists)
def test_special_values_come_back_from_server_json_and_a_resumed_run(
    live: LiveServer,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    config: dict[str, Any],
    summary: dict[str, Any],
    logged: list[Any],
) -> None:
    run_id = new_run_id()
    folder: Path = tmp_path_factory.mktemp("special")
    directory = str(folder)
    for name, value in {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}.items():
        monkeypatch.setenv(name, value)

    config["w"] = [0.5, float("nan"), "NaN", -0.0]  # what every example has
    logged.append([float("inf"), "Infinity"])
    with weft.init(id=run_id, dir=directory, config=config) as run:
        run.log({"logged": logged, "big": 2**80, "zero": -0.0})
        run.summary.update(summary)
        resumed = run.summary.as_dict()
    expected = {"logged": logged, "big": 2**80, "zero": -0.0, **summary}
    assert text_of(resumed) == text_of(expected)

    stored = live.ended(run_id)
    assert text_of(stored.config) == text_of(config)
    assert text_of(dict(stored.summary)) == text_of(expected)

    address = f"{live.url}/api/v1/projects/local/tests"
    with httpx.Client(headers={"Authorization": f"Bearer {live.process.token}"}) as client:
        answer = client.get(f"{address}/runs/{run_id}").json()
        (row,) = client.get(f"{address}/runs/{run_id}/history?keys=logged").json()["rows"]
        question = {"runs": [run_id], "keys": ["logged"], "format": "csv"}
        table = client.post(f"{address}/export", json=question).text
        query = f"SELECT config_json FROM runs WHERE id = '{run_id}'"
        ((queried,),) = client.post(f"{address}/sql", json={"query": query}).json()["rows"]
    assert text_of(from_json(answer["config"])) == text_of(words(config))
    assert text_of(from_json(answer["summary"])) == text_of(words(expected))
    assert text_of(from_json(row["logged"])) == text_of(logged)
    (exported,) = csv.DictReader(io.StringIO(table))
    assert text_of(from_json(json.loads(exported["logged"]))) == text_of(logged)
    assert text_of(from_json(queried)) == text_of(words(config))
    file = json.loads((Path(run.dir) / "summary.json").read_text())
    assert text_of(from_json(file)) == text_of(words(expected))

    with weft.init(id=run_id, dir=directory, resume="must") as run:
        assert text_of(run.config.as_dict()) == text_of(config)
        assert text_of(run.summary.as_dict()) == text_of(expected)
    with weft.init(dir=directory, fork_from=f"{run_id}?_step=0") as run:
        assert text_of(run.config.as_dict()) == text_of(config)
