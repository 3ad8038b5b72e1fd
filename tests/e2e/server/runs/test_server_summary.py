"""Summaries, definitions, writers, alerts and what a run is, read back from a real server."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length
from live_runs import LiveServer
from sdk_script import run_well
from weft.errors import ConfigError, NotFound

pytestmark = pytest.mark.timeout(300)

KINDS = '["min", "max", "mean", "first", "last", "best"]'


def summary(api: weft.Api, run_id: str) -> dict[str, Any]:
    return api.run(f"local/tests/{run_id}").summary


@at_length
def test_what_the_script_sets_stays_and_what_it_deletes_shows_when_logged_again(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
        import weft
        run = weft.init(id="manual")
        run.log({"acc": 0.5, "loss": 3.0, "gone": 1, "back": 1})
        run.summary["acc"] = 0.9
        run.summary["best"] = {"epoch": 3, "loss": float("nan")}
        run.summary.update({"note": "mine"})
        run.log({"acc": 0.1, "loss": 2.0, "best": 7})
        del run.summary["gone"], run.summary["back"], run.summary["note"]
        run.log({"back": 2})
        """
    run_well(tmp_path, code, environment)
    shown = summary(api, "manual")
    assert math.isnan(shown["best"].pop("loss"))
    assert shown == {"acc": 0.9, "loss": 2.0, "best": {"epoch": 3}, "back": 2}


@at_length
def test_each_kind_of_summary_over_two_writers(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = f"""
        import os, weft
        rank = int(os.environ["RANK"])
        run = weft.init(id="kinds")
        run.define_metric("loss", summary=",".join({KINDS}), goal="maximize")
        run.define_metric("val/*", summary="max")
        run.define_metric("quiet", summary="none")
        run.define_metric("plain", summary="copy")
        for value in [[3, 9, float("nan")], [1, 2, 5]][rank]:
            run.log({{"loss": value, "val/acc": value / 2, "quiet": 1, "plain": value}})
        """
    for rank in range(2):
        run_well(tmp_path, code, environment, RANK=str(rank), WORLD_SIZE="2")
    assert summary(api, "kinds") == {
        "loss": {
            "min": 1,
            "max": 9,
            # of as many parts as there were uploads, which each way of adding rounds differently
            "mean": pytest.approx(4.0),
            "first": 3,
            "last": 5,
            "best": 9,
        },
        "val/acc": {"max": 4.5},
        "plain": 5,
    }
    run = api.run("local/tests/kinds")
    assert {definition["name"] for definition in run.definitions} == {
        "loss",
        "val/*",
        "quiet",
        "plain",
    }
    scripts = [writer for writer in run.writers if writer.parent is None]
    assert sorted(script.labels["rank"] for script in scripts) == ["0", "1"]
    for script in scripts:
        assert script.exit_code == 0
        assert script.host
        assert script.started_micros is not None
        assert script.ended_micros is not None
        assert script.started_micros < script.ended_micros


@at_length
def test_a_definition_after_the_rows_counts_for_them(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
        import weft
        run = weft.init(id="late-rule")
        for value in [4, 2, 8]:
            run.log({"loss": value, "noise": value})
        run.define_metric("loss", summary="min,mean")
        run.define_metric("noise", summary="none")
        """
    run_well(tmp_path, code, environment)
    assert summary(api, "late-rule") == {"loss": {"min": 2, "mean": pytest.approx(14 / 3)}}


def test_aggregates_go_on_after_the_server_was_killed(tmp_path: Path) -> None:
    code = """
        import os, weft
        run = weft.init(id="again")
        run.define_metric("loss", summary="min,max,mean,first,last")
        run.summary["mine"] = 1
        for text in os.environ["VALUES"].split():
            run.log({"loss": int(text), "mine": 2})
        """
    with LiveServer(tmp_path) as live:
        run_well(tmp_path, code, live.environment, VALUES="3 7")
        live.process.kill()
        live.start_again()
        run_well(tmp_path, code, live.environment, VALUES="1 5")
        shown = {"loss": {"min": 1, "max": 7, "mean": 4.0, "first": 3, "last": 5}, "mine": 1}
        assert summary(live.api, "again") == shown


@at_length
def test_alerts_are_kept_in_order(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
        import weft
        run = weft.init(id="alarmed")
        run.alert("low accuracy", "0.1 is below 0.2", level=weft.AlertLevel.WARN)
        run.alert(title="done", text="")
        """
    run_well(tmp_path, code, environment)
    alerts = api.run("local/tests/alarmed").alerts
    assert [(alert.title, alert.text, alert.level) for alert in alerts] == [
        ("low accuracy", "0.1 is below 0.2", "WARN"),
        ("done", "", "INFO"),
    ]
    assert alerts[0].time_micros <= alerts[1].time_micros


def test_a_run_tells_all_that_init_was_told(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
        import weft
        weft.init(
            id="told", project="told", name="a name", notes="some notes", tags=["x", "y"],
            group="a group", job_type="train", config={"model": {"depth": 3}},
        ).finish()
        weft.init(id="later", project="told", config={"long": "x" * 5000}).finish()
        """
    run_well(tmp_path, code, environment)
    run = api.run("local/told/told")
    assert (run.name, run.notes, run.tags) == ("a name", "some notes", ["x", "y"])
    assert (run.group, run.job_type, run.fork) == ("a group", "train", None)
    assert run.host
    assert run.ended_at is not None
    assert run.created_at[:10] == run.started_at[:10] or run.created_at > run.started_at
    assert run.started_at < run.ended_at
    assert run.state == "finished"
    runs = list(api.runs("local/told"))
    assert [run.id for run in runs] == ["told", "later"], "oldest first, as W&B lists them"
    assert runs[1].config == {"long": "x" * 5000}, "a list shortens it; the run asks again"
    assert [run.id for run in api.runs("told", search="GROUP")] == ["told"]
    with pytest.raises(NotFound):
        next(api.runs("local/nothing"))
    with pytest.raises(ConfigError):
        next(api.runs("a/b/c"))


@at_length
def test_the_server_shows_what_the_script_saw(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    """One process, any order of calls: `run.summary` and the server's are the same."""
    code = """
        import json, random, weft
        seen = {}
        for seed in range(20):
            rng = random.Random(seed)
            run = weft.init(id=f"same{seed}")
            for name in ["a", "b", "c.d", "*"]:
                if rng.random() < 0.5:
                    kinds = rng.sample(["min", "max", "mean", "first", "last", "best"], 2)
                    goal = rng.choice(["minimize", "maximize"])
                    run.define_metric(name, summary=kinds, goal=goal)
            for _ in range(25):
                key, action = rng.choice(["a", "b", "c", "e", "c.d"]), rng.random()
                value = rng.choice([rng.randint(-9, 9), rng.uniform(-9, 9)])
                if action < 0.7:
                    run.log({key: {"d": value} if key == "c" else value, "e": 1})
                elif action < 0.85:
                    run.summary[key] = {"mine": value, "d": 1} if key == "c" else value
                elif key in run.summary:
                    del run.summary[key]
            seen[run.id] = run.summary.as_dict()
            run.finish()
        open("seen.json", "w").write(json.dumps(seen))
        """
    run_well(tmp_path, code, environment)
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert len(seen) == 20
    for run_id, expected in seen.items():
        assert summary(api, run_id) == approximately(expected), run_id


def approximately(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: approximately(item) for key, item in value.items()}
    return pytest.approx(value)
