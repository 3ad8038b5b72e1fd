"""`weft.Api` warns of names that no run has, once, with the nearest one."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import weft
from live_runs import LiveServer
from sdk_script import run_well

WRITE = """
import weft
for number in range(3):
    with weft.init(project="typos", id=f"run{number}", config={"lr": 0.1, "model": {"depth": 2}}) as run:
        run.log({"train/loss": 0.5, "val/accuracy": 0.5, "val.f1": 0.5})
"""  # noqa: E501


@pytest.fixture(scope="module")
def api(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[weft.Api]:
    run_well(tmp_path_factory.mktemp("written"), WRITE, live.environment)
    for number in range(3):
        live.api.run(f"local/typos/run{number}").wait_until_finished()
    return live.api


def told(read: Callable[[], object]) -> list[str]:
    """The warnings of a call, and that they name this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read()
    assert all(warning.filename == __file__ for warning in caught)
    return [str(warning.message) for warning in caught]


MISTYPED: dict[str, tuple[Callable[[weft.Api], Any], str]] = {
    "a filter": (
        lambda api: list(api.runs("local/typos", "config.lrr > 1")),
        "no run of local/typos has 'config.lrr': did you mean 'config.lr'?",
    ),
    "a filter that all runs match": (
        lambda api: list(api.runs("local/typos", "config.model.dept != 3")),
        "no run of local/typos has 'config.model.dept': did you mean 'config.model.depth'?",
    ),
    "an order": (
        lambda api: list(api.runs("local/typos", order="-summary.val/accurac")),
        "no run of local/typos has 'summary.val/accurac': did you mean 'summary.val/accuracy'?",
    ),
    "keys of a scan": (
        lambda api: list(api.run("local/typos/run0").scan_history(keys=["train/los"])),
        "run run0 has no metric 'train/los': did you mean 'train/loss'?",
    ),
    "keys of a run's history": (
        lambda api: api.run("local/typos/run1").history(keys=["Train/Loss"], pandas=False),
        "run run1 has no metric 'Train/Loss': did you mean 'train/loss'?",
    ),
    "keys of a table": (
        lambda api: api.history("state = finished", ["val/acc"], project="local/typos").rows(),
        "no run of local/typos has a metric 'val/acc': did you mean 'val/accuracy'?",
    ),
}


@pytest.mark.parametrize("where", MISTYPED)
def test_a_mistyped_name_is_told_once_with_the_nearest(api: weft.Api, where: str) -> None:
    read, message = MISTYPED[where]
    assert told(lambda: read(api)) == [message]
    assert told(lambda: read(api)) == []


def test_names_that_some_run_has_are_not_told(api: weft.Api) -> None:
    def read() -> None:
        list(api.runs("local/typos", "config.lr > 1 or summary.val.f1 < 0", order="config.lr"))
        list(api.runs("local/typos", "config.nothing missing and summary.val\\.f1 > 0"))
        list(api.run("local/typos/run0").scan_history(["train/loss", "_step"], min_step=5))
        api.history("state = finished", ["val.f1", "_step"], project="local/typos").rows()

    assert told(read) == []


def test_typos_of_a_directory_are_told(tmp_path: Path) -> None:
    run_well(tmp_path, WRITE)
    api = weft.Api(tmp_path / "weft")
    messages = told(lambda: list(api.runs("local/typos", "config.lrr > 1")))
    assert messages == ["no run of local/typos has 'config.lrr': did you mean 'config.lr'?"]
    api.close()
