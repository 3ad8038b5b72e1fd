"""The profiler of PyTorch, by W&B's names."""

from weft.integrations.torch import trace_handler as torch_trace_handler

__all__ = ["torch_trace_handler"]
