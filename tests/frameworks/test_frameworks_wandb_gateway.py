"""Frameworks that import `wandb`, unchanged, against a weft server.

Each script runs with the official package, and again with the package `wandb` over weft: what both
runs have in the end is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from framework_script import run_framework
from live_runs import LiveServer
from weft.sdk.reading.stored.run import StoredRun

LIGHTNING = """
import lightning, torch
from lightning.pytorch.loggers import WandbLogger
class Model(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.save_hyperparameters({"lr": 0.1})
        self.layer = torch.nn.Linear(4, 1)
    def training_step(self, batch, _):
        loss = self.layer(batch[0]).pow(2).mean()
        self.log("train_loss", loss)
        return loss
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)
data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn(64, 4)), 8)
trainer = lightning.Trainer(
    max_epochs=2, logger=WandbLogger(project="tests", id="lightning", log_model=True),
    log_every_n_steps=1, enable_progress_bar=False, accelerator="cpu",
)
trainer.fit(Model(), data)
wandb.finish()
"""

TRANSFORMERS = """
os.environ["WANDB_PROJECT"] = "tests"
os.environ["WANDB_RUN_ID"] = "transformers"
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
config = BertConfig(
    vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=16, num_labels=2,
)
rows = [
    {"input_ids": torch.randint(0, 50, (8,)), "labels": torch.tensor(i % 2)} for i in range(32)
]
arguments = TrainingArguments(
    output_dir="out", num_train_epochs=1, logging_steps=1, report_to="wandb", use_cpu=True,
    per_device_train_batch_size=8,
)
Trainer(BertForSequenceClassification(config), arguments, train_dataset=rows).train()
wandb.finish()
"""

# The official callbacks import TensorFlow, next to which Keras's backend of PyTorch crashes.
KERAS = """
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
from wandb.integration.keras import WandbMetricsLogger
wandb.init(project="tests", id="keras")
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(
    rng.random((32, 4)), rng.random((32, 1)), epochs=3, verbose=0,
    callbacks=[WandbMetricsLogger(log_freq=1)],
)
wandb.finish()
"""

XGBOOST = """
import xgboost
from wandb.integration.xgboost import WandbCallback
wandb.init(project="tests", id="xgboost")
data = xgboost.DMatrix(rng.random((100, 4)), rng.random(100))
xgboost.train(
    {"verbosity": 0}, data, 5, evals=[(data, "train")], verbose_eval=False,
    callbacks=[WandbCallback(log_model=True)],
)
wandb.finish()
"""

LIGHTGBM = """
import lightgbm
from wandb.integration.lightgbm import log_summary, wandb_callback
wandb.init(project="tests", id="lightgbm")
data = lightgbm.Dataset(rng.random((100, 4)), rng.random(100))
booster = lightgbm.train(
    {"verbosity": -1, "metric": "l2"}, data, 5, valid_sets=[data], callbacks=[wandb_callback()]
)
log_summary(booster, save_model_checkpoint=True)
wandb.finish()
"""

CATBOOST = """
import catboost
from wandb.integration.catboost import WandbCallback, log_summary
wandb.init(project="tests", id="catboost")
model = catboost.CatBoostRegressor(iterations=5, verbose=False)
model.fit(rng.random((100, 4)), rng.random(100), callbacks=[WandbCallback()])
log_summary(model, save_model_checkpoint=True)
wandb.finish()
"""

ACCELERATE = """
from accelerate import Accelerator
accelerator = Accelerator(log_with="wandb", cpu=True)
accelerator.init_trackers("tests", {"lr": 0.1}, {"wandb": {"id": "accelerate"}})
for step in range(5):
    accelerator.log({"loss": 1 / (step + 1)}, step=step)
