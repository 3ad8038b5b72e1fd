"""XGBoost's callback of W&B: metrics, the config, importances, the model."""

import wandb
import xgboost
from sklearn.datasets import load_diabetes
from wandb.integration.xgboost import WandbCallback

wandb.init(project="tests")
data = xgboost.DMatrix(*load_diabetes(return_X_y=True))
xgboost.train(
    {"verbosity": 0, "nthread": 1}, data, 5, evals=[(data, "train")], verbose_eval=False,
    callbacks=[WandbCallback(log_model=True)],
)  # fmt: skip
wandb.finish()
