"""`weft.autolog()` with real frameworks: a run for each outermost fit; training is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import weft
from sdk_script import run_well

HEAD = """
import os, sys, warnings
warnings.filterwarnings("ignore")
os.environ["KERAS_BACKEND"] = "torch"
import numpy as np
import weft
from sklearn.datasets import load_iris
x, y = load_iris(return_X_y=True)
"""

SEARCH = """
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
steps = make_pipeline(StandardScaler(), LogisticRegression())
search = GridSearchCV(steps, {"logisticregression__C": [0.1, 1.0, 10.0]}, n_jobs=2)
search.fit(x, y)
cross_val_score(LogisticRegression(), x, y, cv=3)
"""

OWN_CLASS = """
import pickle
import cloudpickle
from sklearn.base import BaseEstimator, ClassifierMixin, clone
class Own(ClassifierMixin, BaseEstimator):
    def fit(self, features, y):
        from sklearn.ensemble import RandomForestClassifier, VotingClassifier
        forests = [(name, RandomForestClassifier(5, random_state=0)) for name in "ab"]
        self.model_ = VotingClassifier(forests, n_jobs=2).fit(features, y)
        self.classes_ = self.model_.classes_
        return self
    def predict(self, features):
        return self.model_.predict(features)
own = Own().fit(x, y)
for copied in (own, clone(own), own.model_):
    assert b"weft" not in cloudpickle.dumps(copied)
    assert b"weft" not in pickle.dumps(copied)
"""

BOOSTERS = """
import xgboost, lightgbm, catboost
data = xgboost.DMatrix(x, y)
xgboost.train({"max_depth": 2}, data, 3, evals=[(data, "train")], verbose_eval=False)
xgboost.XGBClassifier(n_estimators=3).fit(x, y, eval_set=[(x, y)], verbose=False)
data = lightgbm.Dataset(x, y)
lightgbm.train({"metric": "l2", "verbosity": -1}, data, 3, valid_sets=[data])
lightgbm.LGBMClassifier(n_estimators=3, verbosity=-1).fit(x, y, eval_set=[(x, y)])
catboost.CatBoostClassifier(iterations=3, verbose=False, allow_writing_files=False).fit(x, y)
"""

KERAS = """
import keras
model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=3, verbose=0)
"""

LIGHTNING = """
import lightning, torch
class Module(lightning.LightningModule):
    def __init__(self, lr=0.1):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 1)
    def training_step(self, batch, _):
        loss = self.layer(batch[0]).pow(2).mean()
        self.log("train_loss", loss)
        return loss
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), self.hparams.lr)
data = torch.utils.data.DataLoader(
    torch.utils.data.TensorDataset(torch.tensor(x, dtype=torch.float32)), 50
)
trainer = lightning.Trainer(
    max_epochs=2, log_every_n_steps=1, enable_progress_bar=False, accelerator="cpu", logger=False
)
trainer.fit(Module(), data)
assert trainer.loggers == []
assert trainer.checkpoint_callback.dirpath == os.path.abspath("checkpoints")
assert not any("weft" in type(callback).__module__ for callback in trainer.callbacks)
"""

TRANSFORMERS = """
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
    output_dir="out", num_train_epochs=1, logging_steps=1, use_cpu=True,
    per_device_train_batch_size=8,
)
trainer = Trainer(BertForSequenceClassification(config), arguments, train_dataset=rows)
trainer.train()
assert not any("weft" in type(each).__module__ for each in trainer.callback_handler.callbacks)
"""

TORCH = """
import torch
layer = torch.nn.Linear(4, 1)
optimizer = torch.optim.Adam(
    [{"params": [layer.weight]}, {"params": [layer.bias], "lr": 0.5}], lr=0.01
)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 2)
with weft.init() as run:
    for i in range(6):
        layer(torch.tensor(x, dtype=torch.float32)).mean().backward()
        optimizer.step()
        schedule.step()
        run.log({"loss": 1.0})
