"""Messages of the sidecar and its children, in `logs/sidecar.log`. Writes to stderr."""

from __future__ import annotations

import sys
import time


def tell(message: str) -> None:
    """Write a line with the present time."""
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {message}\n")
    sys.stderr.flush()
