"""Ignite's `WandBLogger`, which logs the metrics of an evaluation and the optimizer's rate."""

import torch
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.handlers.wandb_logger import (
    OptimizerParamsHandler,
    WandBLogger,
    global_step_from_engine,
)
from ignite.metrics import Accuracy, Loss
from sklearn.datasets import load_iris

torch.manual_seed(0)
features, labels = load_iris(return_X_y=True)
rows = torch.utils.data.TensorDataset(torch.tensor(features).float(), torch.tensor(labels))
loader = torch.utils.data.DataLoader(rows, 30)
model, loss = torch.nn.Linear(4, 3), torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), 0.1)
trainer = create_supervised_trainer(model, optimizer, loss)
evaluator = create_supervised_evaluator(model, {"accuracy": Accuracy(), "loss": Loss(loss)})
logger = WandBLogger(project="tests", config={"lr": 0.1})
logger.attach_output_handler(
    trainer, Events.ITERATION_COMPLETED, tag="training", output_transform=lambda x: {"loss": x}
)
logger.attach(trainer, OptimizerParamsHandler(optimizer), Events.ITERATION_STARTED)
logger.attach_output_handler(
    evaluator, Events.EPOCH_COMPLETED, tag="validation", metric_names=["accuracy", "loss"],
    global_step_transform=global_step_from_engine(trainer, Events.ITERATION_COMPLETED),
)  # fmt: skip
trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: evaluator.run(loader))
trainer.run(loader, 2)
logger.close()
