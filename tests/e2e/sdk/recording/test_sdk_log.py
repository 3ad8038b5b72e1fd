"""`log()` in scripts of their own against a real server: what it is given comes back as rows."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length
from sdk_script import run_script, run_well, same

pytestmark = pytest.mark.timeout(300)

N_ROWS = int(os.environ.get("WEFT_TEST_ROWS", "100000"))
"""Rows of the memory test; `WEFT_TEST_ROWS=1000000` is what weft promises."""

MAX_GROWTH_BYTES = 3 * 2**20


def rows_of(api: weft.Api, run_id: str) -> list[dict[str, Any]]:
    """The history, without times."""
    rows = api.run(f"local/tests/{run_id}").scan_history()
    return [{k: v for k, v in row.items() if k not in {"_runtime", "_timestamp"}} for row in rows]


# -- steps ---


def test_steps_in_any_order_and_of_any_number_are_kept(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import numpy as np, weft
        from fractions import Fraction

        run = weft.init(id="steps")
        steps = [100, 3, -7, 2.5, 0, 1e300, np.int64(50), np.float32(0.5), np.array(60),
                 np.array([61]), Fraction(1, 4), 100]
        for nth, step in enumerate(steps):
            run.log({"nth": nth}, step=step)
        run.log({"nth": 12})
        run.log({"nth": 13})
        """,
        environment,
    )
    rows = rows_of(api, "steps")
    assert [(row["_step"], row["nth"]) for row in rows] == [
        (-7, 2), (0, 4), (0.25, 10), (0.5, 7), (2.5, 3), (3, 1), (50, 6), (60, 8), (61, 9),
        (100, 0),
        (100, 12),  # joined by the first call without a step, as in W&B
        (101, 13), (1e300, 5),
    ]  # fmt: skip
    assert [type(row["_step"]) for row in rows[4:6]] == [float, int]


def test_calls_that_name_one_step_or_do_not_commit_make_one_row(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="fragments")
        run.log({"a": 1}, commit=False)
        run.log({"b": 2}, commit=False)
        run.log({"a": 3})
        run.log({"c": 4}, step=7)
        run.log({"d": 5}, step=7)
        run.log({}, commit=True)
        run.log({})
        run.log({"e": 6})
        run.log({"open": 7}, commit=False)
        """,
        environment,
    )
    assert rows_of(api, "fragments") == [
        {"_step": 0, "a": 3, "b": 2},
        {"_step": 7, "c": 4, "d": 5},
        {"_step": 8},
        {"_step": 9, "e": 6},
        {"_step": 10, "open": 7},
    ]


# -- what is logged ---


@at_length
def test_mappings_and_nested_dicts_become_rows_of_joined_names(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import collections, types, weft
        run = weft.init(id="mappings")
        run.log({"train": {"loss": 0.5, "top": {"k": 5}}, "lr": 0.1})
        run.log(collections.OrderedDict(a=1))
        run.log(types.MappingProxyType({"a": 2}))
        run.log(collections.ChainMap({"a": 3}, {"b": 4}))
        run.log(collections.Counter("aab"))
        run.log(collections.UserDict(a={"b": types.MappingProxyType({"c": 6})}))
        """,
        environment,
    )
    assert rows_of(api, "mappings") == [
        {"_step": 0, "train.loss": 0.5, "train.top.k": 5, "lr": 0.1},
        {"_step": 1, "a": 1},
        {"_step": 2, "a": 2},
        {"_step": 3, "a": 3, "b": 4},
        {"_step": 4, "a": 2, "b": 1},
        {"_step": 5, "a.b.c": 6},
    ]


