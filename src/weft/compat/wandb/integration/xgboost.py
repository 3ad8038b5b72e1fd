"""The integration of xgboost, by W&B's names."""

from weft.integrations.xgboost import WandbCallback

__all__ = ["WandbCallback"]
