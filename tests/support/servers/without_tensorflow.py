"""Hides TensorFlow from a process: TensorBoard imports it where it is installed, next to which
PyTorch's import of Triton crashes the interpreter."""

import sys

vars(sys)["modules"]["tensorflow"] = None
