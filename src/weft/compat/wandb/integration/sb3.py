"""The integration of sb3, by W&B's names."""

from weft.integrations.sb3 import WeftCallback as WandbCallback

__all__ = ["WandbCallback"]
