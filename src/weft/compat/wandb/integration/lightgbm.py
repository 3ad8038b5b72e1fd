"""The integration of lightgbm, by W&B's names."""

from weft.integrations.lightgbm import WeftCallback as wandb_callback
from weft.integrations.lightgbm import log_summary

__all__ = ["log_summary", "wandb_callback"]
