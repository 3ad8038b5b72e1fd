"""`runs.pandas()` and `runs.polars()` against a real server: runs as rows of one table."""

from __future__ import annotations

import math
from typing import Any

import pandas as untyped_pandas
import pytest

import weft
from live_runs import LiveServer
from sdk_script import run_well
from weft.errors import ConfigError, NoSuchProject
from weft.sdk.reading.rows import runs_table

pytestmark = pytest.mark.timeout(300)

pandas: Any = untyped_pandas

WRITE = """
import math, weft
for n in range(5):
    config = {"lr": 10.0 ** -n, "depth": n, "a.b": {"c": n}, "big": 2**70 + n, "layers": [n, n]}
    if n == 2:
        config |= {"only": True, "loss": "NaN"}
    with weft.init(project="frames", id=f"run{n}", name=f"try {n}", config=config,
                   tags=["odd"] * (n % 2)) as run:
        run.define_metric("debug", hidden=True)
        run.log({"loss": math.nan if n == 3 else n / 10, "debug": n, "text": "NaN"})
weft.init(project="empty", id="one").finish()
"""


@pytest.fixture(scope="module")
def written(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    """The server, with what `WRITE` logged."""
    run_well(tmp_path_factory.mktemp("written"), WRITE, live.environment)
    return live


def test_runs_are_rows_of_a_table_of_pandas(written: LiveServer) -> None:
    frame = written.api.runs("frames", order="config.depth").pandas()
    assert frame["id"].tolist() == [f"run{n}" for n in range(5)]
    assert frame["config.depth"].tolist() == [0, 1, 2, 3, 4]
    assert frame["config.lr"].dtype == "float64"
    assert frame[r"config.a\.b.c"].tolist() == [0, 1, 2, 3, 4]
    assert frame["config.big"].tolist() == [2**70 + n for n in range(5)]
    assert frame["config.layers"].tolist() == [[n, n] for n in range(5)]
    assert frame["config.only"].notna().tolist() == [False, False, True, False, False]
    assert frame["tags"].tolist()[1] == ["odd"]
    loss = frame["summary.loss"]
    assert loss.dtype == "float64"
    assert math.isnan(loss[3])
    assert loss.dropna().tolist() == [0.0, 0.1, 0.2, 0.4]
    assert frame["summary.text"].tolist() == ["NaN"] * 5
    assert frame["config.loss"].dropna().tolist() == ["NaN"]
    assert str(frame["created"].dtype) == "datetime64[us, UTC]"
    now = pandas.Timestamp.now("UTC")
    assert ((now - frame["created"]) < pandas.Timedelta("1h")).all()
    # hidden, or without a value in any run
    assert not {"summary.debug", "group", "notes", "sweep"} & set(frame.columns)


def test_polars_has_the_same_rows(written: LiveServer) -> None:
    runs = written.api.runs("frames", order="-config.depth")
    frame = runs.polars()
    assert frame.columns == list(runs.pandas().columns)
    assert frame["id"].to_list() == [f"run{n}" for n in (4, 3, 2, 1, 0)]
    assert frame["config.lr"].to_list() == [10.0**-n for n in (4, 3, 2, 1, 0)]
    assert math.isnan(frame["summary.loss"][1])
    assert frame["created"].dtype.time_zone == "UTC"
    assert frame["config.big"].to_list()[0] == 2**70 + 4


def test_a_table_has_the_runs_and_columns_of_its_query(
    written: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_table, "MAX_PAGE_VALUES", 4)
    runs = written.api.runs("frames", "summary.loss >= 0.1 or config.depth = 3", order="name")
    frame = runs.pandas(["name", "config.unset", "summary.debug", "name"])
    assert list(frame.columns) == ["name", "config.unset", "summary.debug"]
    assert frame["name"].tolist() == ["try 1", "try 2", "try 3", "try 4"]
    assert frame["config.unset"].isna().all()
    assert frame["summary.debug"].tolist() == [1, 2, 3, 4]
    no_runs = written.api.runs("frames", "config.depth > 9")
    assert no_runs.pandas(["name"]).shape == (0, 1)
    assert no_runs.pandas().shape == no_runs.polars().shape == (0, 0)
    assert written.api.runs("empty").pandas()["id"].tolist() == ["one"]


def test_a_column_or_project_without_sense_is_refused(written: LiveServer) -> None:
    with pytest.raises(ConfigError, match="nonsense"):
        written.api.runs("frames").pandas(["nonsense"])
    with pytest.raises(NoSuchProject):
        written.api.runs("nowhere").pandas()


def test_a_table_without_pandas_says_how_to_install_it(
    written: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(weft.errors.MissingLibrary, match="pip install pandas"):
        written.api.runs("frames").pandas()
