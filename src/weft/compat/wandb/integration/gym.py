"""The integration of Gymnasium, by W&B's names."""

from weft.integrations.gymnasium import monitor

__all__ = ["monitor"]
