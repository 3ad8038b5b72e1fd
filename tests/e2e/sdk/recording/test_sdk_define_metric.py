"""`define_metric` in scripts of their own against a real server: what rows and summary show."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length, case_at_length
from sdk_script import run_well, same

pytestmark = pytest.mark.timeout(300)


def column(api: weft.Api, run_id: str, key: str) -> list[Any]:
    """A metric's value in each row; None where it is not."""
    return [row.get(key) for row in api.run(f"local/tests/{run_id}").scan_history()]


# -- step metrics ---


def test_rows_that_lack_a_step_metric_get_its_last_value(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="steps")
        run.define_metric("epoch")
        run.define_metric("val/*", step_metric="epoch")
        run.define_metric("val/time", step_metric="epoch", step_sync=False)
        run.define_metric("plain")
        run.log({"val/loss": 9.0})
        for epoch in range(3):
            run.log({"epoch": epoch})
            run.log({"val/loss": 1 / (epoch + 1)})
            run.log({"val/time": epoch, "plain": 1})
        run.log({"val/acc": 0.5}, commit=False)
        run.log({"val/loss": 0.0, "epoch": 7})
        """,
        environment,
    )
    rows = list(api.run("local/tests/steps").scan_history())
    epochs = [row.get("epoch") for row in rows]
    assert epochs == [None, 0, 0, None, 1, 1, None, 2, 2, None, 7]
    assert rows[-1]["val/acc"] == 0.5


@at_length
def test_a_name_wins_over_globs_and_the_longest_glob_over_shorter_ones(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="globs")
        run.define_metric("val/top/*", step_metric="three", summary="max")
        run.define_metric("*", step_metric="one")
        run.define_metric("val/*", step_metric="two", summary="min")
        run.define_metric("val/exact", summary="first")
        run.log({"one": 1, "two": 2, "three": 3})
        for value in (5.0, 4.0, 6.0):
            run.log({"loss": value})
            run.log({"val/loss": value})
            run.log({"val/top/k": value})
            run.log({"val/exact": value})
        """,
        environment,
    )
    rows = list(api.run("local/tests/globs").scan_history())
    steps = [sorted(set(row) & {"one", "two", "three"}) for row in rows[1:5]]
    # `two` and `three` are metrics like others: `*` is of them, too.
    assert steps == [["one"], ["two"], ["three"], []]
    summary = api.run("local/tests/globs").summary
    assert summary["loss"] == 6.0
    assert summary["val/loss"] == {"min": 4.0}
    assert summary["val/top/k"] == {"max": 6.0}
    assert summary["val/exact"] == {"first": 5.0}


