"""The integration of catboost, by W&B's names."""

from weft.integrations.catboost import WeftCallback as WandbCallback
from weft.integrations.catboost import log_summary

__all__ = ["WandbCallback", "log_summary"]
