"""The images of `run_page.py`, the same for all trackers; needs NumPy only."""

from __future__ import annotations

from typing import Any

import numpy as np


def picture(chance: Any) -> Any:
    """64x64 pixels of 8x8 squares, each of a color."""
    squares = chance.integers(0, 255, (8, 8, 3), np.uint8)
    return squares.repeat(8, 0).repeat(8, 1)
