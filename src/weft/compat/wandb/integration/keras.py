"""The integration of keras, by W&B's names."""

from weft.integrations.keras import EvalCallback as WandbEvalCallback
from weft.integrations.keras import MetricsLogger as WandbMetricsLogger
from weft.integrations.keras import ModelCheckpoint as WandbModelCheckpoint

__all__ = ["WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"]
