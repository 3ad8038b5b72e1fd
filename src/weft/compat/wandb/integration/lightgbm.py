"""The integration of lightgbm, by W&B's names."""

from weft.integrations.lightgbm import log_summary, wandb_callback

__all__ = ["log_summary", "wandb_callback"]
