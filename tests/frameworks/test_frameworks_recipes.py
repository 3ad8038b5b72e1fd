"""Recipes of the pages of frameworks: groups of runs, models, tables of predictions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import weft
from sdk_script import run_well

PAGES = Path(__file__).parents[2] / "docs" / "frameworks"

TRANSFORMERS = """
import os
import weft
weft.install_as_wandb()
os.environ["WANDB_LOG_MODEL"] = "checkpoint"
import torch, wandb
from transformers import (
    BertConfig, BertForSequenceClassification, Trainer, TrainerCallback, TrainingArguments
)
class Predictions(TrainerCallback):
    def on_evaluate(self, args, state, control, **more):
        table = wandb.Table(columns=["row", "label"], data=[[i, i % 2] for i in range(4)])
        wandb.log({"predictions": table, "train/global_step": state.global_step})
config = BertConfig(
    vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=16, num_labels=2,
)
rows = [{"input_ids": torch.randint(0, 50, (8,)), "labels": torch.tensor(i % 2)} for i in range(8)]
arguments = TrainingArguments(
    "out", report_to="wandb", use_cpu=True, num_train_epochs=2, eval_strategy="epoch",
    save_strategy="epoch", logging_steps=1, per_device_train_batch_size=4,
)
model = BertForSequenceClassification(config)
Trainer(model, arguments, train_dataset=rows, eval_dataset=rows, callbacks=[Predictions()]).train()
wandb.finish()
"""

OPTUNA = """
import weft
weft.install_as_wandb()
import optuna
from optuna_integration import WeightsAndBiasesCallback
logger = WeightsAndBiasesCallback(
    metric_name="loss", wandb_kwargs={"group": "study"}, as_multirun=True
)
@logger.track_in_wandb()
def objective(trial):
    import wandb
    x = trial.suggest_float("x", -10, 10)
    for step in range(3):
        wandb.log({"inner": step})
    return x ** 2
optuna.create_study().optimize(objective, n_trials=3, callbacks=[logger])
"""


def example(name: str) -> str:
    text = (PAGES / f"{name}.md").read_text()
    return "".join(re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


def runs_in(folder: Path, project: str = "uncategorized") -> list[Any]:
    return list(weft.Api(str(folder / "weft")).runs(f"local/{project}"))


def test_a_multirun_of_hydra_is_a_group(tmp_path: Path) -> None:
    head = 'import sys; sys.argv += ["--multirun", "+lr=0.1,0.2"]\n'
    run_well(tmp_path, head + example("hydra"))
    runs = runs_in(tmp_path, "frameworks")
    assert sorted(run.config["lr"] for run in runs) == [0.1, 0.2]
    (group,) = {run.group for run in runs}
    assert group.startswith("multirun/")


def test_models_and_predictions_of_transformers(tmp_path: Path) -> None:
    run_well(tmp_path, TRANSFORMERS)
    (run,) = runs_in(tmp_path, "huggingface")
    rows = list(run.scan_history())
    assert len([row for row in rows if "predictions" in row]) == 2
    assert len([row for row in rows if "eval/loss" in row]) == 2
    models = [version for version in run.logged_artifacts() if version.type == "model"]
    assert len(models) >= 2
    assert any(file.name.endswith("model.safetensors") for file in models[-1].files())


def test_each_trial_of_optuna_is_a_run_of_the_group(tmp_path: Path) -> None:
    run_well(tmp_path, OPTUNA)
    runs = runs_in(tmp_path)
    assert [run.group for run in runs] == ["study"] * 3
    for run in runs:
        assert len([row for row in run.scan_history() if "inner" in row]) == 3
        assert run.summary["loss"] == run.config["x"] ** 2
