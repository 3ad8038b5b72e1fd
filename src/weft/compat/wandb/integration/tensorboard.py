"""The integration of TensorBoard, by W&B's names."""

from weft.integrations.tensorboard import log, patch, unpatch

_log = log

__all__ = ["log", "patch", "unpatch"]
