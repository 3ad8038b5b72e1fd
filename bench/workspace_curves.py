"""The curves that workspaces are measured with, the same for weft and its peers. Only numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPIKE = 5.0
"""Added to one step of each curve, far beyond its noise."""


def run_id(number: int) -> str:
    return f"seed{number:04}"


def curves(number: int, n_runs: int, n_keys: int, n_rows: int) -> NDArray[np.float64]:
    """A run's values: `float64[n_rows, n_keys]`, noise on a falling curve, one spike in each."""
    rng = np.random.default_rng(number)
    level = np.exp(-np.arange(n_rows) / n_rows * 3)[:, None] * (1 + number / n_runs)
    values = level + rng.standard_normal((n_rows, n_keys)) * 0.05
    values[spike_steps(number, n_keys, n_rows), np.arange(n_keys)] += SPIKE
    return values


def spike_steps(number: int, n_keys: int, n_rows: int) -> NDArray[np.int64]:
    """Where each curve of a run has its spike: `int64[n_keys]`."""
    return np.random.default_rng(10_000 + number).integers(0, n_rows, n_keys)
