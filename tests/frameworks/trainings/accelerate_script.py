"""Accelerate's tracker, with values of a small training."""

import torch
from accelerate import Accelerator
from sklearn.datasets import load_iris

torch.manual_seed(0)
features, labels = load_iris(return_X_y=True)
rows = torch.utils.data.TensorDataset(torch.tensor(features).float(), torch.tensor(labels))
accelerator = Accelerator(log_with="wandb", cpu=True)
accelerator.init_trackers("tests", config={"lr": 0.1})
model = torch.nn.Linear(4, 3)
model, optimizer, loader = accelerator.prepare(
    model, torch.optim.SGD(model.parameters(), 0.1), torch.utils.data.DataLoader(rows, 30)
)
for step, (batch, target) in enumerate(loader):
    loss = torch.nn.functional.cross_entropy(model(batch), target)
    accelerator.backward(loss)
    optimizer.step()
    optimizer.zero_grad()
    accelerator.log({"loss": loss.item()}, step=step)
accelerator.end_training()