@at_length
def test_values_keep_their_kind(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import math, numpy as np, weft
        run = weft.init(id="kinds")
        row = {"int": 5, "float": 5.0, "true": True, "none": None, "text": "ü", "list": [1, "a"],
               "nan": math.nan, "inf": -math.inf, "huge": 2**70, "f32": np.float32(0.5),
               "i8": np.int8(-3), "u64": np.uint64(2**64 - 1), "np_bool": np.bool_(False),
               "zero_d": np.array(2.5), "one": np.array([7])}
        run.log(row)
        run.log(row)
        """,
        environment,
    )
    expected: dict[str, Any] = {
        "int": 5, "float": 5.0, "true": True, "none": None, "text": "ü", "list": [1, "a"],
        "nan": math.nan, "inf": -math.inf, "huge": 2**70, "f32": 0.5, "i8": -3,
        "u64": 2**64 - 1, "np_bool": False, "zero_d": 2.5,
    }  # fmt: skip
    rows = rows_of(api, "kinds")
    assert len(rows) == 2
    for row in rows:
        assert all(same(row[key], value) for key, value in expected.items()), row


# -- calls that are no row ---

WRONG_CALLS = """
    import json, math, sys, weft
    run = weft.init(id=f"wrong{int('strict' in sys.argv)}", strict="strict" in sys.argv)
    run.log({"n": 0})
    said = []
    for data, more in [
        (5, {}), (None, {}), ([("a", 1)], {}), ("loss", {}), ({1: 2}, {}), ({None: 2}, {}),
        ({"n": 1}, {"step": "3"}), ({"n": 1}, {"step": math.nan}),
        ({"n": 1}, {"step": math.inf}), ({"n": 1}, {"step": 2**63}), ({"n": 1}, {"step": [1]}),
    ]:
        try:
            run.log(data, **more)
        except (TypeError, ValueError) as error:
            assert isinstance(error, weft.errors.UsageError)
            said.append([type(error).__name__, str(error)])
        else:
            raise SystemExit(f"{data} {more} was taken")
    run.log({"n": 1})
    run.finish()
    try:
        run.log({"n": 2})
    except weft.errors.UsageError as error:
        said.append([type(error).__name__, str(error)])
    print(json.dumps(said))
    """


def test_a_call_that_can_be_no_row_raises_names_the_remedy_and_writes_nothing(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(tmp_path, WRONG_CALLS, environment)
    lines = json.loads(script.stdout)
    mapping = 'write log({"name": value})'
    expected = [
        ("WrongType", f"log() takes a mapping such as a dict, not int: {mapping}"),
        ("WrongType", f"log() takes a mapping such as a dict, not NoneType: {mapping}"),
        ("WrongType", f"log() takes a mapping such as a dict, not list: {mapping}"),
        ("WrongType", f"log() takes a mapping such as a dict, not str: {mapping}"),
        ("WrongType", "log() takes keys that are strings, not int 1: write log({'1': value})"),
        (
            "WrongType",
            "log() takes keys that are strings, not NoneType None: write log({'None': value})",
        ),
        ("WrongType", "step must be a number, not str: '3'"),
        ("UsageError", "step must be a finite number, not nan: leave it out for the next"),
        ("UsageError", "step must be a finite number, not inf: leave it out for the next"),
        (
            "UsageError",
            "step must fit in 64 bits: give a smaller one, or leave it out for the next",
        ),
        ("WrongType", "step must be a number, not list: [1]"),
    ]
    *others, (kind, finished) = [tuple(line) for line in lines]
    assert others == expected
    assert kind == "UsageError"
    assert finished.startswith("run 'wrong0' is finished: call weft.init() for a new one")
    assert rows_of(api, "wrong0") == [{"_step": 0, "n": 0}, {"_step": 1, "n": 1}]


@at_length
def test_a_value_that_can_not_be_kept_costs_itself_and_one_warning(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import weft

        class Unreadable:
            def __repr__(self):
                raise RuntimeError("no")

        run = weft.init(id="values")
        for n in range(3):
            run.log({"n": n, "bad": Unreadable(), "_step": 7, "k" * 2000: 1, "": 1})
        """,
        environment,
    )
    assert rows_of(api, "values") == [{"_step": n, "n": n} for n in range(3)]
    for name in ("'bad'", "'_step'", "a key of more than", "'' is an empty key"):
        assert script.stderr.count(name) == 1, script.stderr


