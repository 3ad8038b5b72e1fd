"""The integration of keras, by W&B's names."""

from weft.integrations.keras import WandbEvalCallback, WandbMetricsLogger, WandbModelCheckpoint

__all__ = ["WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"]