accelerator.end_training()
"""

# TensorBoard would import TensorFlow, next to which PyTorch's import of Triton crashes.
SB3 = """
import sys
sys.modules["tensorflow"] = None
from stable_baselines3 import PPO
from wandb.integration.sb3 import WandbCallback
wandb.init(project="tests", id="sb3")
agent = PPO("MlpPolicy", "CartPole-v1", n_steps=64, device="cpu")
agent.learn(192, callback=WandbCallback(model_save_path="models"))
wandb.finish()
"""

SKLEARN = """
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
data, target = load_digits(return_X_y=True)
train, test, train_target, test_target = train_test_split(data, target, random_state=0)
model = RandomForestClassifier(20, random_state=0).fit(train, train_target)
wandb.init(project="tests", id="sklearn")
wandb.sklearn.plot_classifier(
    model, train, test, train_target, test_target, model.predict(test), model.predict_proba(test),
    labels=[str(digit) for digit in range(10)], model_name="forest",
)
wandb.finish()
"""

SCRIPTS = {
    "lightning": (LIGHTNING, "train_loss", 16),
    "transformers": (TRANSFORMERS, "train/loss", 4),
    "keras": (KERAS, "epoch/loss", 3),
    "xgboost": (XGBOOST, "train-rmse", 5),
    "lightgbm": (LIGHTGBM, "training_l2", 5),
    "catboost": (CATBOOST, "learn-RMSE", 5),
    "accelerate": (ACCELERATE, "loss", 5),
    "sklearn": (SKLEARN, "roc", 1),
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_framework_logs_to_weft(live: LiveServer, tmp_path: Path, name: str) -> None:
    code, metric, n_values = SCRIPTS[name]
    run_framework(live, tmp_path, code)
    assert live.run(name).state == "finished"
    assert len(live.values(name, metric)) >= n_values
    assert live.run(name).warnings == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_framework_logs_the_same_with_the_package_over_weft(
    live: LiveServer, tmp_path: Path, name: str
) -> None:
    code, metric, _ = SCRIPTS[name]
    run_framework(live, tmp_path, code.replace(f'"{name}"', f'"{name}-weft"'), over_weft=True)
    official, ours = live.run(name), live.run(f"{name}-weft")
    assert (ours.state, ours.warnings) == ("finished", [])
    assert len(live.values(ours.id, metric)) == len(live.values(official.id, metric))
    assert metric_keys(ours) == metric_keys(official)
    assert set(official.config) <= set(ours.config)
    assert kinds_of_artifacts(ours) == kinds_of_artifacts(official)


def test_an_agent_of_stable_baselines_logs_its_metrics(live: LiveServer, tmp_path: Path) -> None:
    # The official callback logs none of them: it relies on files of TensorBoard.
    run_framework(live, tmp_path, SB3, over_weft=True)
    assert live.values("sb3", "global_step") == [64, 128, 192]
    assert len(live.values("sb3", "train/loss")) >= 2
    assert live.run("sb3").config["algo"] == "PPO"
    axes = {entry["name"]: entry["step_metric"] for entry in live.run("sb3").definitions}
    assert axes["train/loss"] == axes["time/fps"] == "global_step"
    assert [file.name for file in live.run("sb3").files() if file.name == "model.zip"]


def metric_keys(run: StoredRun) -> set[str]:
    """Keys of a run's history, without those of `watch`, which weft names otherwise."""
    watched = ("_", "gradients", "parameters")
    return {key for key in run.history_keys["keys"] if not key.startswith(watched)}


def kinds_of_artifacts(run: StoredRun) -> list[tuple[str, int]]:
    """Types of the artifacts a run logged, with the number of their files.

    A table that is logged is an artifact, too, with the official package alone.
    """
    return sorted(
        (version.type, len(version.files()))
        for version in run.logged_artifacts()
        if version.type != "run_table"
    )


def test_plots_of_scikit_learn_are_charts(live: LiveServer) -> None:
    charts = {
        key: live.values("sklearn", key)[0]["preset"]
        for key in ("class_proportions", "confusion_matrix", "feature_importances")
    }
    assert charts == {
        "class_proportions": "wandb/class_proportions/v1",
        "confusion_matrix": "wandb/confusion_matrix/v1",
        "feature_importances": "wandb/feature_importances/v1",
    }


def test_models_that_frameworks_log_are_artifacts(live: LiveServer) -> None:
    for name in ("lightning", "xgboost", "lightgbm"):
        logged = [artifact.type for artifact in live.run(name).logged_artifacts()]
        assert "model" in logged, name