@pytest.mark.parametrize("value", ["object()", "{'_step': 1}", "'x' * 2_000_000"])
@at_length
def test_a_strict_run_raises_where_others_warn(
    tmp_path: Path, environment: dict[str, str], value: str
) -> None:
    script = run_script(
        tmp_path,
        f"""
        import weft
        run = weft.init(mode="offline", strict=True)
        data = {value}
        run.log(data if isinstance(data, dict) else {{"bad": data}})
        """,
        environment,
    )
    assert script.exit_code == 1
    assert "weft.errors.UsageError: 'bad'" in script.stderr or "'_step'" in script.stderr


# -- from anywhere ---


def test_rows_from_threads_tasks_handlers_and_finalisers_all_arrive(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    run_well(
        tmp_path,
        """
        import asyncio, signal, threading, weft

        run = weft.init(id="anywhere")

        def work(n):
            for value in range(500):
                run.log({"thread": n * 500 + value})

        async def task(n):
            for value in range(100):
                weft.log({"task": n * 100 + value})
                await asyncio.sleep(0)

        async def tasks():
            await asyncio.gather(*(task(n) for n in range(5)))

        class Gone:
            def __del__(self):
                run.log({"finaliser": 1})

        n_signals = 0

        def handler(number, frame):
            global n_signals
            mine = n_signals = n_signals + 1  # handlers may interrupt each other
            run.log({"signal": mine, f"new{mine}": 1})

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        asyncio.run(tasks())
        for n in range(20):
            run.log({"kept": Gone().__class__.__name__, "n": n})
        while n_signals < 50:
            run.log({"main": n_signals})
        for thread in threads:
            thread.join()
        signal.setitimer(signal.ITIMER_REAL, 0)
        run.summary["n_signals"] = n_signals
        """,
        environment,
    )
    rows = rows_of(api, "anywhere")
    assert [row["_step"] for row in rows] == list(range(len(rows)))

    def logged(key: str) -> list[Any]:
        return [row[key] for row in rows if key in row]

    assert sorted(logged("thread")) == list(range(2000))
    assert sorted(logged("task")) == list(range(500))
    assert sum(logged("finaliser")) == 20
    n_signals = api.run("local/tests/anywhere").summary["n_signals"]
    assert sorted(logged("signal")) == list(range(1, n_signals + 1))


# -- many rows ---


@pytest.mark.parametrize("keys", ["same", "changing", "defined"])
@at_length
def test_memory_does_not_grow_with_rows(
    tmp_path: Path, environment: dict[str, str], api: weft.Api, keys: str
) -> None:
    n_rows = N_ROWS if keys == "same" else N_ROWS // 5
    script = run_well(
        tmp_path,
        f"""
        import psutil, weft

        names = [f"m{{n}}" for n in range(1000)]
        used = []
        run = weft.init(id="memory-{keys}")
        if "{keys}" == "defined":
            run.define_metric("*", step_metric="m999", summary="min,max,mean,best")
            run.log({{"m999": 1}})
        for n in range({n_rows}):
            place, stride = (n * 7, n // 1000 + 1) if "{keys}" == "changing" else (0, 1)
            run.log({{names[(place + k * stride) % 1000]: n * 0.5 for k in range(10)}})
            if n + 1 in ({n_rows} // 10, {n_rows}):
                used.append(psutil.Process().memory_info().rss)
        print(used[1] - used[0])
        """,
        {**environment, "WEFT_SILENT": "1"},
        is_forked=False,
    )
    assert int(script.stdout) < MAX_GROWTH_BYTES
    run = api.run(f"local/tests/memory-{keys}")
    assert run.state == "finished"
    last = run.summary["m0"] if keys != "changing" else max(run.summary.values())
    shown = last["max"] if keys == "defined" else last
    assert shown == (n_rows - 1) * 0.5