@at_length
def test_later_calls_add_to_earlier_ones_unless_they_overwrite(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="merge")
        epoch = run.define_metric("epoch")
        run.define_metric("both", step_metric=epoch, summary="min")
        run.define_metric("both", summary="max")
        run.define_metric("only", step_metric="epoch", summary="min")
        run.define_metric("only", summary="max", overwrite=True)
        run.log({"epoch": 1})
        for value in (2, 1, 3):
            run.log({"both": value})
            run.log({"only": value})
        """,
        environment,
    )
    summary = api.run("local/tests/merge").summary
    assert summary["both"] == {"min": 1, "max": 3}
    assert summary["only"] == {"max": 3}
    assert column(api, "merge", "epoch") == [1, 1, None, 1, None, 1, None]


# -- summaries ---


@pytest.mark.parametrize("when", [case_at_length("before"), "between", case_at_length("after")])
def test_every_summary_kind_is_what_the_rows_say_on_both_sides(
    tmp_path: Path, environment: dict[str, str], api: weft.Api, when: str
) -> None:
    script = run_well(
        tmp_path,
        f"""
        import json, math, weft
        run = weft.init(id="kinds-{when}")
        kinds = ["min", "max", "mean", "last", "first", "best", "copy", "none", "min,max",
                 "last,mean"]

        def define():
            for kind in kinds:
                run.define_metric(f"m/{{kind}}", summary=kind)
            run.define_metric("most", summary="best", goal="maximize")
            run.define_metric("hidden", hidden=True)

        values = [3.0, -1.5, math.nan, 7.25, math.inf, 2.0]
        if "{when}" == "before":
            define()
        for n, value in enumerate(values):
            if "{when}" == "between" and n == 3:
                define()
            run.log({{name: value for name in [*(f"m/{{k}}" for k in kinds), "most", "hidden"]}})
        if "{when}" == "after":
            define()
        print(json.dumps(run.summary.as_dict()))
        """,
        environment,
    )
    mean = (3.0 - 1.5 + 7.25 + 2.0) / 4
    expected: dict[str, Any] = {
        "m/min": {"min": -1.5}, "m/max": {"max": 7.25}, "m/mean": {"mean": mean},
        "m/last": {"last": 2.0}, "m/first": {"first": 3.0}, "m/best": {"best": -1.5},
        "m/copy": 2.0, "m/min,max": {"min": -1.5, "max": 7.25},
        "m/last,mean": {"last": 2.0, "mean": mean}, "most": {"best": 7.25}, "hidden": 2.0,
    }  # fmt: skip
    summary = api.run(f"local/tests/kinds-{when}").summary
    assert summary == expected
    assert json.loads(script.stdout) == expected


def test_aggregates_are_of_all_processes_of_a_run(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import os, weft
        run = weft.init(id="ranks")
        run.define_metric("loss", summary="min,max,mean")
        run.log({"loss": 5.0})
        child = os.fork()
        if child == 0:
            for value in (1.0, 9.0):
                run.log({"loss": value})
            os._exit(0)
        os.waitpid(child, 0)
        run.log({"loss": 5.0})
        assert run.summary["loss"] == {"min": 5.0, "max": 5.0, "mean": 5.0}
        """,
        environment,
    )
    assert api.run("local/tests/ranks").summary["loss"] == {"min": 1.0, "max": 9.0, "mean": 5.0}


