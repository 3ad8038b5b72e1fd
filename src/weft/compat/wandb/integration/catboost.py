"""The integration of catboost, by W&B's names."""

from weft.integrations.catboost import WandbCallback, log_summary

__all__ = ["WandbCallback", "log_summary"]
