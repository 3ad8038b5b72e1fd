"""Lightning's `WandbLogger`: metrics, media, `watch`, and each checkpoint as an artifact."""

import lightning
import numpy as np
import torch
import wandb
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import WandbLogger
from sklearn.datasets import load_digits


class Digits(lightning.LightningModule):
    def __init__(self, rate: float = 0.1) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(64, 10)

    def training_step(self, batch, _):
        loss = torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1])
        self.log("train/loss", loss, on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch, _):
        self.log("loss", torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1]))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), self.hparams.rate)


torch.manual_seed(0)
images, labels = load_digits(return_X_y=True)
rows = torch.utils.data.TensorDataset(
    torch.tensor(images[:256] / 16).float(), torch.tensor(labels[:256])
)
loader = torch.utils.data.DataLoader(rows, 64)
logger = WandbLogger(project="tests", log_model="all", checkpoint_name="digits")
model = Digits()
logger.watch(model, log="all", log_freq=2)
lightning.Trainer(
    max_epochs=3, accelerator="cpu", logger=logger, log_every_n_steps=1,
    callbacks=[ModelCheckpoint("checkpoints", monitor="loss", save_top_k=2)],
    enable_progress_bar=False, enable_model_summary=False,
).fit(model, loader, loader)  # fmt: skip
logger.log_image("digits", list(images[:2].reshape(2, 8, 8)), caption=["a", "b"])
logger.log_table("predictions", columns=["row", "label"], data=[[0, 1], [1, 0]])
logger.log_text("notes", columns=["text"], data=[["first"], ["second"]])
logger.log_audio("tone", [np.sin(np.arange(800) / 4)], sample_rate=[8000])
wandb.finish()
