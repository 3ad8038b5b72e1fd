"""fastai's `WandbCallback`: metrics and hyperparameters, the model as an artifact."""

import torch
import wandb
from fastai.callback.tracker import SaveModelCallback
from fastai.callback.wandb import WandbCallback
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.metrics import accuracy
from sklearn.datasets import load_iris

torch.manual_seed(0)
features, labels = load_iris(return_X_y=True)
rows = torch.utils.data.TensorDataset(torch.tensor(features).float(), torch.tensor(labels))
loaders = DataLoaders.from_dsets(rows, rows, bs=30, device="cpu")
wandb.init(project="tests")
learner = Learner(
    loaders, torch.nn.Linear(4, 3), loss_func=torch.nn.CrossEntropyLoss(), metrics=accuracy,
    cbs=[SaveModelCallback(), WandbCallback(log_preds=False, log_model=True)],
)  # fmt: skip
with learner.no_bar(), learner.no_logging():
    learner.fit(2, 0.1)
wandb.finish()
