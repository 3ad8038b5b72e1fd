"""Logged values in scripts of their own against a real server: kinds, arrays, oddities."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length
from sdk_script import Script, run_script, run_well, same

pytestmark = pytest.mark.timeout(300)


def rows_of(api: weft.Api, run_id: str) -> list[dict[str, Any]]:
    """The history, without steps and times."""
    rows = api.run(f"local/tests/{run_id}").scan_history()
    return [{k: v for k, v in row.items() if not k.startswith("_")} for row in rows]


def warned_keys(script: Script) -> list[str]:
    """The keys that warnings name, in the order of the warnings."""
    return [line.split("'")[1] for line in script.stderr.splitlines() if "WARNING" in line]


def test_scalars_of_every_kind_come_back_in_kind_and_value(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import decimal, enum, fractions, math, weft
        import numpy as np
        run = weft.init(id="scalars")
        run.log({
            "int": 5, "float": 5.0, "true": True, "none": None, "text": "é", "nan": math.nan,
            "inf": -math.inf, "int64": 2**63 - 1, "big": 2**70,
            "np": {"i8": np.int8(-5), "u64": np.uint64(2**64 - 1), "f16": np.float16(0.5),
                   "f32": np.float32(0.25), "f64": np.float64(0.1), "long": np.longdouble(0.5),
                   "bool": np.bool_(False), "str": np.str_("x"), "zero-d": np.array(3),
                   "one": np.array([[0.5]])},
            "decimal": decimal.Decimal("0.25"), "fraction": fractions.Fraction(1, 4),
            "enum": enum.Enum("Color", "RED").RED,
        })
        run.log({f"f{n}": np.float32(n) for n in range(10)})
        """,
        environment,
    )
    first, second = rows_of(api, "scalars")
    expected = {
        "int": 5, "float": 5.0, "true": True, "none": None, "text": "é", "nan": math.nan,
        "inf": -math.inf, "int64": 2**63 - 1, "big": 2**70, "np.i8": -5, "np.u64": 2**64 - 1,
        "np.f16": 0.5, "np.f32": 0.25, "np.f64": 0.1, "np.long": 0.5, "np.bool": False,
        "np.str": "x", "np.zero-d": 3, "np.one": 0.5, "decimal": 0.25, "fraction": 0.25,
        "enum": 1,
    }  # fmt: skip
    assert first.keys() == expected.keys()
    assert [key for key in expected if not same(first[key], expected[key])] == []
    assert second == {f"f{n}": float(n) for n in range(10)}
    assert warned_keys(script) == []


