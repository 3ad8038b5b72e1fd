"""Messages on stderr: of the sidecar and its children, which get into `logs/sidecar.log`, and of
`weft sync`.
"""

from __future__ import annotations

import sys
import time


def tell(message: str) -> None:
    """Write a line with the present time."""
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {message}\n")
    sys.stderr.flush()


def say(message: str) -> None:
    """Write a line for the user of a command."""
    sys.stderr.write(f"weft: {message}\n")
    sys.stderr.flush()
