"""CatBoost's callback of W&B, and its summary with the model."""

import catboost
import wandb
from sklearn.datasets import load_diabetes
from wandb.integration.catboost import WandbCallback, log_summary

wandb.init(project="tests")
model = catboost.CatBoostRegressor(iterations=5, verbose=False, thread_count=1)
model.fit(*load_diabetes(return_X_y=True), callbacks=[WandbCallback()])
log_summary(model, save_model_checkpoint=True)
wandb.finish()