"""


OUTCOME = """
import hashlib
print(hashlib.sha256(repr([
    search.best_params_, own.predict(x).tolist(), model.predict(x, verbose=0).tolist(),
]).encode()).hexdigest())
"""

SEEDS = """
import random
random.seed(0); np.random.seed(0)
import torch; torch.manual_seed(0)
"""


ALL = SEARCH + OWN_CLASS + BOOSTERS + KERAS + LIGHTNING + TRANSFORMERS


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The models of the trainings without weft, as a hash."""
    code = HEAD + SEEDS + ALL + OUTCOME
    return run_well(tmp_path_factory.mktemp("undisturbed"), code).stdout.split()[-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, undisturbed: str) -> Path:
    """The runs of all frameworks, of one process."""
    folder = tmp_path_factory.mktemp("autolog")
    script = run_well(folder, HEAD + "weft.autolog()\n" + SEEDS + ALL + OUTCOME + TORCH)
    assert script.stderr.count("autolog is on") == 1
    assert "logged nothing" not in script.stderr, script.stderr
    assert script.stdout.split()[-1] == undisturbed
    return folder


@pytest.fixture(scope="module")
def runs(folder: Path) -> list[Any]:
    """The runs, in the order in which they began."""
    return sorted(weft.Api(str(folder / "weft")).runs(), key=lambda run: run.created_at)


def test_each_outermost_fit_is_a_run(runs: list[Any]) -> None:
    estimators = [
        run.config.get("estimator_name", run.config.get("model_name", "")) for run in runs
    ]
    assert estimators == [
        "GridSearchCV", "Own", "", "XGBClassifier", "", "LGBMClassifier", "CatBoostClassifier",
        "Sequential", "", "", "",
    ]  # fmt: skip
    assert {run.state for run in runs} == {"finished"}


def test_a_search_logs_its_candidates(runs: list[Any]) -> None:
    search = runs[0]
    assert search.config["best_logisticregression__C"] in {1.0, 10.0}
    assert search.summary["n_candidates"] == 3
    assert 0.9 < search.summary["best_cv_score"] <= 1
    assert 0.9 < search.summary["training_f1_score"] <= 1
    assert "cv_results" in search.history_keys["keys"]


@pytest.mark.parametrize(
    ("number", "metric", "n_values"),
    [
        (2, "train-rmse", 3),
        (3, "validation_0-mlogloss", 3),
        (4, "training_l2", 3),
        (5, "training_multi_logloss", 3),
        (6, "learn-MultiClass", 3),
        (7, "epoch/accuracy", 3),
        (8, "train_loss", 6),
        (9, "train/loss", 4),
        (10, "loss", 6),
    ],
)
def test_metrics_of_a_training(runs: list[Any], number: int, metric: str, n_values: int) -> None:
    values = [row[metric] for row in runs[number].scan_history() if metric in row]
    assert len(values) == n_values


def test_models_are_artifacts(runs: list[Any]) -> None:
    files = [
        [file.name for version in run.logged_artifacts() if version.type == "model"
         for file in version.files()]
        for run in runs
    ]  # fmt: skip
    assert files[:8] == [
        ["model.joblib"], ["model.joblib"], ["model.ubj"], ["model.joblib"], ["model.txt"],
        ["model.joblib"], ["model"], ["model.keras"],
    ]  # fmt: skip
    assert files[8] == ["epoch=1-step=6.ckpt"]
    assert "model/model.safetensors" in files[9] or "model.safetensors" in files[9]
    assert files[10] == []


def test_learning_rates_are_logged_when_they_change(runs: list[Any]) -> None:
    rows = list(runs[10].scan_history())
    assert [row.get("lr-Adam/pg1") for row in rows] == pytest.approx(
        [0.01, None, 0.001, None, 0.0001, None]
    )
    assert [row.get("lr-Adam/pg2") for row in rows][:3] == pytest.approx([0.5, None, 0.05])


