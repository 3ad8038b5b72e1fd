"""Versions of frameworks that are too old or new, and wrong arguments of callbacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdk_script import run_script, run_well

MODULES = ("catboost", "keras", "lightgbm", "sb3", "sklearn", "torch", "xgboost")


@pytest.mark.parametrize("name", MODULES)
def test_a_framework_that_is_too_old_is_refused_with_both_versions(
    tmp_path: Path, name: str
) -> None:
    framework = {"sb3": "stable_baselines3"}.get(name, name)
    code = f"""
    import {framework}
    {framework}.__version__ = "0.2.1"
    import weft.integrations.{name}
    if "{name}" == "torch":
        weft.integrations.torch.trace_handler()
    """
    # scripts of tests run without TensorFlow
    script = run_script(tmp_path, code, {"KERAS_BACKEND": "torch"})
    last = script.stderr.splitlines()[-1]
    assert script.exit_code == 1
    assert last.startswith("weft.errors.MissingLibrary: weft 0.")
    assert f"needs {framework} " in last
    assert "or newer, and 0.2.1 is installed" in last


def test_a_framework_that_is_newer_than_all_tried_is_used_with_a_warning(tmp_path: Path) -> None:
    code = """
    import xgboost
    xgboost.__version__ = "9.1.0"
    import weft.integrations.xgboost
    """
    script = run_well(tmp_path, code)
    assert script.stderr.count("was tried with xgboost up to version 3, and 9.1.0 is inst") == 1


def test_autolog_leaves_out_a_framework_that_is_too_old(tmp_path: Path) -> None:
    code = """
    import xgboost, numpy
    xgboost.__version__ = "0.90"
    import weft
    train = xgboost.train
    weft.autolog()
    assert xgboost.train is train
    """
    script = run_well(tmp_path, code)
    assert script.stderr.count("needs xgboost 1.3 or newer, and 0.90 is installed") == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("xgboost.WeftCallback(importance_type='size')", "UsageError: importance_type is one of"),
        ("catboost.WeftCallback(metric_period=0)", "UsageError: metric_period is a number of"),
        ("keras.MetricsLogger(log_freq='often')", "UsageError: log_freq is"),
        ("Table('name', ['label'])", "WrongType: columns of EvalCallback are a list"),
        ("lightgbm.log_summary('model.txt')", "WrongType: model is a lightgbm.Booster, not a str"),
        ("sb3.WeftCallback(log='weights')", "UsageError: log is"),
    ],
)
def test_a_wrong_argument_is_an_error_of_the_call(tmp_path: Path, call: str, message: str) -> None:
    module = call.partition(".")[0] if not call.startswith("Table") else "keras"
    code = f"""
    import weft
    from weft.integrations import {module}
    weft.init()
    if "{module}" == "keras":
        class Table(keras.EvalCallback):
            def add_ground_truth(self, logs=None): ...
            def add_model_predictions(self, epoch, logs=None): ...
    {call}
    """
    script = run_script(tmp_path, code)
    assert script.exit_code == 1
    assert f"weft.errors.{message}" in script.stderr


def test_a_callback_without_a_run_says_how_to_begin_one(tmp_path: Path) -> None:
    script = run_script(
        tmp_path, "from weft.integrations.xgboost import WeftCallback; WeftCallback()"
    )
    assert "xgboost's callback logs to the active run: call weft.init()" in script.stderr