def test_a_metric_of_no_finite_value_and_one_of_text_show_what_there_is(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import math, weft
        run = weft.init(id="odd")
        run.define_metric("*", summary="min,first,last")
        run.log({"nan": math.nan, "text": "a", "mixed": "a", "flag": True})
        run.log({"nan": math.nan, "text": "b", "mixed": 2, "flag": False})
        """,
        environment,
    )
    summary = api.run("local/tests/odd").summary
    assert summary["text"] == {"last": "b"}
    assert summary["mixed"] == {"min": 2, "first": 2, "last": 2}
    assert summary["flag"] == {"min": 0, "first": True, "last": False}
    assert [*summary["nan"]] == ["first", "last"]
    assert same(summary["nan"]["last"], math.nan)


# -- going on with a run ---


GOES_ON = """
    import json, weft
    run = weft.init(id="{name}-first")
    run.define_metric("loss", step_metric="epoch", summary="min,max,mean,first,last")
    for epoch, loss in enumerate((4.0, 1.0, 9.0, 2.0)):
        run.log({{"epoch": epoch, "loss": loss}})
    run.finish()
    run = weft.init({how})
    run.log({{"loss": 3.0}})
    print(json.dumps([run.id, run.summary["loss"]]))
    """


@pytest.mark.parametrize(
    ("name", "method", "losses"),
    [
        case_at_length("resume", "id='resume-first', resume='must'", [4.0, 1.0, 9.0, 2.0, 3.0]),
        case_at_length("fork", "fork_from='fork-first?_step=1'", [4.0, 1.0, 3.0]),
        ("rewind", "resume_from='rewind-first?_step=0'", [4.0, 3.0]),
    ],
)
def test_a_run_that_is_gone_on_with_keeps_definitions_and_aggregates(
    tmp_path: Path,
    environment: dict[str, str],
    api: weft.Api,
    name: str,
    method: str,
    losses: list[float],
) -> None:
    script = run_well(tmp_path, GOES_ON.format(name=name, how=method), environment)
    run_id, summary = json.loads(script.stdout)
    assert column(api, run_id, "loss") == losses
    assert column(api, run_id, "epoch") == [*range(len(losses) - 1), len(losses) - 2]
    expected = {
        "min": min(losses),
        "max": max(losses),
        "mean": pytest.approx(sum(losses) / len(losses)),
        "first": 4.0,
        "last": 3.0,
    }
    assert summary == expected
    assert api.run(f"local/tests/{run_id}").summary["loss"] == expected


@at_length
def test_an_offline_run_goes_on_with_its_aggregates_too(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    offline = environment | {"WEFT_MODE": "offline"}
    code = GOES_ON.format(name="offline", how="fork_from='offline-first?_step=1'")
    _, summary = json.loads(run_well(tmp_path, code, offline).stdout)
    assert summary["min"] == 1.0
    assert summary["max"] == summary["first"] == 4.0
    assert summary["mean"] == pytest.approx(8 / 3)


@at_length
def test_a_run_sent_to_a_spawned_process_keeps_its_definitions(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import multiprocessing, weft

        def work(run):
            run.log({"epoch": 5, "loss": 1.0})
            run.log({"loss": 3.0})
            assert run.summary["loss"] == {"max": 3.0}, run.summary
            run.finish()

        if __name__ == "__main__":
            with weft.init(id="spawned") as run:
                run.define_metric("loss", step_metric="epoch", summary="max")
                run.log({"epoch": 1, "loss": 9.0})
                worker = multiprocessing.get_context("spawn").Process(target=work, args=(run,))
                worker.start()
                worker.join()
                assert worker.exitcode == 0
        """,
        environment,
    )
    rows = api.run("local/tests/spawned").scan_history()
    assert sorted((row["loss"], row["epoch"]) for row in rows) == [(1.0, 5), (3.0, 5), (9.0, 1)]
    assert api.run("local/tests/spawned").summary["loss"] == {"max": 9.0}


# -- calls that say nothing ---


@at_length
def test_a_wrong_argument_raises_at_the_call_and_the_run_goes_on(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import json, weft
        run = weft.init(id="wrong")
        said = []
        for arguments in [{"name": ""}, {"name": 5}, {"name": "a*b"}, {"name": "x", "goal": "up"},
                          {"name": "x", "summary": "median"}, {"name": "x", "step_metric": 3},
                          {"name": "x", "hidden": "yes"},
                          {"name": "x", "step_sync": 1}, {"name": "k" * 1025}]:
            try:
                weft.define_metric(**arguments)
            except weft.errors.UsageError as error:
                said.append(str(error))
        run.log({"x": 1})
        run.finish()
        try:
            run.define_metric("x")
        except weft.errors.UsageError as error:
            assert "is finished" in str(error)
        else:
            raise SystemExit("a finished run was defined further")
        print(json.dumps(said))
        """,
        environment,
    )
    assert json.loads(script.stdout) == [
        "define_metric() takes a name that is not empty",
        "define_metric() takes as name a metric's name, not int: 5",
        "define_metric() takes a `*` in a name only at its end: name='a*b'",
        "define_metric() takes goal 'minimize' or 'maximize', not 'up'",
        "define_metric() does not know summary 'median': "
        "it takes best, copy, first, last, max, mean, min, none",
        "define_metric() takes as step_metric a metric's name, not int: 3",
        "define_metric() takes as hidden True, False or None, not str: 'yes'",
        "define_metric() takes as step_sync True, False or None, not int: 1",
        f"define_metric() takes names of at most 1024 bytes: name {'k' * 40!r}… has 1025",
    ]
    assert api.run("local/tests/wrong").summary == {"x": 1}
