"""The logger of Lightning's Fabric: Lightning's own logger for W&B, which serves both."""

from lightning.pytorch.loggers import WandbLogger

__all__ = ["WandbLogger"]
