"""Optuna's callback for W&B, each trial a run.

The trials log nothing by themselves: the callback logs at the trial's number as the step, and
W&B's client drops a row whose step has passed.
"""

import os

import optuna
from optuna_integration import WeightsAndBiasesCallback
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

logger = WeightsAndBiasesCallback(
    metric_name="accuracy", as_multirun=True,
    wandb_kwargs={"project": "tests", "group": os.environ["WANDB_RUN_GROUP"]},
)  # fmt: skip


@logger.track_in_wandb()
def objective(trial: optuna.Trial) -> float:
    rate = trial.suggest_float("rate", 0.01, 1)
    model = LogisticRegression(C=rate, max_iter=200).fit(*load_iris(return_X_y=True))
    return float(model.score(*load_iris(return_X_y=True)))


sampler = optuna.samplers.RandomSampler(seed=0)
optuna.create_study(sampler=sampler).optimize(objective, n_trials=3, callbacks=[logger])
