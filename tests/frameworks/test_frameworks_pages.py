"""The example of each framework's page runs as pasted, and logs what the page says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from framework_script import run_alone
from live_runs import PROJECT, LiveServer

PAGES = Path(__file__).parents[2] / "docs" / "frameworks"

LOGGED: dict[str, tuple[set[str], set[str]]] = {
    "accelerate": ({"train/loss"}, set()),
    "autolog": ({"training_score", "best_cv_score", "cv_results"}, {"model"}),
    "catboost": ({"learn-RMSE", "validation-RMSE"}, {"model"}),
    "diffusers": ({"train_loss", "validation"}, set()),
    "fastai": ({"train_loss", "valid_loss", "accuracy"}, set()),
    "hydra": ({"loss"}, set()),
    "ignite": ({"train/loss"}, set()),
    "jax": ({"loss", "gradient", "accuracy"}, set()),
    "keras": ({"epoch/loss", "epoch/val_accuracy", "epoch/learning_rate"}, {"model"}),
    "lightgbm": ({"training_rmse", "valid_1_rmse"}, {"model"}),
    "lightning": ({"train/loss", "trainer/global_step"}, {"model"}),
    "optuna": ({"loss", "x"}, set()),
    "pytorch": ({"loss", "accuracy", "gradients/0.weight"}, set()),
    "scikit-learn": ({"confusion_matrix", "roc", "feature_importances"}, set()),
    "skorch": ({"train_loss", "valid_loss", "valid_acc"}, set()),
    "spacy": ({"score", "loss_textcat", "cats_score"}, set()),
    "stable-baselines3": ({"rollout/ep_rew_mean", "train/loss"}, set()),
    "transformers": ({"train/loss", "train/learning_rate", "train/grad_norm"}, set()),
    "trl": ({"train/reward", "completions"}, set()),
    "ultralytics": ({"train/box_loss", "metrics/mAP50(B)", "lr/pg0"}, {"model"}),
    "xgboost": ({"train-rmse", "test-rmse"}, {"model"}),
}
"""By page: keys of the history, and types of artifacts."""

TESTED_APART = {"ray"}
"""Its processes begin a run for each trial: `test_frameworks_ray.py`."""

OWN_IDS = {"ultralytics": "train"}
"""Names of the runs whose ids the framework chooses."""


def test_each_page_is_tried() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == LOGGED.keys() | TESTED_APART


@pytest.mark.parametrize("name", LOGGED)
def test_the_example_logs_what_its_page_says(live: LiveServer, tmp_path: Path, name: str) -> None:
    text = (PAGES / f"{name}.md").read_text()
    code = "".join(re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    run_as_pasted(live, tmp_path, name, code)
    if name in OWN_IDS:
        (run,) = live.api.runs(f"local/{PROJECT}", filters={"display_name": OWN_IDS[name]})
    else:
        run = live.run(f"page-{name}")
    assert (run.state, run.warnings) == ("finished", [])
    keys, artifacts = LOGGED[name]
    assert keys - set(run.history_keys["keys"]) == set()
    assert artifacts - {version.type for version in run.logged_artifacts()} == set()


def run_as_pasted(live: LiveServer, folder: Path, name: str, code: str) -> None:
    environment = {
        **os.environ,
        "KERAS_BACKEND": "torch",
        **live.environment,
        "HOME": str(folder),
        "WEFT_RUN_ID": f"page-{name}",
    }
    environment.pop("PYTEST_CURRENT_TEST")  # Ultralytics does not log in tests
    script = run_alone(code.replace('"frameworks"', '"tests"'), folder, environment)
    assert script.exit_code == 0, script.stderr[-3000:]
