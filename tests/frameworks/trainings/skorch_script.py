"""skorch's `WandbLogger`: the history of each epoch, with `watch`."""

import torch
import wandb
from sklearn.datasets import load_iris
from skorch import NeuralNetClassifier
from skorch.callbacks import WandbLogger

torch.manual_seed(0)
features, labels = load_iris(return_X_y=True)
run = wandb.init(project="tests")
network = NeuralNetClassifier(
    torch.nn.Linear(4, 3), criterion=torch.nn.CrossEntropyLoss, lr=0.1, max_epochs=3,
    callbacks=[WandbLogger(run)], verbose=0,
)  # fmt: skip
network.fit(features.astype("float32"), labels)
wandb.finish()