def test_lists_dicts_and_small_arrays_come_back(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import collections, dataclasses, weft
        import numpy as np

        @dataclasses.dataclass
        class Losses:
            train: float
            valid: float

        run = weft.init(id="containers")
        run.log({
            "list": [1, "a", None, [2.5]], "tuple": (1, 2), "set": {2, 1}, "long": [0.5] * 1000,
            "array": np.arange(32), "matrix": np.ones((2, 3), np.float32),
            "bools": np.zeros(3, bool), "nothing": np.array([]),
            "ordered": collections.OrderedDict(b=1, a={"c": 2}),
            "user": collections.UserDict({"x": {"y": 1}}), "losses": Losses(0.5, 0.25),
            "leaf": {"_type": "custom", "x": 1}, "a": {"b": {"c": 1}, "empty": {}},
        })
        """,
        environment,
    )
    (row,) = rows_of(api, "containers")
    assert row == {
        "list": [1, "a", None, [2.5]], "tuple": [1, 2], "set": [1, 2], "long": [0.5] * 1000,
        "array": [*range(32)], "matrix": [[1.0] * 3] * 2, "bools": [False] * 3, "nothing": [],
        "ordered.b": 1, "ordered.a.c": 2, "user.x.y": 1, "losses.train": 0.5,
        "losses.valid": 0.25, "leaf": {"_type": "custom", "x": 1}, "a.b.c": 1, "a.empty": {},
    }  # fmt: skip
    assert warned_keys(script) == []


def test_larger_arrays_come_back_as_histograms_in_rows_and_summary(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import weft
        import numpy as np
        run = weft.init(id="histograms")
        values = np.arange(64.0)
        run.log({"grads": values.reshape(8, 8), "layer": {"w": np.ones(100, np.float16)},
                 "odd": np.concatenate([values, [np.nan, np.inf, np.inf, -np.inf]]),
                 "allnan": np.full(40, np.nan), "bools": np.arange(40) % 2 == 0,
                 "object": np.array([1, None] * 20), "ints": np.full(40, 2**63 - 1)})
        run.summary["set"] = values
        """,
        environment,
    )
    (row,) = rows_of(api, "histograms")
    assert row["grads"] == {
        "_type": "histogram", "bins": [n * 63 / 32 for n in range(33)], "values": [2] * 32
    }  # fmt: skip
    assert {key: sum(value["values"]) for key, value in row.items()} == {
        "grads": 64, "layer.w": 100, "odd": 64, "allnan": 0, "bools": 40, "object": 20, "ints": 40
    }  # fmt: skip
    statistics = row["odd"]
    assert (statistics["nan"], statistics["pos_inf"], statistics["neg_inf"]) == (1, 2, 1)
    assert (row["allnan"]["nan"], row["object"]["nan"]) == (40, 20)
    assert all(len(value["bins"]) == 33 for value in row.values())
    summary = api.run("local/tests/histograms").summary
    assert summary["set"] == summary["grads"] == row["grads"]
    assert warned_keys(script) == []


def test_what_can_not_be_kept_is_kept_as_text_or_left_out_with_one_warning_a_key(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_well(
        tmp_path,
        """
        import weft
        import numpy as np

        class Thing:
            def __repr__(self):
                return "Thing()"

        class Cursed:
            def __repr__(self):
                raise RuntimeError("no")

        cycle = [1]
        cycle.append(cycle)
        run = weft.init(id="unkept")
        for n in range(3):
            run.log({"n": n, "thing": Thing(), "cursed": Cursed(), "z": 1j, "raw": b"\\xff",
                     "names": np.array(["x"] * 50), "cycle": cycle, "lone": "\\ud800"})
        run.log({"k" * 2000: 1, "n": 3})
        run.log({"_step": 99, "_runtime": 1, "_timestamp": 2, "n": 4})
        run.log({"text": "x" * 2**21, "n": 5})
        """,
        environment,
    )
    rows = rows_of(api, "unkept")
    assert [row["n"] for row in rows] == [0, 1, 2, 3, 4, 5]
    names = rows[0].pop("names")
    assert names.startswith("array(['x', 'x'")
    assert rows[0] == {
        "n": 0, "thing": "Thing()", "z": "1j", "raw": "b'\\xff'", "cycle": [1, None],
        "lone": "\\ud800",
    }  # fmt: skip
    assert rows[3] == {"n": 3}
    assert rows[4] == {"n": 4}
    assert [row["_step"] for row in api.run("local/tests/unkept").scan_history()][4] == 4
    text = rows[5]["text"]
    assert text.endswith("… [cut]")
    assert len(text.encode()) <= 2**20
    assert sorted(warned_keys(script)) == sorted(
        ["thing", "cursed", "z", "raw", "names", "cycle", "k" * 40 + "…", "_step", "_runtime",
         "_timestamp", "text"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{'x': object()}", "'x' is of type object"),
        ("{'_step': 5}", "'_step' is a name of weft's own"),
        ("{'k' * 2000: 5}", "is a key of more than 1024 bytes"),
    ],
)
@at_length
def test_strict_raises_what_would_be_a_warning(tmp_path: Path, row: str, says: str) -> None:
    script = run_script(tmp_path, f"import weft\nrun = weft.init(strict=True)\nrun.log({row})")
    assert script.exit_code == 1
    assert "UsageError" in script.stderr
    assert says in script.stderr
