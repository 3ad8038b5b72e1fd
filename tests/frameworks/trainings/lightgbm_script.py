"""LightGBM's callback of W&B, and its summary with the model."""

import lightgbm
import wandb
from sklearn.datasets import load_diabetes
from wandb.integration.lightgbm import log_summary, wandb_callback

wandb.init(project="tests")
data = lightgbm.Dataset(*load_diabetes(return_X_y=True))
options = {"verbosity": -1, "metric": "l2", "num_threads": 1}
booster = lightgbm.train(options, data, 5, valid_sets=[data], callbacks=[wandb_callback()])
log_summary(booster, save_model_checkpoint=True)
wandb.finish()
