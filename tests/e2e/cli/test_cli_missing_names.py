"""Scripts for W&B that `weft run` starts: what weft lacks is named, with the way out."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from at_length import at_length
from sdk_script import script_environment
from weft.sdk.setup.wandb_names import MISSING_INTEGRATIONS
from weft.sdk.wandb_package import with_wandb_package

FRONT = """
    import importlib.metadata
    import importlib.util
    import wandb

    assert importlib.metadata.version("wandb") == wandb.__version__ == "0.31.0+weft"
    assert importlib.util.find_spec("wandb.sdk.lib") is not None
    assert importlib.util.find_spec("wandb.sdk.launch") is None
    assert wandb.sdk.wandb_settings.Settings is wandb.Settings
    assert not hasattr(wandb.util, "nonsense")
    from wandb import env, errors, util
    from wandb.sdk.lib import RunDisabled
    for statement in {statements!r}:
        try:
            exec(statement)
        except (ImportError, AttributeError) as error:
            print(type(error).__name__, error)
    """

OFFICIAL = "keep W&B's `wandb` installed, set WANDB_BASE_URL"

CASES = {
    "import wandb.sdk.launch": "ModuleNotFoundError weft has no sdk.launch: weft starts no jobs",
    "from wandb.sdk import launch": "ModuleNotFoundError weft has no sdk.launch: weft starts no",
    "from wandb import EvalTable": "ModuleNotFoundError weft has no EvalTable: log a `weft.Table`",
    "wandb.EvalTable": "AttributeError weft has no EvalTable: log a `weft.Table`",
    "from wandb.util import nonsense": OFFICIAL,
    "wandb.util.nonsense": OFFICIAL,
    "from wandb.sdk.data_types.image import Nonsense": OFFICIAL,
    "import wandb.integration.sagemaker": "weft has no integration.sagemaker: `weft.init()` reads",
    "from wandb.integration.torch import wandb_torch": "integration.torch: `wandb.watch",
    "from wandb.integration.diffusers import autolog": "weft.Image(image) for image in pipeline",
    "from wandb.apis.public import Reports": "weft has no apis.public.Reports: weft has no rep",
    "from wandb.proto import wandb_internal_pb2": "weft has no proto: weft's log has its own",
}


def test_each_missing_name_is_an_error_with_the_way_out(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(FRONT).format(statements=list(CASES)))
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env=with_wandb_package(script_environment(os.environ)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(CASES), done.stdout
    for (statement, says), line in zip(CASES.items(), lines, strict=True):
        assert says in line, statement


def test_the_package_runs_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wandb", "--version"],
        cwd=tmp_path,
        env=with_wandb_package(script_environment(os.environ)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "0.31.0+weft" in done.stdout


@pytest.mark.parametrize("name", sorted(MISSING_INTEGRATIONS)[:1])
def test_a_missing_integration_leads_to_the_official_package(tmp_path: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import wandb.integration.{name}"],
        cwd=tmp_path,
        env=with_wandb_package(script_environment(os.environ)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "WANDB_BASE_URL" in done.stderr.splitlines()[-1]


WITHOUT_NUMPY = """
    import sys

    sys.modules["numpy"] = None
    import weft
    from wandb import *
    from wandb.data_types import JoinedTable
    from wandb.plot import line

    def count_rows(table: Table) -> int: ...

    assert not isinstance(1, Table) and not hasattr(weft.Table, "MAX_ROWS")
    for call in (Table, JoinedTable, weft.plot_table, weft.plot.bar, line, data_types.Table):
        try:
            call(columns=["a"])
        except ImportError as error:
            print(error)
    """


def test_names_without_their_library_are_imported_and_fail_when_they_are_called(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WITHOUT_NUMPY)],
        cwd=tmp_path,
        env=with_wandb_package(script_environment(os.environ)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("needs numpy, which can't be imported") == 6
    assert done.stdout.count(": pip install numpy") == 6


OF_INTEGRATIONS = """
    import weft as wandb

    for name in ("catboost", "keras", "lightgbm", "sklearn", "xgboost"):
        try:
            getattr(wandb, name)
        except ModuleNotFoundError as error:
            assert error.name == name, error  # not installed; its module is there
    assert wandb.sklearn.plot_classifier.__module__.startswith("weft.integrations")
    """


@at_length
def test_weft_has_the_integrations_that_are_attributes_of_wandb(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(OF_INTEGRATIONS)],
        cwd=tmp_path,
        env=script_environment(os.environ),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
