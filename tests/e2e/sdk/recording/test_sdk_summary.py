"""`run.summary` in scripts of their own against a real server: both sides show the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length
from sdk_script import run_script

pytestmark = pytest.mark.timeout(300)


def summaries(
    folder: Path, code: str, environment: dict[str, str], api: weft.Api, run_id: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The summaries of the script and of the server at the end.

    Args:
        code: makes `run`; it gets its id from here.
    """
    script = run_script(
        folder,
        f"""
import json, weft
run = weft.init()
{code}
print(json.dumps(run.summary.as_dict()))
""",
        environment | {"WEFT_RUN_ID": run_id},
    )
    assert script.exit_code == 0, script.stderr
    return json.loads(script.stdout.splitlines()[-1]), api.run(f"local/tests/{run_id}").summary


def test_the_last_value_shows_until_one_is_set_which_stays(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
run.log({"acc": 0.25, "loss": 1.0})
run.summary["acc"] = 0.9
weft.summary.note = "good"
for n in range(5):
    run.log({"acc": n / 10, "loss": 1 / (n + 1)}, step=10 - n)
"""
    local, stored = summaries(tmp_path, code, environment, api, "manual")
    assert local == stored == {"acc": 0.9, "loss": 0.2, "note": "good"}


@at_length
def test_nested_updates_change_what_they_name(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
run.summary["best"] = {"epoch": 3, "acc": {"top1": 0.5, "top5": 0.75}}
run.summary["best"]["epoch"] = 7
run.summary.best.acc.top1 = 0.625
run.summary.update({"other": {"a": 1}, "flag": True})
run.summary.update({"other": {"b": 2}})
"""
    local, stored = summaries(tmp_path, code, environment, api, "nested")
    assert local == stored == {
        "best": {"epoch": 7, "acc": {"top1": 0.625, "top5": 0.75}},
        "other": {"b": 2},
        "flag": True,
    }  # fmt: skip


@at_length
def test_a_part_of_a_logged_dict_can_be_set(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
run.log({"train": {"loss": 1.0, "acc": 0.5}})
assert run.summary["train"]["loss"] == run.summary["train.loss"] == 1.0
run.summary["train"]["acc"] = 0.99
run.log({"train": {"loss": 0.5, "acc": 0.25}})
assert run.summary["train"] == {"loss": 0.5, "acc": 0.99}
"""
    local, stored = summaries(tmp_path, code, environment, api, "dotted")
    assert local == stored == {"train.loss": 0.5, "train.acc": 0.99}
    assert stored["train"] == {"loss": 0.5, "acc": 0.99}


def test_what_is_deleted_shows_again_once_it_is_logged_or_set(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
run.log({"gone": 1, "logged": 1, "set": 1, "manual": 1, "both": 1})
run.summary["manual"] = 2
run.summary["both"] = 2
run.summary["tree"] = {"a": 1, "b": 2}
for name in ("gone", "logged", "set", "manual", "both"):
    del run.summary[name]
del run.summary["tree"]["a"]
del run.summary["never"]
run.log({"logged": 3, "both": 3})
run.summary["set"] = 4
"""
    local, stored = summaries(tmp_path, code, environment, api, "deleted")
    assert local == stored == {"logged": 3, "both": 3, "set": 4, "tree": {"b": 2}}


@at_length
def test_a_set_value_lies_over_aggregates_leaf_by_leaf(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
run.define_metric("loss", summary="min,max")
run.define_metric("acc", summary="max")
for value in (3.0, 1.0, 2.0):
    run.log({"loss": value, "acc": value})
run.summary["loss"]["min"] = 0.5
run.summary["acc"] = 7
run.log({"loss": 4.0, "acc": 9.0})
"""
    local, stored = summaries(tmp_path, code, environment, api, "aggregates")
    assert local == stored == {"loss": {"min": 0.5, "max": 4.0}, "acc": 7}


@at_length
def test_a_deleted_aggregate_is_of_all_rows_once_it_shows_again(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
run.define_metric("*", summary="min,last")
run.log({"back": 1.0, "gone": 1.0})
del run.summary["back"]
del run.summary["gone"]
run.log({"back": 3.0})
"""
    local, stored = summaries(tmp_path, code, environment, api, "again")
    assert local == stored == {"back": {"min": 1.0, "last": 3.0}}


@at_length
def test_media_lie_in_the_summary_as_they_are(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
import numpy as np
image = {"_type": "image-file", "path": "media/x.png", "sha256": "0" * 64, "deep": {"a": 1}}
run.log({"image": image})
run.summary["cover"] = image
run.summary["scalar"] = np.float32(0.5)
run.summary["few"] = np.array([1, 2, 3])
"""
    local, stored = summaries(tmp_path, code, environment, api, "media")
    image = {"_type": "image-file", "path": "media/x.png", "sha256": "0" * 64, "deep": {"a": 1}}
    assert local["image"] == stored["image"] == image
    assert local["cover"] == stored["cover"] == image
    assert local["scalar"] == stored["scalar"] == 0.5
    assert local["few"] == stored["few"]


def test_a_resumed_run_keeps_what_was_set_and_logged(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
run.log({"loss": 1.0, "acc": 0.5, "old": 1})
run.summary["acc"] = 0.9
run.summary["best"] = {"epoch": 3}
run.finish()
run = weft.init(resume="must")
assert dict(run.summary) == {"loss": 1.0, "acc": 0.9, "old": 1, "best": {"epoch": 3}}
run.log({"loss": 0.5, "acc": 0.25})
run.summary["best"]["epoch"] = 4
del run.summary["old"]
"""
    local, stored = summaries(tmp_path, code, environment, api, "resumed")
    assert local == stored == {"loss": 0.5, "acc": 0.9, "best": {"epoch": 4}}


@at_length
def test_a_forked_process_may_set_the_summary_too(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = """
import os
run.log({"loss": 1.0})
child = os.fork()
if child == 0:
    assert run.summary["loss"] == 1.0
    run.summary["child"] = 1
    os._exit(0)
os.waitpid(child, 0)
"""
    _, stored = summaries(tmp_path, code, environment, api, "processes")
    assert stored == {"loss": 1.0, "child": 1}


ANY_CALLS = """
    import json, random, weft

    def change(run, rng):
        summary, value = run.summary, rng.randrange(100)
        branch = summary.get("t")
        match rng.randrange(13):
            case 0: run.log({"a": value})
            case 1: run.log({"b": value})
            case 2: run.log({"a": value, "b": value}, step=rng.randrange(5))
            case 3: run.log({"t": {"x": value, "y": value}})
            case 4: summary["a"] = value
            case 5: summary["b"] = {"k": value}
            case 6: summary["t"] = {rng.choice("xz"): value}
            case 7: summary.update({"b": value, "c": {"d": value}})
            case 8: del summary["a"]
            case 9: del summary["b"]
            case 10: del summary["t"]
            case 11 if branch: branch["x"] = value
            case 12 if branch: branch.pop("x", None)

    shown = {}
    for seed in range(N_RUNS):
        rng = random.Random(seed)
        run = weft.init(id=f"any{seed}")
        if seed % 2:
            kinds = ("min", "max,last,first", "none", "copy")
            run.define_metric("a", summary=kinds[seed % 8 // 2])
        if seed % 5 == 0:
            run.define_metric("t.*", summary="max")
        for _ in range(rng.randrange(1, 12)):
            change(run, rng)
        shown[run.id] = run.summary.as_dict()
        run.finish()
    print(json.dumps(shown))
    """


def test_any_calls_show_the_same_in_the_script_and_at_the_server(
    tmp_path: Path, environment: dict[str, str], api: weft.Api, n_rounds: int
) -> None:
    code = ANY_CALLS.replace("N_RUNS", str(4 * n_rounds))
    script = run_script(tmp_path, code, environment | {"WEFT_SILENT": "1"})
    assert script.exit_code == 0, script.stderr
    shown = json.loads(script.stdout)
    assert len(shown) == 4 * n_rounds
    assert {run_id: api.run(f"local/tests/{run_id}").summary for run_id in shown} == shown


@at_length
def test_a_key_that_is_no_text_and_a_value_that_can_not_be_kept_are_said_once(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_script(
        tmp_path,
        """
        import weft
        run = weft.init(id="odd")
        for _ in range(3):
            run.summary.update({1: "a", 1.5: "b", "": 2, "ok": 3, "k" * 2000: 4})
        try:
            run.summary.update(5)
        except TypeError as error:
            print(error)
        """,
        environment,
    )
    assert script.exit_code == 0, script.stderr
    assert script.stdout == (
        'update() takes a mapping such as a dict, not int: write update({"name": value})\n'
    )
    assert api.run("local/tests/odd").summary == {"1": "a", "1.5": "b", "ok": 3}
    for reason in ("not as a string", "is an empty key", "a key of more than"):
        assert script.stderr.count(reason) == 1, script.stderr