def test_a_fit_logs_to_the_active_run(tmp_path: Path) -> None:
    code = (
        HEAD
        + """
from sklearn.linear_model import LogisticRegression
weft.autolog(log_models=False)
with weft.init(project="own", config={"C": "mine"}) as run:
    LogisticRegression().fit(x, y)
    assert run.config["C"] == "mine" and run.config["estimator_name"] == "LogisticRegression"
    assert "training_score" in run.summary
weft.autolog(exclusive=True, silent=True)
with weft.init(project="own") as run:
    LogisticRegression().fit(x, y)
    assert not dict(run.config)
"""
    )
    assert "metrics;" in run_well(tmp_path, code).stderr


def test_disabling_takes_everything_off(tmp_path: Path) -> None:
    code = (
        HEAD
        + """
import xgboost, lightgbm, catboost, keras, torch
import lightning.pytorch.trainer.trainer as lightning_trainer
import transformers.trainer
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
def attributes():
    return [
        vars(holder).get(name) for holder, name in (
            (BaseEstimator, "__init_subclass__"), (LogisticRegression, "fit"),
            (xgboost, "train"), (xgboost.training, "train"), (xgboost.sklearn, "train"),
            (lightgbm, "train"), (catboost.CatBoostClassifier, "fit"), (keras.Model, "fit"),
            (lightning_trainer.Trainer, "fit"), (transformers.trainer.Trainer, "train"),
        )
    ]
before = attributes()
finders = list(sys.meta_path)
weft.autolog()
train = xgboost.train
assert all(old is not new for old, new in zip(before, attributes()))
weft.autolog(disable=True)
assert all(old is new for old, new in zip(before, attributes()))
assert sys.meta_path == finders
assert not sys.modules["torch.optim.optimizer"]._global_optimizer_post_hooks
LogisticRegression().fit(x, y)
train({}, xgboost.DMatrix(x, y), 2)
assert weft.run is None and not os.path.exists("weft")
"""
    )
    run_well(tmp_path, code)


BROKEN = """
import weft.sdk.run
class Broken(RuntimeError):
    pass
def broken(*arguments, **options):
    raise Broken("no log can be written")
if os.environ["BREAK"] == "init":
    weft.init = broken
else:
    run = weft.init(project="broken")
    for name in vars(weft.sdk.run.Run.__mro__[1]) | vars(weft.sdk.run.Run):
        if not name.startswith("_"):
            setattr(weft.sdk.run.Run, name, property(broken))
    for name in ("log", "define_metric", "Artifact", "Table", "termwarn", "log_artifact", "plot"):
        setattr(weft, name, broken)
"""


@pytest.mark.parametrize("fault", ["init", "run"])
def test_no_fault_of_the_client_changes_a_training(
    tmp_path: Path, undisturbed: str, fault: str
) -> None:
    code = HEAD + "weft.autolog()\n" + BROKEN + SEEDS + ALL + OUTCOME
    script = run_well(tmp_path, code, BREAK=fault)
    assert script.stdout.split()[-1] == undisturbed


def test_a_full_disk_stops_no_training(tmp_path: Path, undisturbed: str) -> None:
    # No file may grow beyond 4 KiB: each write beyond fails, as on a full disk.
    limit = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
weft.autolog()
weft.init(project="full")
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
"""
    code = HEAD + limit + SEEDS + SEARCH + OWN_CLASS + KERAS + OUTCOME
    script = run_well(tmp_path, code)
    assert script.stdout.split()[-1] == undisturbed


def test_a_model_that_is_too_large_is_refused_with_the_limit(tmp_path: Path) -> None:
    code = (
        HEAD
        + """
from sklearn.neighbors import KNeighborsClassifier
import weft.integrations.sizes as sizes
sizes.MAX_BYTES = 1000
weft.autolog()
KNeighborsClassifier().fit(x, y)
"""
    )
    script = run_well(tmp_path, code)
    assert "the model is larger than 1.0 kB" in script.stderr
    assert "weft.log_model()" in script.stderr


def test_arguments_are_checked() -> None:
    with pytest.raises(weft.UsageError, match="log_models of autolog"):
        weft.autolog(log_models="all")  # type: ignore[arg-type]
